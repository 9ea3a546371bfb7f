using System.CommandLine;
using EksNode.Host.Disks;
using EksNode.Host.Engine;
using EksNode.Joining;
using EksNode.Rendering;

namespace EksNode.Commands;

/// <summary><c>eksnode plan</c>: the difference between this host (or a root folder) and the plan. It changes nothing.</summary>
public static class PlanCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandIo io)
    {
        var options = new CommonOptions();
        var policy = CommonOptions.Choice<ApplyPolicy>("--policy", "Whether files changed by hand are kept");
        var command = new Command("plan", "Shows what join would change, and why, without changing anything; exit 3 when there are changes") { policy };
        options.AddTo(command);
        command.SetAction((parsed, cancellation) => CommandRun.RunAsync(
            parsed,
            options,
            io,
            async (run, pipeline, ct) => await ShowAsync(run, pipeline, parsed.GetValue(policy), ExitCode.Different, ct),
            cancellation));
        return command;
    }

    /// <summary>Works out the changes and answers them as the result.</summary>
    /// <param name="run">The run.</param>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="policy">What becomes of files changed by hand.</param>
    /// <param name="whenDifferent">The exit code when there are changes.</param>
    /// <param name="cancellation">Ends the command.</param>
    internal static async Task<CommandResult> ShowAsync(
        CommandRun run, NodePipeline pipeline, ApplyPolicy policy, int whenDifferent, CancellationToken cancellation)
    {
        if (await pipeline.ReadAsync(new ReadOptions(), cancellation) is not { } view
            || pipeline.Plan(view) is not { } plan)
        {
            return new CommandResult(ExitCode.Wrong);
        }

        var state = MovedFiles.Adopt(AppliedState.Load(pipeline.Root, policy, run.Diagnostics), plan, pipeline.Root);
        Changes changes;
        using (run.Timeline.Begin("compare"))
        {
            changes = Differ.Diff(plan, pipeline.Root, state, new DiffOptions(view.Facts.Instance.Id, policy, OwedRestarts.BootOf(pipeline.Root)));
        }

        changes = await PrepareStorage.WithDisksAsync(run, pipeline, TimeProvider.System, plan, changes, cancellation);
        run.Learn(changes);
        run.AddOfHost(changes.Diagnostics);
        return new CommandResult(changes.Any ? whenDifferent : ExitCode.Done)
        {
            WriteText = writer =>
            {
                var text = new PlanText(run.Style, run.Redactor, run.Request.Root);
                PlanText.Header(writer, view, run.Style);
                text.Write(writer, changes);
                text.WriteOthers(writer, view.Config.Hooks, plan);
                writer.WriteLine(changes.Any ? PlanText.Summary(changes, "Plan") : PlanText.NoChanges(changes));
            },
            WriteJson = json =>
            {
                PlanJson.Write(json, changes, run.Redactor);
                PlanJson.WriteOthers(json, view.Config.Hooks, plan, run.Redactor);
            },
        };
    }
}
