using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>Reads <c>spec.labels</c> and <c>spec.taints</c>: what is surely wrong with them before any instance is known.</summary>
internal static class LabelReader
{
    private const int LongestValue = 63;

    private static readonly WordList<string> Effects = WordList.Of([.. Taint.Effects]);

    /// <summary><c>spec.labels</c>.</summary>
    /// <param name="spec">The section <c>spec</c>.</param>
    public static SortedMap<Sourced<Template>> Labels(Section spec)
    {
        var labels = SortedMap.Empty<Sourced<Template>>();
        if (!spec.Own("labels"))
        {
            return labels;
        }

        foreach (var entry in spec.Document("labels")?.Entries ?? [])
        {
            var path = SettingPath.Child(spec.PathOf("labels"), entry.Key);
            if (entry.Value is TreeScalar { Kind: ScalarKind.Null })
            {
                continue;
            }

            if (entry.Value is not TreeScalar { Kind: ScalarKind.String } scalar)
            {
                SettingTypes.ReportNotText(entry.Value, path, secret: false, spec.Diagnostics);
                continue;
            }

            if (Label.ParseKey(entry.Key).Problem is { } problem)
            {
                spec.Diagnostics.Report(DiagnosticCatalogue.BadNodeLabel, problem.Message, problem.Help, entry.KeyOrigin, path);
            }
            else if (!NodeLabels.MayBeSet(new Label(entry.Key, "")))
            {
                spec.Diagnostics.Report(
                    DiagnosticCatalogue.BadNodeLabel,
                    $"A kubelet must not set the label {Quoted.Text(entry.Key)} for its own node: it does not start with it.",
                    "Use a prefix outside of `kubernetes.io` and `k8s.io`, or one that kubelets may set, such as `node.kubernetes.io/`.",
                    entry.KeyOrigin,
                    path);
            }
            else if (Read(scalar, path, DiagnosticCatalogue.BadNodeLabel, spec.Diagnostics) is { } template)
            {
                labels = labels.SetItem(entry.Key, new Sourced<Template>(template, scalar.Origin));
            }
        }

        return labels;
    }

    /// <summary><c>spec.taints</c>; an empty list counts as not set.</summary>
    /// <param name="spec">The section <c>spec</c>.</param>
    public static ImmutableArray<Sourced<NodeTaint>> Taints(Section spec)
    {
        if (!spec.Own("taints"))
        {
            return [];
        }

        var taints = new List<Sourced<NodeTaint>>();
        foreach (var item in spec.Sections("taints", "Write `- {key: …, value: …, effect: NoSchedule}`."))
        {
            var key = item.Text("key", Taint.ParseKey, DiagnosticCatalogue.BadNodeTaint);
            var value = item.Scalar("value");
            var effect = item.Choice("effect", Effects);
            var template = value is null ? null : Read(value, item.PathOf("value"), DiagnosticCatalogue.BadNodeTaint, item.Diagnostics);
            item.Finish();
            foreach (var (name, missing) in (ReadOnlySpan<(string, bool)>)[("key", item.Map?["key"] is null), ("effect", item.Map?["effect"] is null)])
            {
                if (missing)
                {
                    item.Diagnostics.Report(
                        DiagnosticCatalogue.BadNodeTaint,
                        $"The taint `{item.Path}` has no `{name}`.",
                        name == "key" ? "Add `key`." : $"Add `effect`: {Quoted.Choices(Taint.Effects)}.",
                        item.Map!.Origin,
                        item.Path);
                }
            }

            if (key is not null && effect is not null && (value is null || template is not null))
            {
                taints.Add(new Sourced<NodeTaint>(new NodeTaint { Key = key.Value, Value = template, Effect = effect.Value }, item.Map!.Origin));
            }
        }

        return taints.ToImmutable();
    }

    // A template that is only text must be a value already; of another one only its text can be judged.
    private static Template? Read(TreeScalar scalar, string path, DiagnosticDescriptor descriptor, DiagnosticBag diagnostics)
    {
        if (Template.Parse(scalar.Text, out var error) is not { } template)
        {
            diagnostics.Report(
                DiagnosticCatalogue.BadTemplate, error!.Problem.Message, error.Problem.Help, scalar.PlaceOf(error.Line, error.Column), path);
            return null;
        }

        if (Problem(template) is { } problem)
        {
            var said = descriptor == DiagnosticCatalogue.BadNodeTaint ? Taint.OfTaint(problem) : problem;
            diagnostics.Report(descriptor, said.Message, said.Help, scalar.Origin, path);
            return null;
        }

        return template;
    }

    private static ValueProblem? Problem(Template template)
    {
        var length = 0;
        for (var i = 0; i < template.Parts.Length; i++)
        {
            var part = template.Parts[i];
            var text = part.Fact is null ? part.Text : part.Default ?? "";
            length += part.Fact is null ? text.Length : 0;

            // A letter on either side makes a value of what stands between facts.
            var judged = (i == 0 ? "" : "a") + text + (i == template.Parts.Length - 1 ? "" : "a");
            if (text.Length > 0 && judged.Length <= LongestValue && Label.ParseValue(judged).Problem is not null)
            {
                return Label.ParseValue(text).Problem
                    ?? new ValueProblem(
                        $"The label value {Quoted.Text(template.Source)} is not valid: it begins or ends with another character than a letter or digit.",
                        "A value has at most 63 letters, digits, `-`, `_` or `.`, and begins and ends with a letter or digit.");
            }
        }

        return length > LongestValue
            ? new ValueProblem($"The label value {Quoted.Text(template.Source)} is too long: its text alone has {length} characters.", "A value has at most 63 characters.")
            : null;
    }
}
