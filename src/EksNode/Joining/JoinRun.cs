using EksNode.Commands;
using EksNode.Host.Engine;
using EksNode.Planning.Plans;
using EksNode.Rendering;

namespace EksNode.Joining;

/// <summary>
/// One join, stage by stage. Each stage reads the node anew, so that what happened between two stages (the user's own scripts
/// run there) counts.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="pipeline">Sources and machine.</param>
/// <param name="io">The process.</param>
/// <param name="request">What is asked for.</param>
public sealed class JoinRun(CommandRun run, NodePipeline pipeline, CommandIo io, JoinRequest request)
{
    // The other join is a boot's own or a user's script; one that hangs longer than this needs somebody to look at it.
    private static readonly TimeSpan LockDeadline = TimeSpan.FromMinutes(5);

    /// <summary>Runs the stages.</summary>
    /// <param name="cancellation">Ends the join.</param>
    public async Task<CommandResult> RunAsync(CancellationToken cancellation)
    {
        using var hostLock = await HostLock.AcquireAsync(pipeline.Root, LockDeadline, run.Log, io.Clock, cancellation);
        return await ConfigureAsync(cancellation) is { } done
            ? Result(done)
            : new CommandResult(run.Diagnostics.HasErrors ? ExitCode.Failed : ExitCode.Wrong);
    }

    // Sources and machine → plan → files. Null after an error.
    private async Task<Done?> ConfigureAsync(CancellationToken cancellation)
    {
        var isHost = Path.GetFullPath(run.Request.Root) == "/";
        if (await pipeline.ReadAsync(new ReadOptions(RefuseWritable: isHost, Remember: true), cancellation) is not { } view
            || pipeline.Plan(view) is not { } plan)
        {
            return null;
        }

        return ApplyFiles(view, plan) is { } report ? new Done(view, report) : null;
    }

    // Brings the files to the plan. Null after an error.
    private ApplyReport? ApplyFiles(NodeView view, Plan plan)
    {
        using var step = run.Timeline.Begin("apply");
        var state = AppliedState.Load(pipeline.Root, request.Policy, run.Diagnostics);
        var changes = Differ.Diff(plan, pipeline.Root, state, new DiffOptions(view.Facts.Instance.Id, request.Policy));
        run.Learn(changes);
        run.Diagnostics.AddRange(changes.Diagnostics);
        return run.Diagnostics.HasErrors ? null : Applier.Apply(pipeline.Root, changes, run.Log, io.Clock);
    }

    private CommandResult Result(Done done) => new(ExitCode.Done)
    {
        WriteText = writer =>
        {
            PlanText.Header(writer, done.View, run.Style);
            PlanText.WriteDone(writer, done.Report.Changes, run.Style);
            TimelineText.Write(writer, run.Timeline.Spans, run.Style);
        },
        WriteJson = json =>
        {
            PlanJson.Write(json, done.Report.Changes, run.Redactor);
            TimelineText.Write(json, run.Timeline.Spans);
        },
    };

    private sealed record Done(NodeView View, ApplyReport Report);
}
