using System.CommandLine;
using EksNode.Planning.Image;
using EksNode.Rendering;

namespace EksNode.Commands;

/// <summary><c>eksnode image plan</c>: an ImageConfig becomes resources and a lock. It asks nobody and changes nothing.</summary>
internal static class ImagePlanCommand
{
    private const UnixFileMode EverybodyReads = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>The command.</summary>
    public static Command Build(CommandIo io)
    {
        var options = new CommonOptions();
        var image = new ImageOptions();
        var lockFile = new Option<string?>("--lock-file") { Description = "Write the lock to this file", HelpName = "FILE" };
        var command = new Command("plan", "Shows what an image would have, and why, and pins its versions; it asks nobody and changes nothing")
        {
            image.Source, image.Kubernetes, image.Architecture, lockFile, options.Output, options.Level, options.Format,
        };
        command.SetAction((parsed, cancellation) => CommandRun.RunAsync(
            parsed,
            options,
            io,
            async (run, _, cancel) =>
            {
                if (await image.PlanAsync(io, run, cancel) is not { Plan: var plan })
                {
                    return new CommandResult(ExitCode.Wrong);
                }

                if (parsed.GetValue(lockFile) is { } path)
                {
                    await WriteLockAsync(path, plan, run, cancel);
                }

                return new CommandResult(ExitCode.Done)
                {
                    WriteText = writer => new ImagePlanText(run.Style, run.Redactor).Write(writer, plan),
                    WriteJson = json => ImagePlanJson.Write(json, plan, run.Redactor),
                };
            },
            cancellation));
        return command;
    }

    private static async Task WriteLockAsync(string path, ImagePlan plan, CommandRun run, CancellationToken cancellation)
    {
        try
        {
            await OwnerFile.WriteAsync(path, ImageLock.Write(plan) + "\n", cancellation, EverybodyReads);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            run.Diagnostics.Add(CommandLine.FileUnwritable(path, failure));
        }
    }
}
