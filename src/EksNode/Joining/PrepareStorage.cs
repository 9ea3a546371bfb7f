using EksNode.Configuration.Text;
using EksNode.Host.Disks;
using EksNode.Host.Engine;
using EksNode.Planning.Plans;

namespace EksNode.Joining;

/// <summary>
/// Disks: made, mounted and filled with what was at their mount targets, before the files of the plan are written once more. At a start, and
/// at configure those that the configuration wants early.
/// </summary>
public static class PrepareStorage
{
    /// <summary>Prepares the disks of a start.</summary>
    /// <param name="context">The join.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiagnosticException">A disk is not as it must be.</exception>
    public static Task RunAsync(JoinContext context, CancellationToken cancellation) => RunAsync(context, Stage.Start, cancellation);

    /// <summary>Prepares the disks of a stage.</summary>
    /// <param name="context">The join.</param>
    /// <param name="stage">The stage: a start prepares those of configure as well, should they be missing.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiagnosticException">A disk is not as it must be.</exception>
    public static async Task RunAsync(JoinContext context, Stage stage, CancellationToken cancellation)
    {
        var resources = StorageEngine.Of(context.Plan, stage);
        if (resources.IsEmpty)
        {
            return;
        }

        using var step = context.Run.Timeline.Begin("disks");
        var engine = new StorageEngine(context.Pipeline.Root, context.Run.Log, context.Io.Clock);
        context.Storage = await engine.ApplyAsync(resources, context.Systemd, context.Run.Diagnostics, context.Run.Timeline, cancellation);
    }

    /// <summary>What would become of the disks, for a plan. On another root than the machine's, and without root, nobody can look.</summary>
    /// <param name="run">The run.</param>
    /// <param name="pipeline">Sources and machine.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="changes">What becomes of files.</param>
    /// <param name="cancellation">Ends it.</param>
    internal static async Task<Changes> WithDisksAsync(
        Commands.CommandRun run, NodePipeline pipeline, TimeProvider clock, Plan plan, Changes changes, CancellationToken cancellation)
    {
        var resources = StorageEngine.Of(plan, Stage.Start);
        if (resources.IsEmpty)
        {
            return changes;
        }

        if (!IsThisMachine(run) || !pipeline.Root.RunsAsRoot)
        {
            return changes with { All = [.. StorageEngine.Unseen(resources), .. changes.All] };
        }

        using var step = run.Timeline.Begin("compare disks");
        var found = new DiagnosticBag();
        var disks = await new StorageEngine(pipeline.Root, run.Log, clock).CompareAsync(resources, found, cancellation);
        return changes with { All = [.. disks, .. changes.All], Diagnostics = [.. changes.Diagnostics, .. found.Items] };
    }

    /// <summary>Whether the root is that of the running machine: only it has disks.</summary>
    internal static bool IsThisMachine(Commands.CommandRun run) => Path.GetFullPath(run.Request.Root) == "/" && run.Request.FactsFile is null;
}
