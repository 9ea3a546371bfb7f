using EksNode.Commands;
using EksNode.Configuration.Text;
using EksNode.Host.Boot;
using EksNode.Host.Files;
using EksNode.Host.Logging;

namespace EksNode.Joining;

/// <summary>
/// What a join does beside its stages when it is part of a boot: pauses between attempts, programs read ahead, the lines by which
/// journal and console tell how it ended, and the record of where its time went.
/// </summary>
/// <param name="io">The process.</param>
/// <param name="stages">The stages of this join.</param>
public sealed class BootStage(CommandIo io, JoinStages stages)
{
    private uint attempt = 1;
    private NodeView? view;
    private string? skipped;

    /// <summary>Runs a join as part of a boot.</summary>
    /// <param name="run">The run.</param>
    /// <param name="pipeline">Sources and machine.</param>
    /// <param name="join">The join.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<CommandResult> RunAsync(CommandRun run, NodePipeline pipeline, JoinRun join, CancellationToken cancellation)
    {
        var isHost = Path.GetFullPath(run.Request.Root) == "/";
        using var ahead = isHost && (BootUnit.Of(io) is not null || stages.HasFlag(JoinStages.Start))
            ? ReadAhead.Begin(pipeline.Root, run.Log, run.Timeline)
            : null;
        try
        {
            attempt = await BootUnit.PauseAsync(io, run.Log, run.Timeline, cancellation);
            return await join.RunAsync(cancellation);
        }
        finally
        {
            view = pipeline.View;
        }
    }

    /// <summary>Does nothing, and says why.</summary>
    /// <param name="reason">Why.</param>
    public CommandResult Skip(string reason)
    {
        skipped = reason;
        return new CommandResult(ExitCode.Done);
    }

    /// <summary>Tells how it ended and records it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="exitCode">Its exit code.</param>
    public void End(CommandRun run, int exitCode)
    {
        var elapsed = run.Timeline.Elapsed;
        Record(run, exitCode, elapsed);
        if (BootUnit.LogsToJournal(io))
        {
            var result = new StageResult(
                Name(), exitCode, elapsed, attempt, view?.Facts.Instance.Id, view?.Config.Cluster.Name?.Value, stages.HasFlag(JoinStages.Start), skipped);
            StatusLine.Write(io.Error, result, run);
        }
    }

    private string Name() => stages switch
    {
        JoinStages.Configure => "configure",
        JoinStages.Start => "start",
        _ => "join",
    };

    // After everything is printed: what fails here goes to the log and changes nothing.
    private void Record(CommandRun run, int exitCode, TimeSpan elapsed)
    {
        var found = new DiagnosticBag();
        try
        {
            using var root = HostRoot.Open(run.Request.Root);
            var error = run.Diagnostics.Items.FirstOrDefault(d => d.Severity == Severity.Error);
            var began = run.Timeline.Began;
            TimelineRecord.Add(
                root, Name(), new RecordedRun(began, began + (long)elapsed.TotalMicroseconds, exitCode, error?.Code, run.Timeline.Spans), found);
        }
        catch (DiagnosticException failure)
        {
            found.Add(failure.Diagnostic);
        }

        foreach (var diagnostic in found.Items)
        {
            run.Log.Write(LogLevel.Debug, "the timeline is not recorded", ("reason", diagnostic.Message));
        }
    }
}
