using EksNode.Commands;
using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Logging;
using EksNode.Joining;

namespace EksNode.DropIns.Nodeadm;

/// <summary>
/// <c>nodeadm init</c>. Its phase <c>config</c> is join's stage <c>configure</c>, its phase <c>run</c> is <c>start</c>. A start brings the files
/// up to date before it starts anything, so a configuration that has changed since the last run takes effect although <c>config</c> is skipped.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="pipeline">Sources and machine.</param>
/// <param name="io">The process.</param>
/// <param name="cachePath">The file of <c>--config-cache</c>; null or empty: none.</param>
/// <param name="skip">The phases to leave out.</param>
/// <param name="daemons">The daemons to which the run is restricted; none: all.</param>
internal sealed class NodeadmInit(
    CommandRun run, NodePipeline pipeline, CommandIo io, string? cachePath, IReadOnlyList<string> skip, IReadOnlyList<string> daemons)
{
    private static readonly string[] Phases = ["config", "run"];

    private BootStage? boot;

    /// <summary>Runs it.</summary>
    public async Task<CommandResult> RunAsync(CancellationToken cancellation)
    {
        if (Path.GetFullPath(run.Request.Root) == "/" && !pipeline.Root.RunsAsRoot)
        {
            run.Diagnostics.Report(DiagnosticCatalogue.NotRoot, "`nodeadm init` must run as root.", "Run it with `sudo`.");
            return new CommandResult(ExitCode.Wrong);
        }

        foreach (var word in skip.Where(w => !Phases.Contains(w)))
        {
            run.Diagnostics.Report(
                DiagnosticCatalogue.PhaseUnknown,
                $"`--skip {word}` skips nothing: there is no such phase.",
                "Write `--skip config` or `--skip run`, once for each phase.");
        }

        if (daemons.Count > 0)
        {
            run.Diagnostics.Report(
                DiagnosticCatalogue.WrongCommandLine,
                "eksnode does not configure or start a single daemon of a node.",
                "Leave out `--daemon`, and restart one that runs with `systemctl restart`; `-d` alone is `--development` only before `init`.");
            return new CommandResult(ExitCode.Wrong);
        }

        var path = string.IsNullOrEmpty(cachePath) ? null : Path.GetFullPath(cachePath);
        var cache = path is null ? null : NodeadmCache.Load(pipeline.Root, path, run.Diagnostics);
        pipeline.Memory = cache;
        var stages = (skip.Contains("config") ? 0 : JoinStages.Configure) | (skip.Contains("run") ? 0 : JoinStages.Start);
        if (stages == 0)
        {
            if (await HasChangedAsync(cache, cancellation) is not { } changed)
            {
                return new CommandResult(ExitCode.Failed);
            }

            if (!changed)
            {
                return new CommandResult(ExitCode.Done);
            }

            stages = JoinStages.Configure;
        }

        if (!StartGuard.Allows(stages, run, pipeline))
        {
            return new CommandResult(ExitCode.Wrong);
        }

        boot = new BootStage(io, stages);
        var join = new JoinRun(run, pipeline, io, new JoinRequest(stages, ApplyPolicy.Preserve), c => StartGuard.ConnectAsync(io, run, !stages.HasFlag(JoinStages.Start), c));
        var result = await boot.RunAsync(run, pipeline, join, cancellation);
        if (result.ExitCode == ExitCode.Done && !run.Diagnostics.HasErrors && path is not null && pipeline.View is { } view)
        {
            NodeadmCache.Save(pipeline.Root, path, view, run.Diagnostics);
        }

        return result;
    }

    /// <summary>Tells how a join ended, as <c>eksnode join</c> does; nothing when there was none.</summary>
    /// <param name="exitCode">Its exit code.</param>
    public void End(int exitCode) => boot?.End(run, exitCode);

    // Both phases are skipped: the first is not, when there is a file of the last run and it says something else.
    private async Task<bool?> HasChangedAsync(NodeadmCache? cache, CancellationToken cancellation)
    {
        if (await pipeline.ReadConfigurationAsync(new ReadOptions(), cancellation) is not { } read)
        {
            return null;
        }

        var changed = cache is not null && !cache.Says(read.Config);
        if (changed)
        {
            run.Log.Write(LogLevel.Info, "the configuration has changed since the last run: the files are written although `config` is skipped");
        }

        return changed;
    }
}
