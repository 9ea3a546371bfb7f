using EksNode.Configuration.Text;
using EksNode.Host.Boot;

namespace EksNode.Joining;

/// <summary>
/// The first step of a start: cloud-init grows the root disk and runs the user's own scripts, and a node starts after both. It
/// takes no lock, so that these scripts may run eksnode.
/// </summary>
public static class WaitForCloudInit
{
    /// <summary>Waits for the stages of cloud-init that matter.</summary>
    /// <param name="context">The join.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="DiagnosticException">A deadline passed.</exception>
    public static Task RunAsync(JoinContext context, CancellationToken cancellation)
    {
        var run = context.Run;
        if (CloudInitFiles.OwnUnit(context.Pipeline.Root) is { } unit)
        {
            run.Diagnostics.Report(
                DiagnosticCatalogue.BootWithinCloudInit,
                $"The node is started by a script of cloud-init ({unit}), so that what comes after that script does not count for it.",
                "Leave the start to eksnode-start.service, which waits for the scripts in user data.",
                path: unit);
            return Task.CompletedTask;
        }

        var wait = new CloudInitWait(context.Systemd, run.Log, context.Io.Clock, run.Timeline, run.Diagnostics, new CloudInitDeadlines());
        return wait.RunAsync(() => CloudInitFiles.Work(context.Pipeline.Root), BootUnit.Of(context.Io), cancellation);
    }
}
