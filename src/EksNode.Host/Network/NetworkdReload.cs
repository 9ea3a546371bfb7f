using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using EksNode.Host.Systemd;

namespace EksNode.Host.Network;

/// <summary>What came of asking systemd-networkd to read its files again.</summary>
public enum ReloadOutcome
{
    /// <summary>It has read them.</summary>
    Reloaded,

    /// <summary>It does not run, and reads them when it starts.</summary>
    NotRunning,
}

/// <summary>
/// Makes systemd-networkd read its files again, over D-Bus. It sets up only the links whose files have changed.
/// </summary>
/// <remarks>org.freedesktop.network1(5), <c>Reload()</c>.</remarks>
/// <param name="root">The root of the machine.</param>
/// <param name="clock">The clock.</param>
/// <param name="log">Where progress is written.</param>
/// <param name="busAddress">The address of the system bus; null: the usual one.</param>
public sealed class NetworkdReload(HostRoot root, TimeProvider clock, ILog log, string? busAddress = null)
{
    private const string Networkd = "org.freedesktop.network1";
    private const string BusName = "org.freedesktop.DBus";

    // systemd-networkd starts before the bus does. It is there, and cannot be told, for as long as the rest of sysinit.target takes.
    private static readonly TimeSpan BusDeadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Asks it, if it has been started since the machine booted.</summary>
    /// <param name="cancellation">The caller gave up.</param>
    /// <exception cref="DiagnosticException">It runs, and did not do it.</exception>
    public async Task<ReloadOutcome> RunAsync(CancellationToken cancellation)
    {
        // Without this file nothing has been read yet. It stays when the service stops.
        if (root.Status(NetworkInterfaces.ManagerState) is null)
        {
            return ReloadOutcome.NotRunning;
        }

        var began = clock.GetTimestamp();
        for (var told = false; ; told = true)
        {
            var (outcome, why) = await TryAsync(cancellation).ConfigureAwait(false);
            if (outcome is { } known)
            {
                return known;
            }

            if (clock.GetElapsedTime(began) > BusDeadline)
            {
                throw new DiagnosticException(
                    DiagnosticCatalogue.NetworkdNotReloaded,
                    $"systemd-networkd was not told to read its files again: {why.TrimEnd('.')}.",
                    "Look at `systemctl status dbus.service systemd-networkd.service`, and run `networkctl reload`.");
            }

            if (!told)
            {
                log.Write(LogLevel.Info, "waiting for the system bus, to tell systemd-networkd of its new files", ("reason", why));
            }

            await Task.Delay(Pause, clock, cancellation).ConfigureAwait(false);
        }
    }

    // Null: not yet, and why.
    private async Task<(ReloadOutcome? Outcome, string Why)> TryAsync(CancellationToken cancellation)
    {
        try
        {
            var bus = busAddress is null
                ? await DBusConnection.ConnectSystemBusAsync(CallTimeout, cancellation, clock).ConfigureAwait(false)
                : await DBusConnection.ConnectAsync(busAddress, "the bus", isBus: true, CallTimeout, cancellation, clock).ConfigureAwait(false);
            await using (bus.ConfigureAwait(false))
            {
                if (!await IsOnBusAsync(bus, cancellation).ConfigureAwait(false))
                {
                    // It may be about to come: it connects once the bus is there. What does not run will read the files by itself.
                    return await IsActiveAsync(cancellation).ConfigureAwait(false)
                        ? (null, "it is not on the system bus yet")
                        : (ReloadOutcome.NotRunning, "");
                }

                await bus.CallAsync(new DBusCall(Networkd, "/org/freedesktop/network1", Networkd + ".Manager", "Reload"), CallTimeout, cancellation)
                    .ConfigureAwait(false);
                return (ReloadOutcome.Reloaded, "");
            }
        }
        catch (DBusErrorException refused)
        {
            return (null, refused.Message);
        }
        catch (DiagnosticException failure)
        {
            return (null, failure.Diagnostic.Message);
        }
    }

    private static async Task<bool> IsOnBusAsync(DBusConnection bus, CancellationToken cancellation)
    {
        var call = new DBusCall(BusName, "/org/freedesktop/DBus", BusName, "NameHasOwner", new DBusBody().String(Networkd));
        var answer = await bus.CallAsync(call, CallTimeout, cancellation).ConfigureAwait(false);
        return bus.Read(answer, call.Member, "b", static (ref DBusReader reader) => reader.Boolean());
    }

    private async Task<bool> IsActiveAsync(CancellationToken cancellation)
    {
        try
        {
            var systemd = await SystemdManager.ConnectAsync(new ConnectOptions { PreferPrivate = true, Clock = clock }, cancellation).ConfigureAwait(false);
            await using (systemd.ConfigureAwait(false))
            {
                var status = await systemd.StatusAsync("systemd-networkd.service", cancellation).ConfigureAwait(false);
                return status.ActiveState is "active" or "activating" or "reloading";
            }
        }
        catch (DiagnosticException failure)
        {
            log.Write(LogLevel.Debug, "systemd does not say whether systemd-networkd runs", ("reason", failure.Diagnostic.Message));
            return false;
        }
    }
}
