using System.CommandLine;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Validation;
using EksNode.Rendering;
using EksNode.Validating;

namespace EksNode.Commands;

/// <summary>The form of the findings.</summary>
internal enum FindingsFormat
{
    /// <summary>For people, with the lines that they are about.</summary>
    Text,

    /// <summary>For tools: <c>{"diagnostics":[…],"summary":{…}}</c>.</summary>
    Json,

    /// <summary>For code scanning: SARIF 2.1.0.</summary>
    Sarif,
}

/// <summary><c>eksnode config validate</c>: everything that is wrong with configurations, on any machine.</summary>
internal static class ConfigValidateCommand
{
    private const string Details =
        "Checks node configurations and says everything that is wrong: each FILE for itself, the sources that -c names together, as those of "
        + "one node; with neither, those of this host; exit 2 with errors";

    /// <summary>The command.</summary>
    public static Command Build(CommandIo io)
    {
        var options = new CommonOptions();
        options.Facts.Description = "Check for the node of this facts file, as plan does (`eksnode facts` prints such a file)";
        options.Sources.Description =
            "A source of one node: imds://user-data, a file or a folder of drop-ins (file:// or a path), - for standard input. "
            + "May be given several times; the sources are merged, later ones win.";
        options.Root.Hidden = true;
        var files = new Argument<string[]>("FILE")
        {
            Description = "User data, documents or folders of drop-ins, - for standard input; each is checked for itself",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var strict = new Option<bool>("--strict") { Description = "Warnings are errors" };
        var kubernetes = Version("--kubernetes-version", "The Kubernetes version of the node: 1.33 or 1.33.4 [default: any supported]");
        var containerd = Version("--containerd-version", "The containerd of the node: 2.1 or 2.1.4 [default: that of the EKS-optimized image]");
        var output = CommonOptions.Choice<FindingsFormat>("--output", "The form of the findings", "-o");
        CommonOptions.RefuseOptions(files);
        var command = new Command("validate", Details) { files, strict, kubernetes, containerd, options.Sources, options.Facts, output, options.Root, options.Level, options.Format };
        command.SetAction((parsed, cancellation) => CommandRun.RunAsync(
            parsed,
            options,
            io,
            async (run, pipeline, cancel) =>
            {
                var target = new CheckTarget(parsed.GetValue(kubernetes), parsed.GetValue(containerd));
                var validation = new ConfigurationValidation(run, pipeline, io, target);
                await validation.RunAsync(parsed.GetValue(files) ?? [], cancel);
                if (parsed.GetValue(strict))
                {
                    run.Diagnostics.RaiseWarnings();
                }

                var isWrong = validation.Worst == Severity.Error || (parsed.GetValue(strict) && validation.Worst == Severity.Warning);
                return new CommandResult(isWrong ? ExitCode.Wrong : ExitCode.Done) { WriteWhole = writer => Write(writer, parsed.GetValue(output), run, validation), WholeHasDiagnostics = true, IsVerdict = true };
            },
            cancellation));
        return command;
    }

    private static void Write(TextWriter writer, FindingsFormat format, CommandRun run, ConfigurationValidation validation)
    {
        switch (format)
        {
            case FindingsFormat.Json:
                writer.WriteLine(FindingsJson.Write(run.Diagnostics.Items, run.Redactor));
                break;
            case FindingsFormat.Sarif:
                writer.WriteLine(FindingsSarif.Write(run.Diagnostics.Items, run.Redactor, validation.Texts));
                break;
            default:
                FindingsText.Write(writer, run.Diagnostics.Items, validation.Names, run.Style, run.Redactor, validation.Texts);
                break;
        }
    }

    // A minor is enough; a patch level decides nothing that is checked.
    private static Option<SemanticVersion?> Version(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "VERSION",
        CustomParser = result =>
        {
            var word = result.Tokens.Count == 0 ? "" : result.Tokens[^1].Value;
            if ((SemanticVersion.Find(word) ?? SemanticVersion.Find(word + ".0")) is { Major: > 0 } version)
            {
                return version;
            }

            result.AddError($"`{word}` is no version: {name} takes one such as {(name.StartsWith("--kubernetes", StringComparison.Ordinal) ? "1.33 or 1.33.4" : "2.1 or 2.1.4")}.");
            return null;
        },
    };
}
