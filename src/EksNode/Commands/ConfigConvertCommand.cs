using System.CommandLine;
using System.Text;
using EksNode.Configuration;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Migration;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;

namespace EksNode.Commands;

/// <summary><c>eksnode config convert</c>: the configuration of another tool as a NodeConfig.</summary>
internal static class ConfigConvertCommand
{
    private const string BootstrapScript = "bootstrap.sh";

    /// <summary>The command.</summary>
    public static Command Build(CommandIo io)
    {
        var from = new Option<string>("--from")
        {
            Description = $"What is converted: {BootstrapScript} (the arguments of /etc/eks/bootstrap.sh of Amazon Linux 2)",
            HelpName = "TOOL",
            Required = true,
        };
        from.AcceptOnlyFromAmong(BootstrapScript);
        var to = new Option<string>("--to")
        {
            Description = $"The apiVersion of the NodeConfig: {string.Join(" or ", NodeConfigReader.ApiVersions)}",
            HelpName = "VERSION",
            DefaultValueFactory = _ => ApiGroups.NodeEksV1Alpha1,
        };
        to.AcceptOnlyFromAmong([.. NodeConfigReader.ApiVersions]);
        var input = new Argument<string[]>("FILE or -- ARGUMENTS")
        {
            Description = "A script or user data that calls bootstrap.sh, - for standard input; or the arguments themselves after --",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var options = new CommonOptions(table: "the NodeConfig itself, as YAML");
        foreach (var option in (Option[])[options.Root, options.Facts, options.Sources])
        {
            option.Hidden = true;
        }

        var command = new Command("convert", "Converts the configuration of another tool into a NodeConfig") { from, to, input };
        options.AddTo(command);
        command.SetAction((parsed, cancellation) => CommandRun.RunAsync(
            parsed,
            options,
            io,
            async (run, _, cancel) =>
            {
                var words = parsed.GetValue(input) ?? [];
                var separated = parsed.Tokens.Any(t => t.Value == "--");
                if (await ConvertAsync(run, io, words, separated, parsed.GetValue(to)!, cancel) is not { } map)
                {
                    return new CommandResult(ExitCode.Wrong);
                }

                var text = YamlWriter.Write(map);
                Check(text, run.Diagnostics);
                return new CommandResult(ExitCode.Done)
                {
                    WriteText = writer => writer.Write(text),
                    WriteJson = json =>
                    {
                        using var document = System.Text.Json.JsonDocument.Parse(JsonWriter.Write(map, 2, sortKeys: false));
                        json.WritePropertyName("nodeConfig");
                        document.RootElement.WriteTo(json);
                    },
                };
            },
            cancellation));
        return command;
    }

    private static async Task<TreeMap?> ConvertAsync(
        CommandRun run, CommandIo io, string[] words, bool separated, string version, CancellationToken cancellation)
    {
        if (separated)
        {
            return BootstrapConversion.OfArguments(words, version, run.Diagnostics);
        }

        if (words is not [var file])
        {
            run.Diagnostics.Report(
                DiagnosticCatalogue.WrongCommandLine,
                words.Length == 0 ? "There is nothing to convert." : "One file is converted at a time.",
                "Name the script or user data, or `-` for standard input, or give the arguments of bootstrap.sh after `--`.");
            return null;
        }

        var reader = new BoundedInput(io);
        var read = file == "-" ? await reader.ReadStandardInputAsync(cancellation) : await reader.ReadFileAsync(file, cancellation);
        if (read.Bytes is not { } bytes)
        {
            run.Diagnostics.Report(
                DiagnosticCatalogue.SourceUnreadable, $"`{file}` cannot be read: {read.Problem}.", "Give a script or user data that calls bootstrap.sh.");
            return null;
        }

        return BootstrapConversion.OfScript(bytes, file == "-" ? "stdin" : file, version, run.Diagnostics);
    }

    // What a node would say of the result: a flag that kubelets no longer have, an endpoint that is none. It is written all the same,
    // for a person to mend.
    private static void Check(string text, DiagnosticBag diagnostics)
    {
        var bag = new DiagnosticBag();
        ConfigurationReader.Read([new SourceContent("the NodeConfig", Encoding.UTF8.GetBytes(text), false)], bag);
        foreach (var found in bag.Items)
        {
            diagnostics.Add(found with { Severity = found.Severity == Severity.Error ? Severity.Warning : found.Severity });
        }
    }
}
