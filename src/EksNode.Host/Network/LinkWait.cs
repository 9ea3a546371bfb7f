using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using EksNode.Planning.Network;

namespace EksNode.Host.Network;

/// <summary>What the network of the host waits for.</summary>
/// <param name="Required">The interfaces that must be configured: the primary one and those that are systemd-networkd's.</param>
public sealed record LinkWaitRequest(ImmutableArray<string> Required)
{
    /// <summary>How long the network may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);
}

/// <summary>
/// Waits until systemd-networkd has configured what is the host's and left alone what is not. It reads the files in which systemd-networkd
/// keeps the state of the links, and runs no program.
/// </summary>
/// <param name="root">The root of the machine.</param>
/// <param name="clock">The clock.</param>
/// <param name="log">Where progress is written.</param>
public sealed class LinkWait(HostRoot root, TimeProvider clock, ILog log)
{
    // What networkd does takes milliseconds when the leases are there: half of this is what a node loses at most.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits.</summary>
    /// <param name="request">What for and how long.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>How long it took.</returns>
    /// <exception cref="DiagnosticException">The time is over; it names every interface that is not ready, and its state.</exception>
    public async Task<TimeSpan> RunAsync(LinkWaitRequest request, CancellationToken cancellation)
    {
        var interfaces = new NetworkInterfaces(root);
        var began = clock.GetTimestamp();
        var told = "";
        while (true)
        {
            var unready = LinkReadiness.Unready(
                interfaces.States(), request.Required, root.Status(InterfaceFiles.DefaultSwitchedOff) is not null);
            var elapsed = clock.GetElapsedTime(began);
            if (unready.IsEmpty)
            {
                return elapsed;
            }

            var reasons = string.Join(", ", unready.Select(l => $"{l.Name} {l.Problem}"));
            if (elapsed >= request.Timeout)
            {
                throw TimedOut(request.Timeout, reasons);
            }

            if (reasons != told)
            {
                log.Write(LogLevel.Info, "waiting for the network", ("links", reasons));
                told = reasons;
            }

            var left = request.Timeout - elapsed;
            await Task.Delay(left < Pause ? left : Pause, clock, cancellation).ConfigureAwait(false);
        }
    }

    private DiagnosticException TimedOut(TimeSpan timeout, string reasons)
    {
        var running = root.Status(NetworkInterfaces.ManagerState) is not null;
        return new DiagnosticException(
            DiagnosticCatalogue.NetworkNotReady,
            string.Create(CultureInfo.InvariantCulture, $"The network was not ready after {timeout.TotalSeconds:0.###} s: {reasons}."),
            running
                ? "Look at `networkctl status` and at the journal of systemd-networkd.service and of eksnode-network@*.service."
                : $"systemd-networkd has not written {NetworkInterfaces.ManagerState}: look whether systemd-networkd.service is enabled and running.");
    }
}
