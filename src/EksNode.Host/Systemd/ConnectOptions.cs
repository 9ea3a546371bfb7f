namespace EksNode.Host.Systemd;

/// <summary>How to connect to systemd, and how long it may take for what.</summary>
public sealed record ConnectOptions
{
    /// <summary>
    /// Whether systemd's private socket comes first. It is there from the first moment of a boot, while a call to the system bus before
    /// sysinit.target waits for a bus that is started later.
    /// </summary>
    public bool PreferPrivate { get; init; }

    /// <summary>The address of the bus; null: <c>$DBUS_SYSTEM_BUS_ADDRESS</c>. Where either is set, nothing else is tried.</summary>
    public string? BusAddress { get; init; }

    /// <summary>The usual socket of the bus.</summary>
    public string SystemBusSocket { get; init; } = DBusConnection.SystemBusSocket;

    /// <summary>The private socket of systemd, which root can connect to (manager_setup_private_listen of systemd).</summary>
    public string PrivateSocket { get; init; } = "/run/systemd/private";

    /// <summary>How long a connection may take, the first answers included. The bus may just be starting.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the answer to a call may take. The default of D-Bus libraries is 25 s.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a daemon-reload may take: it runs all generators, with a limit of systemd's own of 90 s.</summary>
    public TimeSpan ReloadTimeout { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>How long a job may stay in the queue. The caller's token usually ends the wait before.</summary>
    public TimeSpan JobTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How often a job that is waited for is looked for in the queue, in case that the signal of its end is lost.</summary>
    public TimeSpan JobPoll { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock of all deadlines.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
