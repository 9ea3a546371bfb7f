using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Containerd;
using EksNode.Planning.Decisions;
using EksNode.Planning.Facts;
using EksNode.Planning.Kubelet;

namespace EksNode.Planning.Validation;

/// <summary>Which node a configuration is checked for.</summary>
/// <param name="Kubelet">The kubelet's version; null: that of the facts, else what any known kubelet accepts is accepted.</param>
/// <param name="Containerd">containerd's version; null: that of the facts, else that of the EKS-optimized image.</param>
/// <param name="Facts">The facts of a node; null: only what needs none is checked.</param>
/// <param name="Whole">Whether the configuration is all that a node reads: then it must describe the cluster.</param>
public sealed record CheckTarget(SemanticVersion? Kubelet, SemanticVersion? Containerd, NodeFacts? Facts = null, bool Whole = true);

/// <summary>
/// Everything that can be said of a configuration before a node reads it. What <c>join</c> and <c>plan</c> merely predict, because
/// they write as asked (the kubelet or containerd refuses a value), is an error here.
/// </summary>
public static class ConfigurationCheck
{
    // What containerd or the kubelet refuses. Join warns of it.
    private static readonly DiagnosticDescriptor[] Refused =
    [
        DiagnosticCatalogue.ContainerdTypeWrong, DiagnosticCatalogue.ContainerdSettingsContradict, DiagnosticCatalogue.RuntimeSpecTypeWrong,
        DiagnosticCatalogue.CredentialProviderRefused,
    ];

    /// <summary>Checks a configuration that was read.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="target">The node.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static void Report(NodeConfig config, CheckTarget target, DiagnosticBag diagnostics)
    {
        var facts = target.Facts is { } given ? HostFactsDefaults.Fill(given) : null;
        var kubelet = target.Kubelet ?? SemanticVersion.Find(facts?.Image.KubeletVersion ?? "");
        var containerd = target.Containerd ?? SemanticVersion.Find(facts?.Image.ContainerdVersion ?? "") ?? AssumedNode.ContainerdOf(kubelet);
        var node = AssumedNode.Of(kubelet, containerd);
        var found = new DiagnosticBag();
        var isPlanned = false;
        if (target.Kubelet is { } asked)
        {
            ComponentVersions.WarnOfUntested(asked, null, null, found);
            if (target.Containerd is not null)
            {
                ComponentVersions.WarnOfPair(asked, containerd, null, null, found);
            }
        }

        if (facts is not null)
        {
            // What is missing of a node is an error then; the rest of the plan's findings follow below.
            var planned = new DiagnosticBag();
            var whole = target.Whole ? config : config with { Cluster = AssumedNode.Complete(config.Cluster, facts.Cluster) };
            node = NodeDecisions.Decide(whole, facts, planned) is { } decided
                ? decided with { KubeletVersion = target.Kubelet is null ? decided.KubeletVersion : node.KubeletVersion, ContainerdVersion = node.ContainerdVersion }
                : node;
            isPlanned = Planner.Plan(whole, facts, planned) is not null;
            Add(planned, diagnostics);
        }

        NodeConfigRules.CheckUnused(config, found);
        ImageCredentialProvider.CheckEntries(ProviderProgram.Of(config, facts ?? new NodeFacts()), config, kubelet, found);
        Foreseen.Check(config, isPlanned, found);
        Kubelet(config, kubelet, node, found);
        ContainerdConfiguration.Build(config.Containerd, node, found);
        Add(found, diagnostics);
        if (config.Containerd.BaseRuntimeSpec is { } spec)
        {
            // What the reader said of a place already is not said again.
            var keys = new DiagnosticBag();
            RuntimeSpecCheck.Check(spec, keys);
            foreach (var item in keys.Items)
            {
                if (!diagnostics.Items.Any(d => Equals(d.Origin, item.Origin)))
                {
                    diagnostics.AddGraver(Raised(item));
                }
            }
        }
    }

    private static void Kubelet(NodeConfig config, SemanticVersion? kubelet, NodeDecisions node, DiagnosticBag found)
    {
        var generated = KubeletReplacement.Beside(config.Kubelet, KubeletConfigurationDocument.Of(node));
        if (config.Kubelet.Config is { } document)
        {
            KubeletConfigRules.Check(document, kubelet, found, predicting: false, generated);
        }

        foreach (var _ in UserArguments.Of(config.Kubelet.Flags, found))
        {
            // Only what it reports counts.
        }

        KubeletFlagRules.Check(UserArguments.Quoted(config.Kubelet.Flags), kubelet, found, predicting: false, config: config.Kubelet.Config, generated: generated);
    }

    // A finding of one code at one place is reported once, in its graver form: the plan predicts what the rules are sure of.
    private static void Add(DiagnosticBag found, DiagnosticBag diagnostics)
    {
        foreach (var item in found.Items)
        {
            diagnostics.AddGraver(Raised(item));
        }
    }

    private static Diagnostic Raised(Diagnostic item) =>
        item.Severity == Severity.Warning && Array.Exists(Refused, r => r.Code == item.Code) ? item with { Severity = Severity.Error } : item;
}
