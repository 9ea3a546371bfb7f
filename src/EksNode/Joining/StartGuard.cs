using EksNode.Commands;
using EksNode.Configuration.Text;
using EksNode.Host.Systemd;

namespace EksNode.Joining;

/// <summary>Finds out whether a join can start services at all, before it changes anything.</summary>
internal static class StartGuard
{
    /// <summary>Whether the stages make sense on this root and for this user; reports why not.</summary>
    public static bool Allows(JoinStages stages, CommandRun run, NodePipeline pipeline)
    {
        if (stages == 0)
        {
            run.Diagnostics.Report(
                DiagnosticCatalogue.WrongCommandLine,
                "`--stage start` with `--no-start` leaves nothing to do.",
                "Leave one of them out.");
            return false;
        }

        if (!stages.HasFlag(JoinStages.Start))
        {
            return true;
        }

        if (Path.GetFullPath(run.Request.Root) != "/")
        {
            run.Diagnostics.Report(
                DiagnosticCatalogue.StartNotAvailable,
                $"{run.Request.Root} is a folder, and services can only be started on the machine that runs, whose root is `/`.",
                "Add `--no-start` (or `--stage configure`) to write into the folder what the node needs.");
            return false;
        }

        if (!pipeline.Root.RunsAsRoot)
        {
            run.Diagnostics.Report(
                DiagnosticCatalogue.StartNeedsRoot,
                "Only root can configure this machine and start its services.",
                "Run it with sudo; `eksnode plan` shows what it would change.");
            return false;
        }

        return true;
    }

    /// <summary>Connects to systemd.</summary>
    /// <param name="io">The process.</param>
    /// <param name="run">The run.</param>
    /// <param name="early">Whether this may be before sysinit.target, when the bus is not there yet.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiagnosticException">It cannot be reached.</exception>
    public static async Task<IServiceManager> ConnectAsync(CommandIo io, CommandRun run, bool early, CancellationToken cancellation)
    {
        using var step = run.Timeline.Begin("systemd connection");
        return await SystemdManager.ConnectAsync(new ConnectOptions { BusAddress = io.Variable("DBUS_SYSTEM_BUS_ADDRESS"), Clock = io.Clock, PreferPrivate = early }, cancellation);
    }
}
