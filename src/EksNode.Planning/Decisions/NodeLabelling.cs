using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Decisions;

/// <summary>Labels and taints of <c>spec</c> with the facts of this instance in them.</summary>
/// <remarks>
/// A label without a value is left out with a warning: the node joins, and what selects by the label does not choose it. A taint without a
/// value is an error: without it, pods would run on a node that was meant to keep them away.
/// </remarks>
internal static class NodeLabelling
{
    /// <summary>The labels, by key.</summary>
    public static SortedMap<Sourced<string>> Labels(NodeConfig config, NodeFacts facts, DiagnosticBag diagnostics)
    {
        var labels = SortedMap.Empty<Sourced<string>>();
        foreach (var (key, template) in config.Labels)
        {
            var path = SettingPath.Child("spec.labels", key);
            if (Resolve(template.Value, facts).TryGet(out var value, out var problem))
            {
                labels = labels.SetItem(key, new Sourced<string>(value, Because(template)));
            }
            else
            {
                diagnostics.Report(
                    DiagnosticCatalogue.LabelLeftOut, $"The node does not get the label {Quoted.Text(key)}: {problem.Message}", problem.Help, template.Origin, path);
            }
        }

        ReportOverridden(config, labels, diagnostics);
        return labels;
    }

    // The kubelet takes the last value of a label, and the user's flags follow eksnode's.
    private static void ReportOverridden(NodeConfig config, SortedMap<Sourced<string>> labels, DiagnosticBag diagnostics)
    {
        foreach (var flag in labels.IsEmpty ? [] : KubeletArguments.NodeLabels(KubeletArguments.Split(config.Kubelet.Flags, "spec.kubelet.flags")))
        {
            if (labels.TryGetValue(flag.Key, out var label) && label.Value != flag.Value)
            {
                diagnostics.Report(
                    DiagnosticCatalogue.KubeletFlagWins,
                    $"{Quoted.Text("--node-labels=" + flag.Text)} wins over {Quoted.Text($"spec.labels.{flag.Key}: {label.Value}")} ({label.Origin}).",
                    "Leave one of them out.",
                    flag.Argument.Origin,
                    flag.Argument.Path);
            }
        }
    }

    /// <summary>The taints, in order.</summary>
    public static ImmutableArray<Sourced<Taint>> Taints(NodeConfig config, NodeFacts facts, DiagnosticBag diagnostics)
    {
        var taints = new List<Sourced<Taint>>();
        for (var i = 0; i < config.Taints.Length; i++)
        {
            var (taint, origin) = config.Taints[i];
            var value = "";
            if (taint.Value is { } template && !Resolve(template, facts).TryGet(out value, out var problem))
            {
                diagnostics.Report(
                    DiagnosticCatalogue.TaintUnresolved,
                    $"The taint {Quoted.Text(taint.Key)} has no value: {problem.Message}",
                    problem.Help,
                    origin,
                    SettingPath.Item("spec.taints", i));
                continue;
            }

            taints.Add(new Sourced<Taint>(
                new Taint(taint.Key, value, taint.Effect), taint.Value is { } written ? Because(new Sourced<Template>(written, origin)) : origin));
        }

        return taints.ToImmutable();
    }

    private static Origin Because(Sourced<Template> template)
    {
        foreach (var part in template.Value.Parts)
        {
            if (part.Fact is not null)
            {
                return template.Origin.Because(template.Value.Source);
            }
        }

        return template.Origin;
    }

    private static ValueResult<string> Resolve(Template template, NodeFacts facts)
    {
        var text = new StringBuilder();
        foreach (var part in template.Parts)
        {
            if (part.Fact is not { } fact)
            {
                text.Append(part.Text);
                continue;
            }

            var value = ValueOf(fact, facts.Instance);
            if (string.IsNullOrEmpty(value) && part.Default is null)
            {
                return new ValueProblem($"`{fact}` is not known.", Help(fact));
            }

            text.Append(string.IsNullOrEmpty(value) ? part.Default : value);
        }

        return Label.ParseValue(text.ToString()).TryGet(out var valid, out var problem)
            ? valid
            : new ValueProblem(
                $"{Quoted.Text(template.Source)} gives {Quoted.Text(text.ToString())}, and {char.ToLowerInvariant(problem.Message[0])}{problem.Message[1..]}", problem.Help);
    }

    private static string Help(string fact) => Template.TagOf(fact) is { } tag
        ? $"Give the instance the tag {Quoted.Text(tag)} and allow tags in its metadata (`InstanceMetadataTags: enabled`), or write what counts without it: `${{{fact}:-none}}`."
        : $"Write what counts where it is missing: `${{{fact}:-none}}`.";

    private static string? ValueOf(string fact, InstanceFacts instance) => fact switch
    {
        "instance.availabilityZone" => instance.AvailabilityZone,
        "instance.id" => instance.Id,
        "instance.lifecycle" => instance.Lifecycle,
        "instance.partition" => instance.Partition?.ToString(CultureInfo.InvariantCulture),
        "instance.placementGroup" => instance.PlacementGroup,
        "instance.region" => instance.Region,
        "instance.type" => instance.Type,
        _ => Template.TagOf(fact) is { } tag && instance.Tags.TryGetValue(tag, out var value) ? value : null,
    };
}
