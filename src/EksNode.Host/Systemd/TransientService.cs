using System.Collections.Immutable;

namespace EksNode.Host.Systemd;

/// <summary>
/// A service without a unit file, which runs a program once (systemd-run(1) does the same; org.freedesktop.systemd1(5), StartTransientUnit). It
/// needs nothing else to be started: it may run before sysinit.target is reached, while a unit that the boot waits for waits for it.
/// </summary>
public sealed class TransientService
{
    /// <summary>How long what is left of it may take to end by itself before it is killed.</summary>
    public static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The name, with its suffix.</summary>
    public required string Unit { get; init; }

    /// <summary>What it is, for people.</summary>
    public required string Description { get; init; }

    /// <summary>The absolute path of the program and its arguments.</summary>
    public required ImmutableArray<string> Command { get; init; }

    /// <summary>Variables as <c>NAME=value</c>, beside those that systemd gives to every service.</summary>
    public ImmutableArray<string> Environment { get; init; } = [];

    /// <summary>After this time its whole control group is killed.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>The absolute path of what takes both of its outputs: a named pipe that somebody reads. Null: the journal.</summary>
    public string? Output { get; init; }

    /// <summary>Writes the properties as an array of <c>(sv)</c>.</summary>
    internal void WriteProperties(DBusBody body)
    {
        Text(body, "Description", Description);
        Text(body, "Type", "oneshot");
        Boolean(body, "DefaultDependencies", false);
        Texts(body, "Conflicts", ["shutdown.target"]);
        Texts(body, "Before", ["shutdown.target"]);
        Text(body, "WorkingDirectory", "/");
        Texts(body, "Environment", Environment);
        Number(body, "TimeoutStartUSec", (ulong)Timeout.TotalMicroseconds);
        Number(body, "TimeoutStopUSec", (ulong)StopTimeout.TotalMicroseconds);
        if (Output is not null)
        {
            // Standard error goes where standard output goes.
            Text(body, "StandardOutputFile", Output);
            Text(body, "StandardErrorFile", Output);
        }

        Begin(body, "ExecStart", "a(sasb)");
        body.WriteArray(inner =>
        {
            inner.WriteText(Command[0]);
            inner.WriteTexts(Command.Select(word => word.Replace("$", "$$", StringComparison.Ordinal))); // systemd.service(5): else a variable
            inner.WriteUInt32(0); // a failure counts
        });
    }

    private static void Begin(DBusBody body, string name, string signature)
    {
        body.Align(8);
        body.WriteText(name);
        body.WriteSignature(signature);
    }

    private static void Text(DBusBody body, string name, string value)
    {
        Begin(body, name, "s");
        body.WriteText(value);
    }

    private static void Boolean(DBusBody body, string name, bool value)
    {
        Begin(body, name, "b");
        body.WriteUInt32(value ? 1u : 0u);
    }

    private static void Number(DBusBody body, string name, ulong value)
    {
        Begin(body, name, "t");
        body.WriteUInt64(value);
    }

    private static void Texts(DBusBody body, string name, ImmutableArray<string> values)
    {
        Begin(body, name, "as");
        body.WriteTexts(values);
    }
}
