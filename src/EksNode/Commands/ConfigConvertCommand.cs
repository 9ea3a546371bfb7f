using System.CommandLine;
using System.Text;
using EksNode.Configuration;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Migration;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Migration;
using EksNode.Planning.Migration;
using EksNode.Rendering;

namespace EksNode.Commands;

/// <summary><c>eksnode config convert</c>: the configuration of another tool as a NodeConfig.</summary>
internal static class ConfigConvertCommand
{
    private const string BootstrapScript = "bootstrap.sh";
    private const string Cache = "nodeadm-cache";
    private const string Node = "node";

    /// <summary>The command.</summary>
    public static Command Build(CommandIo io)
    {
        var from = new Option<string>("--from")
        {
            Description = $"What is converted: {BootstrapScript} (the arguments of /etc/eks/bootstrap.sh of Amazon Linux 2), "
                + $"{Cache} (the file of nodeadm's --config-cache), {Node} (the kubelet's and containerd's files of the node below --root; --facts tells what they do not)",
            HelpName = "TOOL",
            Required = true,
        };
        from.AcceptOnlyFromAmong(BootstrapScript, Cache, Node);
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
        var file = new Option<string?>("--output-file") { Description = "Write it to this file, with its secrets and for its owner alone", HelpName = "FILE" };
        var secrets = new Option<bool>("--show-secrets") { Description = "Print secrets as they are" };
        var options = new CommonOptions(table: "the NodeConfig itself, as YAML");
        options.Sources.Hidden = true;

        var command = new Command("convert", "Converts the configuration of another tool into a NodeConfig") { from, to, file, secrets, input };
        options.AddTo(command);
        command.SetAction((parsed, cancellation) => CommandRun.RunAsync(
            parsed,
            options,
            io,
            async (run, pipeline, cancel) =>
            {
                var words = parsed.GetValue(input) ?? [];
                var separated = parsed.Tokens.Any(t => t.Value == "--");
                var converted = parsed.GetValue(from) switch
                {
                    Node => await OfNodeAsync(run, pipeline, words, parsed.GetValue(to)!, cancel),
                    Cache => await OfCacheAsync(run, io, words, parsed.GetValue(to)!, cancel),
                    _ => await ConvertAsync(run, io, words, separated, parsed.GetValue(to)!, cancel),
                };
                if (converted is not { } map)
                {
                    return new CommandResult(ExitCode.Wrong);
                }

                var text = YamlWriter.Write(map);
                Check(text, run);
                if (parsed.GetValue(file) is { Length: > 0 } path)
                {
                    await ConfigShowCommand.WriteAsync(run, path, run.Output == OutputFormat.Json ? JsonWriter.Write(map, 2, sortKeys: false) + "\n" : text, cancel);
                    return new CommandResult(ExitCode.Done);
                }

                if (!parsed.GetValue(secrets))
                {
                    map = RedactedTree.Of(map, run.Redactor);
                    var redacted = YamlWriter.Write(map);
                    if (redacted != text)
                    {
                        run.Diagnostics.Report(
                            DiagnosticCatalogue.ConvertedRedacted,
                            $"The NodeConfig has secrets, which are printed as `{Secret.Redacted}`.",
                            "Write it with `--output-file FILE`, or print them with `--show-secrets`.");
                    }

                    text = redacted;
                }

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

        if (await ReadAsync(run, io, words, "Name the script or user data that calls bootstrap.sh, or `-` for standard input, or give its arguments after `--`.", cancellation) is not { } read)
        {
            return null;
        }

        return BootstrapConversion.OfScript(read.Bytes, read.Name, version, run.Diagnostics);
    }

    private static async Task<TreeMap?> OfNodeAsync(CommandRun run, NodePipeline pipeline, string[] words, string version, CancellationToken cancellation)
    {
        if (words.Length > 0)
        {
            run.Diagnostics.Report(
                DiagnosticCatalogue.WrongCommandLine, $"`--from {Node}` takes no file.", "Give the node's file system with `--root`.");
            return null;
        }

        if (await pipeline.ReadImageAsync(cancellation) is not { } facts)
        {
            return null;
        }

        var files = new NodeFilesReader(pipeline.Root, run.Diagnostics).Read(facts.Image);
        return run.Diagnostics.HasErrors ? null : NodeConversion.Of(files, facts, version, run.Diagnostics);
    }

    private static async Task<TreeMap?> OfCacheAsync(CommandRun run, CommandIo io, string[] words, string version, CancellationToken cancellation)
    {
        if (await ReadAsync(run, io, words, "Name the file that nodeadm was given with `--config-cache`.", cancellation) is not { } read)
        {
            return null;
        }

        var bag = new DiagnosticBag();
        if (JsonReader.Read(Encoding.UTF8.GetString(read.Bytes), read.Name, 0, bag) is TreeMap map && map["spec"] is TreeMap && !bag.HasErrors)
        {
            // The file has no version, and what nodeadm found out about the instance is no configuration.
            var config = NodeConfigReader.Read(map.With("apiVersion", TreeScalar.Of(NodeConfigReader.ApiVersions[1], map.Origin)), run.Diagnostics);
            return run.Diagnostics.HasErrors
                ? null
                : NodeConfigWriter.Document(config).With("apiVersion", TreeScalar.Of(version, map.Origin));
        }

        run.Diagnostics.Report(
            DiagnosticCatalogue.NotAConfigCache,
            $"`{read.Name}` is no configuration cache of nodeadm: {(bag.Items is [var first, ..] ? first.Message : "it has no `spec`.")}",
            "nodeadm writes it where `--config-cache` says; eksnode's drop-in of the same name writes it, too.");
        return null;
    }

    private static async Task<(string Name, byte[] Bytes)?> ReadAsync(CommandRun run, CommandIo io, string[] words, string help, CancellationToken cancellation)
    {
        if (words is not [var file])
        {
            run.Diagnostics.Report(
                DiagnosticCatalogue.WrongCommandLine, words.Length == 0 ? "There is nothing to convert." : "One file is converted at a time.", help);
            return null;
        }

        var reader = new BoundedInput(io);
        var read = file == "-" ? await reader.ReadStandardInputAsync(cancellation) : await reader.ReadFileAsync(file, cancellation);
        if (read.Bytes is { } bytes)
        {
            return (file == "-" ? "stdin" : file, bytes);
        }

        run.Diagnostics.Report(DiagnosticCatalogue.SourceUnreadable, $"`{file}` cannot be read: {read.Problem}.", help);
        return null;
    }

    // What a node would say of the result: a flag that kubelets no longer have, an endpoint that is none. It is written all the same,
    // for a person to mend.
    private static void Check(string text, CommandRun run)
    {
        var bag = new DiagnosticBag();
        var read = ConfigurationReader.Read([new SourceContent("the NodeConfig", Encoding.UTF8.GetBytes(text), false)], bag);
        foreach (var secret in NodeConfigSecrets.Of(read.Configuration))
        {
            run.Redactor.Add(secret);
        }

        foreach (var found in bag.Items)
        {
            run.Diagnostics.Add(found with { Severity = found.Severity == Severity.Error ? Severity.Warning : found.Severity });
        }
    }
}
