using System.CommandLine;
using EksNode.Configuration.Text;
using EksNode.Joining;
using EksNode.Rendering;
using EksNode.Resetting;

namespace EksNode.Commands;

/// <summary><c>eksnode reset</c>: stop the node and undo what join applied.</summary>
public static class ResetCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandIo io)
    {
        var options = new CommonOptions();
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would be undone, and end with 0" };
        var command = new Command(
            "reset", "Stops the node and undoes what join applied: files, links, directories, mounts; disks, containers and files changed by hand stay") { yes, dryRun };
        options.AddToMachineCommand(command);
        command.SetAction((parsed, cancellation) => CommandRun.RunAsync(
            parsed,
            options,
            io,
            (run, pipeline, ct) => RunAsync(run, pipeline, io, parsed.GetValue(yes), parsed.GetValue(dryRun), ct),
            cancellation));
        return command;
    }

    private static async Task<CommandResult> RunAsync(
        CommandRun run, NodePipeline pipeline, CommandIo io, bool yes, bool dryRun, CancellationToken cancellation)
    {
        if (Path.GetFullPath(run.Request.Root) == "/" && !pipeline.Root.RunsAsRoot)
        {
            run.Diagnostics.Report(DiagnosticCatalogue.StartNeedsRoot, "Only root can reset this machine.", "Run it with sudo.");
            return new CommandResult(ExitCode.Failed);
        }

        var reset = new ResetRun(run, pipeline, io, c => StartGuard.ConnectAsync(io, run, early: false, c));
        if (dryRun)
        {
            var report = reset.Look();
            run.AddOfHost(report.Changes.Diagnostics);
            return Result(run, report);
        }

        return yes || Confirm(run, reset.Look(), io) ? Result(run, await reset.RunAsync(cancellation)) : new CommandResult(ExitCode.Failed);
    }

    // A node stops working: somebody has to say so.
    private static bool Confirm(CommandRun run, ResetReport report, CommandIo io)
    {
        if (!report.HasWork)
        {
            return true;
        }

        if (!io.InputIsTerminal || !io.ErrorIsTerminal || run.Output != OutputFormat.Table)
        {
            run.Diagnostics.Report(
                DiagnosticCatalogue.ConfirmationMissing,
                $"Reset undoes what join applied to {run.Request.Root}, and nobody can be asked whether it may: {(io.InputIsTerminal && io.ErrorIsTerminal ? "the output is for a tool" : "this is no terminal")}.",
                "Add `--yes`; `--dry-run` shows what would be undone.");
            return false;
        }

        ResetText.Write(io.Error, report, run.Request.Root, run.Style);
        io.Error.Write($"Undo all this on {run.Request.Root}? [y/N] ");
        io.Error.Flush();
        using var input = new StreamReader(io.OpenInput());
        if (input.ReadLine()?.Trim() is "y" or "Y" or "yes")
        {
            return true;
        }

        run.Diagnostics.Report(DiagnosticCatalogue.ResetNotConfirmed, "Nothing was undone.", "Answer `y` to reset.");
        return false;
    }

    private static CommandResult Result(CommandRun run, ResetReport report) => new(ExitCode.Done)
    {
        WriteText = writer => ResetText.Write(writer, report, run.Request.Root, run.Style),
        WriteJson = json => ResetText.Write(json, report, run.Redactor),
    };
}
