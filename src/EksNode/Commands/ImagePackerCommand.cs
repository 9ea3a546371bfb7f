using System.CommandLine;
using EksNode.Host.Processes;
using EksNode.Imaging;

namespace EksNode.Commands;

/// <summary><c>eksnode image packer</c>: writes what Packer or EC2 Image Builder need to make an image from an ImageConfig.</summary>
internal static class ImagePackerCommand
{
    private const string Packer = "packer";
    private const string ImageBuilder = "image-builder";

    /// <summary>The command.</summary>
    public static Command Build(CommandIo io)
    {
        var options = new CommonOptions();
        options.Output.Aliases.Clear();
        var image = new ImageOptions();
        var target = new Option<string>("--output-folder", "-o")
        {
            Description = "The folder to write, made when it is not there",
            HelpName = "DIR",
            DefaultValueFactory = _ => "eksnode-image",
        };
        target.Validators.Add(result =>
        {
            // `-o` is the form everywhere else.
            if (result.Tokens is [.., { Value: "json" or "yaml" or "table" } word])
            {
                result.AddError($"`-o` names a folder here: `--output {word.Value}` is the form, and `-o ./{word.Value}` a folder of that name.");
            }
        });
        var format = new Option<string>("--format") { Description = "What makes the image: packer or image-builder (EC2 Image Builder)", HelpName = "TOOL", DefaultValueFactory = _ => Packer };
        format.AcceptOnlyFromAmong(Packer, ImageBuilder);
        var executable = new Option<string?>("--executable") { Description = "The eksnode for the processor of the image [default: this one]", HelpName = "FILE" };
        var validate = new Option<bool>("--validate") { Description = "Have Packer check the template" };
        var command = new Command("packer", "Writes a folder from which Packer or EC2 Image Builder make an image: template, lock, documents and eksnode")
        {
            image.Source, image.Kubernetes, image.Architecture, image.Strict, target, format, executable, validate, options.Output, options.Level, options.Format,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(validate) && result.GetValue(format) == ImageBuilder)
            {
                result.AddError("`--validate` asks Packer, and the format is image-builder: leave one of them out.");
            }
        });
        command.SetAction((parsed, cancellation) => CommandRun.RunAsync(
            parsed,
            options,
            io,
            async (run, _, cancel) =>
            {
                if (await image.PlanAsync(io, run, cancel) is not { } planned
                    || await BuilderProgram.ReadAsync(io, parsed.GetValue(executable), planned.Plan.Decisions.Architecture.Value, run.Diagnostics, cancel) is not { } eksnode)
                {
                    return new CommandResult(ExitCode.Wrong) { IsVerdict = true };
                }

                var isPacker = parsed.GetValue(format) == Packer;
                var folder = BuildFolder.Of(planned, image.Overrides(parsed), eksnode, isPacker, run.Diagnostics);
                if (run.Diagnostics.HasErrors)
                {
                    return new CommandResult(ExitCode.Wrong);
                }

                var path = parsed.GetValue(target)!;
                folder.Write(path);
                if (parsed.GetValue(validate))
                {
                    await new PackerProgram(io, new ProgramRunner()).ValidateAsync(path, run.Diagnostics, cancel);
                }

                return Result(folder, path, isPacker);
            },
            cancellation));
        return command;
    }

    private static CommandResult Result(BuildFolder folder, string path, bool isPacker)
    {
        string[] next = isPacker
            ? [$"packer init {path}", $"packer build {path}"]
            :
            [
                $"aws s3 sync {path} s3://BUCKET/eksnode",
                $"aws imagebuilder create-component --name eksnode --semantic-version 1.0.0 --platform Linux --data file://{path}/eksnode.component.yaml",
            ];
        return new CommandResult(ExitCode.Done)
        {
            WriteText = writer =>
            {
                foreach (var file in folder.Files)
                {
                    writer.WriteLine(path.TrimEnd('/') + file.Path);
                }

                writer.WriteLine();
                writer.WriteLine("Next:");
                foreach (var command in next)
                {
                    writer.WriteLine("  " + command);
                }
            },
            WriteJson = json =>
            {
                json.WriteString("folder", path);
                json.WriteStartArray("files");
                foreach (var file in folder.Files)
                {
                    json.WriteStringValue(file.Path[1..]);
                }

                json.WriteEndArray();
                json.WriteStartArray("next");
                foreach (var command in next)
                {
                    json.WriteStringValue(command);
                }

                json.WriteEndArray();
            },
        };
    }
}
