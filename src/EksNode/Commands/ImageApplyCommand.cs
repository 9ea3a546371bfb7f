using System.CommandLine;
using EksNode.Host.Logging;
using EksNode.Imaging;
using EksNode.Rendering;

namespace EksNode.Commands;

/// <summary><c>eksnode image apply</c>: an ImageConfig becomes an image, on a builder instance or in a root folder.</summary>
internal static class ImageApplyCommand
{
    private const string DefaultCache = "/var/cache/eksnode/downloads";

    /// <summary>The command.</summary>
    /// <param name="io">The process.</param>
    /// <param name="tools">What it works with; null: the machine's own.</param>
    public static Command Build(CommandIo io, ImageTools? tools = null)
    {
        var options = new CommonOptions { DefaultLevel = LogLevel.Info };
        options.Root.Description = "The root folder of the image";
        var document = new ImageOptions();
        var lockFile = new Option<string?>("--lock-file") { Description = "Take the versions of this lock, and refuse one of another image", HelpName = "FILE" };
        var cache = new Option<string>("--cache")
        {
            Description = "Where downloads are kept on this machine",
            HelpName = "DIR",
            DefaultValueFactory = _ => DefaultCache,
        };
        var keep = new Option<bool>("--no-cleanup") { Description = "Leave logs, keys, caches and the identity of this machine in the image" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show which packages, programs and files would change, and change nothing in the image" };
        var command = new Command("apply", "Builds an image: makes this machine, or a root folder, what an ImageConfig says")
        {
            document.Source, document.Kubernetes, document.Architecture, document.Strict, lockFile, cache, keep, dryRun,
        };
        options.AddToMachineCommand(command);
        command.SetAction((parsed, cancellation) => CommandRun.RunAsync(
            parsed,
            options,
            io,
            async (run, pipeline, cancel) =>
            {
                if (await document.PlanAsync(io, run, cancel) is not { Plan: var image })
                {
                    return new CommandResult(ExitCode.Wrong) { IsVerdict = true };
                }

                var request = new ImageApplyRequest
                {
                    LockFile = parsed.GetValue(lockFile),
                    Cache = parsed.GetValue(cache)!,
                    Cleanup = !parsed.GetValue(keep),
                    DryRun = parsed.GetValue(dryRun),
                };
                var used = tools ?? ImageTools.OfMachine;
                var root = used.Watched(pipeline.Root);
                var bars = io.ErrorIsTerminal ? new ProgressBars(io, run.Log) : null;
                var context = new ImageApplyContext(run, root, io, request, new BuildLog(bars ?? run.Log, root, io.Clock, run.Redactor)) { Executable = used.Executable, Bars = bars };
                return await new ImageApplyRun(context, used).RunAsync(image, cancel)
                    ? new CommandResult(ExitCode.Done)
                    {
                        WriteText = writer => ImageApplyText.Write(writer, context, run.Style),
                        WriteJson = json => ImageApplyText.Write(json, context),
                    }
                    : new CommandResult(ExitCode.Failed);
            },
            cancellation));
        return command;
    }
}
