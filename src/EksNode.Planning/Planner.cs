using System.Collections.Immutable;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Accelerators;
using EksNode.Configuration.Values;
using EksNode.Planning.Cluster;
using EksNode.Planning.Containerd;
using EksNode.Planning.Decisions;
using EksNode.Planning.Facts;
using EksNode.Planning.Kubelet;
using EksNode.Planning.Network;
using EksNode.Planning.Plans;
using EksNode.Planning.Storage;
using EksNode.Planning.Sysconfig;

namespace EksNode.Planning;

/// <summary>Configuration and facts in, plan out. This is the table of contents of a node.</summary>
public static class Planner
{
    /// <summary>The components, in reading order: what a node is made of.</summary>
    public static ImmutableArray<IComponent> Components { get; } =
    [
        new StorageComponent(),
        new KernelComponent(),
        new UnitLimitComponent(),
        new HookComponent(),
        new EnvironmentComponent(),
        new ProxyComponent(),
        new TrustComponent(),
        new NameResolutionComponent(),
        new CertificateAuthorityComponent(),
        new KubeconfigComponent(),
        new HostsEntryComponent(),
        new AcceleratorComponent(),
        new ContainerdComponent(),
        new RegistriesComponent(),
        new KubeletComponent(),
        new PrefetchComponent(),
    ];

    /// <summary>
    /// What the node needs. It is null when something is missing that a node cannot do without; that is reported, all of it at once.
    /// A plan may also come with errors: then it is to be shown, not applied.
    /// </summary>
    /// <param name="config">The merged configuration.</param>
    /// <param name="facts">The facts; of the host's, those that follow from the instance type may be missing.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static Plan? Plan(NodeConfig config, NodeFacts facts, DiagnosticBag diagnostics)
    {
        facts = HostFactsDefaults.Fill(facts);
        if (NodeDecisions.Decide(config, facts, diagnostics) is not { } decisions)
        {
            return null;
        }

        var context = new PlanContext(config, facts, decisions, diagnostics);
        return new Plan(ResourceOrder.Sort(Components.SelectMany(c => c.Plan(context))));
    }

    /// <summary>
    /// What can be said of a configuration that cannot be planned, so that one run reports everything: the rules that need no
    /// more than the versions of the image.
    /// </summary>
    /// <param name="config">The merged configuration.</param>
    /// <param name="image">The versions.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static void Check(NodeConfig config, ImageFacts image, DiagnosticBag diagnostics) =>
        KubeletPredictions.Report(config, SemanticVersion.Find(image.KubeletVersion ?? ""), generated: null, diagnostics);
}
