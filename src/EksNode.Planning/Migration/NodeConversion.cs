using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Containerd;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Migration;

/// <summary>
/// The NodeConfig that makes eksnode plan the settings that the files of an existing node have: what differs from what eksnode plans
/// for the same node by itself, and nothing else.
/// </summary>
public sealed class NodeConversion
{
    private const string KubeletPath = "spec.kubelet.config";

    // What eksnode finds out or plans for every node: where the node has another value for them, that belongs to the old tool.
    private static readonly string[] OwnFlags =
    [
        "config", "config-dir", "kubeconfig", "bootstrap-kubeconfig", "container-runtime", "container-runtime-endpoint", "image-credential-provider-bin-dir",
        "image-credential-provider-config", "hostname-override", "node-ip", "cloud-provider", "runtime-cgroups", "pod-infra-container-image", "network-plugin",
    ];

    private static readonly string[] FoundOut = ["providerID", "kind", "apiVersion", "containerRuntimeEndpoint"];

    private readonly NodeFiles files;
    private readonly DiagnosticBag diagnostics;
    private readonly Origin here = Origin.Default("the files of the node");

    private NodeConversion(NodeFiles files, DiagnosticBag diagnostics) => (this.files, this.diagnostics) = (files, diagnostics);

    /// <summary>The document; null when the files are not those of a node of an EKS cluster.</summary>
    /// <param name="files">The files.</param>
    /// <param name="facts">Facts of the node that its files do not tell, such as its instance type; what is missing is taken from the files.</param>
    /// <param name="apiVersion">The apiVersion of the document.</param>
    /// <param name="diagnostics">Takes what cannot be expressed.</param>
    public static TreeMap? Of(NodeFiles files, NodeFacts facts, string apiVersion, DiagnosticBag diagnostics) =>
        new NodeConversion(files, diagnostics).Convert(facts, apiVersion);

    private TreeMap? Convert(NodeFacts facts, string apiVersion)
    {
        if (NodeIdentityFiles.Of(files, diagnostics) is not { } identity)
        {
            return null;
        }

        var cluster = identity.Cluster();
        var known = identity.Complete(facts);
        var bag = new DiagnosticBag();
        List<TreeEntry> planned = [new TreeEntry("cluster", here, identity.PlannedCluster())];
        if (identity.IsNamedByInstance(known))
        {
            planned.Add(ByInstance());
        }

        var bare = NodeConfigReader.Read(Document(apiVersion, planned), bag);
        if (Planner.Plan(bare, known, bag) is not { } plan)
        {
            foreach (var found in bag.Items)
            {
                if (found.Severity == Severity.Error)
                {
                    diagnostics.Add(found);
                }
            }

            return null;
        }

        var spec = new List<TreeEntry> { new("cluster", here, cluster) };
        if (identity.IsNamedByInstance(known))
        {
            spec.Add(ByInstance());
        }

        AddContainerd(spec, plan, known);
        AddKubelet(spec, plan, identity.IsServiceNetworkKnown);
        return Document(apiVersion, spec);
    }

    private TreeEntry ByInstance() =>
        new("featureGates", here, new TreeMap([new TreeEntry("InstanceIdNodeName", here, TreeScalar.Of(true, here))], here));

    private TreeMap Document(string apiVersion, IEnumerable<TreeEntry> spec) => new(
        [
            new TreeEntry("apiVersion", here, TreeScalar.Of(apiVersion, here)),
            new TreeEntry("kind", here, TreeScalar.Of(ApiGroups.NodeConfig, here)),
            new TreeEntry("spec", here, new TreeMap(spec, here)),
        ],
        here);

    private void AddKubelet(List<TreeEntry> spec, Plan plan, bool isServiceNetworkKnown)
    {
        var entries = new List<TreeEntry>();
        if (files.KubeletConfig is { } own && (plan.Find(NodePaths.FileId(NodePaths.KubeletConfig)) as FileResource)?.Document is { } planned)
        {
            foreach (var dropIn in files.KubeletDropIns)
            {
                own = TreeMerge.Merge(own, dropIn);
            }

            var config = TreeDifference.Of(planned, own, isServiceNetworkKnown ? FoundOut : [.. FoundOut, "clusterDNS"]);
            if (!isServiceNetworkKnown && own["clusterDNS"] is { } dns)
            {
                config = config.With("clusterDNS", dns);
            }

            if (!config.Entries.IsEmpty)
            {
                entries.Add(new TreeEntry("config", here, config));
            }
        }

        var flags = Flags((plan.Find(NodePaths.FileId(NodePaths.KubeletEnvironment)) as FileResource)?.Arguments ?? []);
        if (!flags.IsEmpty)
        {
            entries.Add(new TreeEntry("flags", here, new TreeList(flags, here)));
        }

        if (entries.Count > 0)
        {
            spec.Add(new TreeEntry("kubelet", here, new TreeMap(entries, here)));
        }
    }

