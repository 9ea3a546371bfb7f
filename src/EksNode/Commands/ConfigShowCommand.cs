using System.CommandLine;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Rendering;

namespace EksNode.Commands;

/// <summary><c>eksnode config show</c>: the configuration that all sources together give, each value with the line that it comes from.</summary>
internal static class ConfigShowCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandIo io)
    {
        var options = new CommonOptions(table: "the configuration as YAML, with where each value comes from as comments");
        // `-o` is the file here, as for `nodeadm config dump`.
        options.Output.Aliases.Clear();
        var file = new Option<string?>("--output-file", "-o")
        {
            Description = "Write it to this file, with its secrets and for its owner alone",
            HelpName = "FILE",
        };
        file.Validators.Add(result =>
        {
            // `-o` is the form everywhere else.
            if (result.Tokens is [.., { Value: "json" or "yaml" or "table" } word])
            {
                result.AddError($"`-o` names a file here: `--output {word.Value}` is the form, and `-o ./{word.Value}` a file of that name.");
            }
        });
        var secrets = new Option<bool>("--show-secrets") { Description = "Print secrets as they are" };
        var command = new Command("show", "Prints the merged configuration, each value with where it comes from") { file, secrets };
        options.AddTo(command);
        command.Options.Remove(options.Facts); // templates of labels are shown as they are written
        command.SetAction((parsed, cancellation) => CommandRun.RunAsync(
            parsed,
            options,
            io,
            async (run, pipeline, cancel) =>
            {
                if (await pipeline.ReadConfigurationAsync(new ReadOptions(), cancel) is not { } read)
                {
                    return new CommandResult(ExitCode.Wrong);
                }

                var document = NodeConfigOrigins.Document(read.Config, pipeline.SourceDocuments);
                if (parsed.GetValue(file) is { Length: > 0 } path)
                {
                    await WriteAsync(run, path, run.Output == OutputFormat.Json ? JsonWriter.Write(document, 2, sortKeys: false) + "\n" : Commented(document), cancel);
                    return new CommandResult(ExitCode.Done);
                }

                // Origins name files and facts, never values: they are the same with and without secrets.
                var shown = parsed.GetValue(secrets) ? document : RedactedTree.Of(document, run.Redactor);
                var origins = NodeConfigOrigins.All(read.Config, document);
                var result = new CommandResult(ExitCode.Done)
                {
                    WriteText = writer => writer.Write(Commented(shown)),
                    WriteJson = json =>
                    {
                        using var parsedDocument = System.Text.Json.JsonDocument.Parse(JsonWriter.Write(shown, 2, sortKeys: false));
                        json.WritePropertyName("nodeConfig");
                        parsedDocument.RootElement.WriteTo(json);
                        json.WriteStartObject("origins");
                        foreach (var origin in origins)
                        {
                            json.WriteStartObject(run.Redactor.Redact(origin.Value));
                            OriginJson.WriteMembers(json, origin.Origin, run.Redactor);
                            json.WriteEndObject();
                        }

                        json.WriteEndObject();
                    },
                };
                return run.Output == OutputFormat.Yaml
                    ? result with { WriteJson = null, WriteText = null, WriteWhole = writer => writer.Write(YamlWriter.Write(shown)) }
                    : result;
            },
            cancellation));
        return command;
    }

    private static string Commented(TreeMap document) => YamlWriter.Write(
        document, sortKeys: false, node => node.Origin.Kind is OriginKind.Configuration or OriginKind.Preset ? node.Origin.ToString().ReplaceLineEndings(" ") : null);

    /// <summary>Writes a document with its secrets for its owner alone; a failure is reported.</summary>
    internal static async Task WriteAsync(CommandRun run, string path, string text, CancellationToken cancellation)
    {
        try
        {
            await OwnerFile.WriteAsync(path, text, cancellation);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            run.Diagnostics.Add(CommandLine.FileUnwritable(path, failure));
        }
    }
}
