using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using EksNode.Host.Systemd;
using EksNode.Planning.Sysconfig;

namespace EksNode.Host.Services;

/// <summary>Stops what a join starts, in the opposite order. Containers are no services: those that run go on without it.</summary>
/// <param name="manager">The service manager.</param>
/// <param name="log">Where each step is told.</param>
/// <param name="clock">The clock of the deadlines.</param>
public sealed class ServiceStopper(IServiceManager manager, ILog log, TimeProvider clock)
{
    /// <summary>The services that a join starts, in the order in which they are stopped.</summary>
    /// <param name="state">What eksnode remembers of the host.</param>
    public static ImmutableArray<string> UnitsOf(AppliedState state)
    {
        List<string> units = [];
        if (state.Files.ContainsKey(PrefetchComponent.Path))
        {
            units.Add(PrefetchComponent.Unit);
        }

        units.Add(ServiceUnits.Kubelet);
        units.Add(ServiceUnits.Containerd);
        if (ServiceUnits.HasSnapshotter(state))
        {
            units.Add(ServiceUnits.SociSnapshotter);
        }

        return units.ToImmutable();
    }

    /// <summary>Stops those that are not stopped.</summary>
    /// <param name="units">The units.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What was stopped.</returns>
    /// <exception cref="DiagnosticException">One does not stop.</exception>
    public async Task<ImmutableArray<string>> StopAsync(ImmutableArray<string> units, CancellationToken cancellation)
    {
        var stopped = new List<string>();
        foreach (var unit in units)
        {
            var status = await manager.StatusAsync(unit, cancellation).ConfigureAwait(false);
            if (!status.IsLoaded || status.ActiveState is "inactive" or "failed")
            {
                await ForgetAsync(unit, status, cancellation).ConfigureAwait(false);
                continue;
            }

            log.Write(LogLevel.Info, "stopping a service", ("unit", unit));
            var result = await BoundedStop.StopAsync(manager, unit, clock, cancellation).ConfigureAwait(false);
            if (result != "done")
            {
                throw new DiagnosticException(
                    DiagnosticCatalogue.ResetNotStopped,
                    $"{unit} did not stop: the job ended with {result}. No file was undone.",
                    $"See `journalctl -u {unit}`, stop it and reset again.");
            }

            stopped.Add(unit);
            await ForgetAsync(unit, await manager.StatusAsync(unit, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        }

        return stopped.ToImmutable();
    }

    // A pull that failed, or that was ended in its middle, is a failed unit, which systemd would list for ever: its file goes with the reset.
    private Task ForgetAsync(string unit, UnitStatus status, CancellationToken cancellation) =>
        unit == PrefetchComponent.Unit && status.ActiveState == "failed" ? manager.ResetFailedAsync(unit, cancellation) : Task.CompletedTask;

    /// <summary>How many pods still run: each has a shim of containerd, which outlives it.</summary>
    /// <param name="root">The machine.</param>
    public static int RunningPods(HostRoot root)
    {
        var count = 0;
        foreach (var name in root.List("/proc") ?? [])
        {
            if (char.IsAsciiDigit(name[0]) && Comm(root, name) is { } comm && comm.StartsWith("containerd-shim", StringComparison.Ordinal))
            {
                count++;
            }
        }

        return count;
    }

    // A process may end while it is looked at.
    private static string? Comm(HostRoot root, string process)
    {
        try
        {
            return root.ReadFile($"/proc/{process}/comm") is { } bytes ? Encoding.UTF8.GetString(bytes) : null;
        }
        catch (DiagnosticException)
        {
            return null;
        }
    }
}