    // A flag that eksnode plans itself, with the same value or one of its own, is left out.
    private ImmutableArray<TreeNode> Flags(ImmutableArray<Sourced<string>> planned)
    {
        var kept = ImmutableArray.CreateBuilder<TreeNode>();
        foreach (var argument in files.Arguments)
        {
            var text = argument.Value.TrimStart('-');
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? text : text[..equals];
            var isPlanned = false;
            foreach (var own in planned)
            {
                isPlanned |= own.Value == argument.Value;
            }

            if (!isPlanned && Array.IndexOf(OwnFlags, name) < 0)
            {
                kept.Add(TreeScalar.Of(argument.Value, argument.Origin));
            }
            else if (!isPlanned && name is "hostname-override" or "node-ip")
            {
                diagnostics.Report(
                    DiagnosticCatalogue.NodeSettingDropped,
                    $"The kubelet has `{argument.Value}`, which eksnode finds out by itself.",
                    "Add it to `spec.kubelet.flags` when the node must keep it.",
                    argument.Origin);
            }
        }

        return kept.ToImmutable();
    }

    private void AddContainerd(List<TreeEntry> spec, Plan plan, NodeFacts facts)
    {
        var entries = new List<TreeEntry>();
        if (files.BaseRuntimeSpec is { } runtime && (plan.Find(NodePaths.FileId(BaseRuntimeSpec.Path)) as FileResource)?.Document is { } plannedRuntime
            && TreeDifference.Of(plannedRuntime, runtime, []) is { Entries.IsEmpty: false } difference)
        {
            entries.Add(new TreeEntry("baseRuntimeSpec", here, difference));
        }

        if (files.ContainerdConfig is { } config
            && (plan.Find(NodePaths.FileId(ContainerdComponent.ConfigPath)) as FileResource)?.Document is { } planned
            && ContainerdDifference(config, planned, facts) is { } toml)
        {
            entries.Add(new TreeEntry("config", here, TreeScalar.Of(TomlWriter.Write(toml), here)));
        }

        if (entries.Count > 0)
        {
            spec.Add(new TreeEntry("containerd", here, new TreeMap(entries, here)));
        }
    }

    // Both in the schema that is planned, so that a value is compared with the one at its place.
    private TreeMap? ContainerdDifference(TreeMap config, TreeMap planned, NodeFacts facts)
    {
        var containerd = SemanticVersion.Find(facts.Image.ContainerdVersion ?? "") ?? ContainerdSchemas.NewestKnown;
        var isTwo = planned["version"] is TreeScalar { Text: "2" };
        var conversion = isTwo ? ContainerdConversion.ToSchema2(config) : ContainerdConversion.ToSchema3(config, containerd);
        foreach (var step in conversion.Steps)
        {
            if (step.Outcome == ConversionOutcome.NoPlace)
            {
                diagnostics.Report(
                    DiagnosticCatalogue.NodeSettingDropped,
                    $"containerd's setting `{TomlPath.Format(step.Leaf.Path)}` has no place in the configuration of containerd {containerd}.",
                    step.Help ?? "It is left out.",
                    step.Leaf.Value.Origin);
            }
        }

        var difference = TreeDifference.Of(planned, conversion.Tree, ["version"], removes: false, missing: path => diagnostics.Report(
            DiagnosticCatalogue.NodeSettingDropped,
            $"eksnode sets containerd's `{path}`, which the node does not set, and TOML cannot take it back.",
            "Set it under `spec.containerd.config` to the value that the node should have.",
            severity: Severity.Info));
        return difference.Entries.IsEmpty ? null : new TreeMap([new TreeEntry("version", here, planned["version"]!), .. difference.Entries], here);
    }
}
