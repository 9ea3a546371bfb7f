using System.CommandLine;
using EksNode.Configuration.Documents;
using EksNode.Host.Engine;
using EksNode.Host.Files;
using EksNode.Host.Imaging;
using EksNode.Imaging;
using EksNode.Planning.Image;
using EksNode.Rendering;

namespace EksNode.Commands;

/// <summary><c>eksnode image plan</c>: an ImageConfig becomes resources and a lock. It changes nothing, and asks nobody but, with <c>--resolve</c>, a package manager.</summary>
internal static class ImagePlanCommand
{
    private const UnixFileMode EverybodyReads = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    // A build of the same root has its package manager for minutes.
    private static readonly TimeSpan LockDeadline = TimeSpan.FromMinutes(1);

    /// <summary>The command.</summary>
    /// <param name="io">The process.</param>
    /// <param name="tools">What it works with; null: the machine's own.</param>
    public static Command Build(CommandIo io, ImageTools? tools = null)
    {
        var options = new CommonOptions();
        var document = new ImageOptions();
        var lockFile = new Option<string?>("--lock-file") { Description = "Write the lock to this file", HelpName = "FILE" };
        var resolve = new Option<bool>("--resolve") { Description = "Ask the package manager of --root for the exact packages, and write them into the lock, too" };
        var controls = new Option<bool>("--controls") { Description = "List the controls of the profile instead: what becomes of each, and why" };
        options.Root.Description = "The root folder whose repositories are asked, with --resolve";
        var command = new Command("plan", "Shows what an image would have, and why, and pins its versions; it changes nothing")
        {
            document.Source, document.Kubernetes, document.Architecture, document.Strict, lockFile, resolve, controls, options.Root, options.Output, options.Level, options.Format,
        };
        command.SetAction((parsed, cancellation) => CommandRun.RunAsync(
            parsed,
            options,
            io,
            async (run, pipeline, cancel) =>
            {
                if (await document.PlanAsync(io, run, cancel) is not { Plan: var plan })
                {
                    return new CommandResult(ExitCode.Wrong) { IsVerdict = true };
                }

                var resolved = parsed.GetValue(resolve) ? await ResolveAsync(plan, pipeline.Root, tools ?? ImageTools.OfMachine, run, io, cancel) : null;
                if (parsed.GetValue(lockFile) is { } path)
                {
                    await WriteLockAsync(path, plan, resolved, run, cancel);
                }

                var listsControls = parsed.GetValue(controls);
                return new CommandResult(ExitCode.Done)
                {
                    WriteText = writer =>
                    {
                        var text = new ImagePlanText(run.Style, run.Redactor);
                        if (listsControls)
                        {
                            text.WriteControls(writer, plan);
                        }
                        else
                        {
                            text.Write(writer, plan);
                        }
                    },
                    WriteJson = json => ImagePlanJson.Write(json, plan, resolved, run.Redactor),
                };
            },
            cancellation));
        return command;
    }

    private static async Task<TreeMap> ResolveAsync(ImagePlan plan, HostRoot root, ImageTools tools, CommandRun run, CommandIo io, CancellationToken cancellation)
    {
        using var hostLock = await HostLock.AcquireAsync(root, LockDeadline, run.Log, io.Clock, cancellation);
        using var step = run.Timeline.Begin("resolve");
        var packages = tools.Packages(plan, root, BuildProxy.Variables(plan.Proxy, io.Environment), run.Log, run.Diagnostics);
        return LockedPackages.Write(await ResolvePackages.AskAsync(plan, packages, run.Diagnostics, cancellation));
    }

    private static async Task WriteLockAsync(string path, ImagePlan plan, TreeMap? resolved, CommandRun run, CancellationToken cancellation)
    {
        try
        {
            await OwnerFile.WriteAsync(path, ImageLock.Write(plan, resolved) + "\n", cancellation, EverybodyReads);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            run.Diagnostics.Add(CommandLine.FileUnwritable(path, failure));
        }
    }
}
