using EksNode.Host.Systemd;

namespace EksNode.Host.Boot;

/// <summary>Asks systemd when the phases of the machine began: properties of its manager (org.freedesktop.systemd1(5)).</summary>
public static class BootTimes
{
    private const string ManagerInterface = "org.freedesktop.systemd1.Manager";

    private static readonly TimeSpan timeout = TimeSpan.FromSeconds(10);

    /// <summary>Asks.</summary>
    /// <param name="systemd">The service manager.</param>
    /// <param name="cancellation">The caller gave up.</param>
    /// <exception cref="EksNode.Configuration.Text.DiagnosticException">systemd does not answer.</exception>
    public static async Task<MachineTimes> ReadAsync(SystemdManager systemd, CancellationToken cancellation) => new(
        await TimeAsync(systemd, "FirmwareTimestampMonotonic", cancellation).ConfigureAwait(false),
        await TimeAsync(systemd, "LoaderTimestampMonotonic", cancellation).ConfigureAwait(false),
        await TimeAsync(systemd, "InitRDTimestampMonotonic", cancellation).ConfigureAwait(false),
        await TimeAsync(systemd, "UserspaceTimestampMonotonic", cancellation).ConfigureAwait(false),
        await TimeAsync(systemd, "FinishTimestampMonotonic", cancellation).ConfigureAwait(false));

    private static async Task<long> TimeAsync(SystemdManager systemd, string property, CancellationToken cancellation)
    {
        var connection = systemd.Connection;
        var call = new DBusCall(
            connection.IsBus ? "org.freedesktop.systemd1" : null,
            "/org/freedesktop/systemd1",
            "org.freedesktop.DBus.Properties",
            "Get",
            new DBusBody().String(ManagerInterface).String(property),
            property);
        var reply = await connection.CallAsync(call, timeout, cancellation).ConfigureAwait(false);
        return connection.Read(reply, call.ToString(), "v", static (ref DBusReader reader) => reader.Variant() is { Value: ulong time } ? (long)time : 0);
    }
}
