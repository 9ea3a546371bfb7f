using System.CommandLine;
using EksNode.Configuration.Documents;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Imaging;
using EksNode.Planning.Image;
using EksNode.Rendering;

namespace EksNode.Commands;

/// <summary><c>eksnode image plan</c>: an ImageConfig becomes resources and a lock. It asks nobody and changes nothing.</summary>
internal static class ImagePlanCommand
{
    private static readonly Origin CommandLineOrigin = Origin.At("the command line", 0, 0);

    private const UnixFileMode EverybodyReads = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>The command.</summary>
    public static Command Build(CommandIo io)
    {
        var options = new CommonOptions();
        var source = new Option<string>("--config-source", "-c") { Description = "The ImageConfig: a file, - for standard input", HelpName = "FILE", Required = true };
        var kubernetes = new Option<string?>("--kubernetes") { Description = "The Kubernetes version, instead of the document's: 1.33 or 1.33.4", HelpName = "VERSION" };
        var architecture = new Option<string?>("--architecture") { Description = "The processor, instead of the document's: x86_64 or arm64", HelpName = "ARCH" };
        architecture.AcceptOnlyFromAmong([.. ImageWords.Architectures.Words]);
        var lockFile = new Option<string?>("--lock-file") { Description = "Write the lock to this file", HelpName = "FILE" };
        var controls = new Option<bool>("--controls") { Description = "List the controls of the profile instead: what becomes of each, and why" };
        var command = new Command("plan", "Shows what an image would have, and why, and pins its versions; it asks nobody and changes nothing")
        {
            source, kubernetes, architecture, lockFile, controls, options.Output, options.Level, options.Format,
        };
        command.SetAction((parsed, cancellation) => CommandRun.RunAsync(
            parsed,
            options,
            io,
            async (run, _, cancel) =>
            {
                var overrides = Overrides(parsed.GetValue(kubernetes), parsed.GetValue(architecture));
                var loaded = await new ImageConfigLoader(io, run.Diagnostics).LoadAsync(parsed.GetValue(source)!, overrides, cancel);
                foreach (var secret in NodeConfigSecrets.Of(loaded?.Config.NodeSettings ?? NodeConfig.Empty))
                {
                    run.Redactor.Add(secret);
                }

                if (loaded is null || ImagePlanner.Plan(loaded.Config, loaded.Files, run.Diagnostics) is not { } plan || run.Diagnostics.HasErrors)
                {
                    return new CommandResult(ExitCode.Wrong);
                }

                if (parsed.GetValue(lockFile) is { } path)
                {
                    await WriteLockAsync(path, plan, run, cancel);
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

    private static TreeMap? Overrides(string? kubernetes, string? architecture)
    {
        var spec = new List<TreeEntry>();
        Add("kubernetes", kubernetes);
        Add("architecture", architecture);
        return spec.Count == 0 ? null : new TreeMap([new TreeEntry("spec", CommandLineOrigin, new TreeMap(spec, CommandLineOrigin))], CommandLineOrigin);

        void Add(string key, string? value)
        {
            if (value is not null)
            {
                spec.Add(new TreeEntry(key, CommandLineOrigin, TreeScalar.Of(value, CommandLineOrigin)));
            }
        }
    }
}
