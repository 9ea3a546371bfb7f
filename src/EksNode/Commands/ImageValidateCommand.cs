using System.CommandLine;
using EksNode.Imaging;
using EksNode.Rendering;

namespace EksNode.Commands;

/// <summary><c>eksnode image validate</c>: whether an image is what its document and lock say. It changes nothing.</summary>
internal static class ImageValidateCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandIo io)
    {
        var options = new CommonOptions();
        var document = new ImageOptions(withoutDocument: "the lock and the manifest in the image say what it has");
        var lockFile = new Option<string?>("--lock-file") { Description = "The lock of the image [default: /etc/eksnode/image.lock.json in it]", HelpName = "FILE" };
        var command = new Command("validate", "Compares an image, or the instance that runs it, with its document and lock; exit 3 on differences")
        {
            document.Source, document.Kubernetes, document.Architecture, lockFile,
        };
        document.RequireForOverrides(command);
        options.AddToMachineCommand(command);
        command.SetAction((parsed, cancellation) => CommandRun.RunAsync(
            parsed,
            options,
            io,
            async (run, pipeline, cancel) =>
            {
                if (await new ImageValidateRun(run, pipeline, io).RunAsync(document, parsed.GetValue(lockFile), cancel) is not { } validation)
                {
                    return new CommandResult(ExitCode.Failed);
                }

                return new CommandResult(validation.Differences > 0 ? ExitCode.Different : ExitCode.Done)
                {
                    WriteText = writer => new ImageFindingsText(run.Style, run.Redactor).Write(writer, validation),
                    WriteJson = json => ImageFindingsJson.Write(json, validation, run.Redactor),
                };
            },
            cancellation));
        return command;
    }
}
