using System.Collections.Immutable;
using System.CommandLine;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Explaining;
using EksNode.Rendering;

namespace EksNode.Commands;

/// <summary><c>eksnode explain</c>: why a setting, file or unit of the node is what it is. It changes nothing.</summary>
internal static class ExplainCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandIo io)
    {
        var options = new CommonOptions();
        var targets = new Argument<string[]>("TARGET")
        {
            Description = "A setting of the node (kubelet.maxPods, maxPods, reserved, containerd.plugins…, net.core.somaxconn) or of the configuration "
                + "(spec.proxy.noProxy), a file, a folder, a mount, a unit, the beginning of names, or a pattern with * and ? [default: everything, as a list]",
            Arity = ArgumentArity.ZeroOrMore,
        };
        CommonOptions.RefuseOptions(targets);
        var command = new Command("explain", "Tells why a setting, file or unit has its value, what it replaced, and what would change it") { targets };
        options.AddTo(command);
        command.SetAction((parsed, cancellation) => CommandRun.RunAsync(
            parsed,
            options,
            io,
            async (run, pipeline, cancel) =>
            {
                if (await pipeline.ReadAsync(new ReadOptions(), cancel) is not { } view || pipeline.Plan(view) is not { } plan)
                {
                    return new CommandResult(ExitCode.Wrong);
                }

                var minor = SemanticVersion.Find(view.Facts.Image.KubeletVersion ?? "")?.Minor ?? 0;
                var found = Choose(Explanations.Of(plan, minor, view.Documents, pipeline.SourceDocuments), parsed.GetValue(targets) ?? [], run.Diagnostics);
                var text = new ExplanationText(run.Style, run.Redactor);
                return new CommandResult(ExitCode.Done)
                {
                    WriteText = writer => text.Write(writer, found),
                    WriteJson = json => text.WriteJson(json, found),
                };
            },
            cancellation));
        return command;
    }

    // One group for each word, or a single one with everything that has a value.
    private static Explanation[][] Choose(ImmutableArray<Explanation> all, string[] words, DiagnosticBag diagnostics)
    {
        var groups = new List<Explanation[]>();
        if (words.Length == 0)
        {
            var chosen = new List<Explanation>();
            foreach (var explanation in all)
            {
                if (explanation.IsListed)
                {
                    chosen.Add(explanation);
                }
            }

            groups.Add([.. chosen]);
        }

        foreach (var word in words)
        {
            var found = ExplanationTargets.Find(all, word);
            if (!found.IsEmpty)
            {
                groups.Add([.. found]);
            }
            else
            {
                var names = new List<string>();
                foreach (var explanation in all)
                {
                    names.Add(explanation.Target);
                    names.AddRange(explanation.Settings);
                    names.AddRange(explanation.OtherSettings);
                    if (!word.Contains('.', StringComparison.Ordinal) && explanation.Target.StartsWith("kubelet.", StringComparison.Ordinal))
                    {
                        names.Add(explanation.Target["kubelet.".Length..]);
                    }
                }

                diagnostics.Report(
                    DiagnosticCatalogue.NothingToExplain,
                    $"The plan has nothing that is called {Quoted.Text(word)}.",
                    ExplanationTargets.Nearest(word, names) is { } near ? $"Did you mean `{near}`?" : "`eksnode explain` without a target lists everything that can be explained.");
            }
        }

        return [.. groups];
    }
}
