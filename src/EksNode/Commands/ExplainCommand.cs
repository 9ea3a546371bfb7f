using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
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

                var words = parsed.GetValue(targets) ?? [];
                var minor = SemanticVersion.Find(view.Facts.Image.KubeletVersion ?? "")?.Minor ?? 0;
                var found = Choose(Explanations.Of(plan, minor, view.Documents, pipeline.SourceDocuments), words, run.Diagnostics);
                var text = new ExplanationText(run.Style, run.Redactor);
                var others = words.Length > 0 && run.Output == OutputFormat.Table ? run.Diagnostics.RemoveWarnings(d => !IsAbout(d, found, words)) : 0;
                return new CommandResult(ExitCode.Done)
                {
                    WriteText = writer =>
                    {
                        text.Write(writer, found);
                        if (others > 0)
                        {
                            writer.Flush();
                            io.Error.WriteLine(others == 1
                                ? "1 warning about other settings: eksnode plan"
                                : string.Create(CultureInfo.InvariantCulture, $"{others} warnings about other settings: eksnode plan"));
                        }
                    },
                    WriteJson = json => text.WriteJson(json, found),
                };
            },
            cancellation));
        return command;
    }

    // Whether a warning is about what is explained: its setting, or the place that decided the value or lost.
    private static bool IsAbout(Diagnostic diagnostic, Explanation[][] found, string[] words)
    {
        foreach (var word in words)
        {
            if (diagnostic.Message.Contains(word, StringComparison.Ordinal) || diagnostic.Code == DiagnosticCatalogue.NothingToExplain.Code)
            {
                return true;
            }
        }

        foreach (var group in found)
        {
            foreach (var explanation in group)
            {
                var isAbout = diagnostic.Path is { Length: > 0 } path
                    && (IsNear(path, explanation.Target) || explanation.Settings.Any(s => IsNear(path, s)) || explanation.OtherSettings.Any(s => IsNear(path, s)));
                if (isAbout || (diagnostic.Origin is { Line: > 0 } origin && IsAt(origin, explanation)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool IsAt(Origin place, Explanation explanation) =>
        explanation.Origin == place || explanation.Parts.Any(p => p.Origin == place) || explanation.Replaced.Any(r => r.Origin == place);

    // One is the other, or below it.
    private static bool IsNear(string left, string right)
    {
        var (above, below) = left.Length <= right.Length ? (left, right) : (right, left);
        return below.StartsWith(above, StringComparison.Ordinal) && (below.Length == above.Length || below[above.Length] is '.' or '[');
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
