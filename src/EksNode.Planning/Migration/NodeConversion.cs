using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Containerd;
using EksNode.Planning.Facts;
using EksNode.Planning.Kubelet;
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
    private readonly ConvertedSpec spec;
    private readonly DiagnosticBag diagnostics;
    private readonly Origin here = Origin.Default("the files of the node");

    private NodeConversion(NodeFiles files, string apiVersion, DiagnosticBag diagnostics) =>
        (this.files, spec, this.diagnostics) = (files, new ConvertedSpec(apiVersion, diagnostics), diagnostics);

    /// <summary>The document; null when the files are not those of a node of an EKS cluster.</summary>
    /// <param name="files">The files.</param>
    /// <param name="facts">Facts of the node that its files do not tell, such as its instance type; what is missing is taken from the files.</param>
    /// <param name="apiVersion">The apiVersion of the document.</param>
    /// <param name="diagnostics">Takes what cannot be expressed.</param>
    public static TreeMap? Of(NodeFiles files, NodeFacts facts, string apiVersion, DiagnosticBag diagnostics) =>
        new NodeConversion(files, apiVersion, diagnostics).Convert(facts);

    // A file of eksnode's in Replace mode: its keys are sorted, and that of a generated one begins with `kind`.
    private bool Replaces
    {
        get
        {
            var isSorted = files.IsOwn && files.KubeletDropIns.IsEmpty;
            for (var i = 1; isSorted && i < files.KubeletConfig!.Entries.Length; i++)
            {
                isSorted = string.CompareOrdinal(files.KubeletConfig.Entries[i - 1].Key, files.KubeletConfig.Entries[i].Key) < 0;
            }

            return isSorted;
        }
    }

    private TreeMap? Convert(NodeFacts facts)
    {
        if (NodeIdentityFiles.Of(files, diagnostics) is not { } identity)
        {
            return null;
        }

        var known = identity.Complete(facts);
        spec.Set(identity.PlannedCluster(), "cluster");
        if (identity.IsNamedByInstance(known))
        {
            spec.Set(TreeScalar.Of(true, here), "featureGates", "InstanceIdNodeName");
        }

        if (files.Texts.Any(f => f.Path == SociSnapshotter.DropInPath))
        {
            spec.Set(TreeScalar.Of(true, here), "featureGates", "FastImagePull");
        }

        new ServiceConversion(files, spec).Convert(NodeConfigReader.Read(spec.Document, new DiagnosticBag()), known);
        new HostConversion(files, spec).Convert();
        if (Plan(known) is not { } plan)
        {
            return null;
        }

        var kubelet = new KubeletConversion(files, spec);
        kubelet.AddProviders(Planned(plan, NodePaths.ImageCredentialProviderConfig));
        if (!Replaces)
        {
            kubelet.AddGenerated(Planned(plan, NodePaths.KubeletConfig));
            if (User() is { Entries.IsEmpty: false } user)
            {
                // Max pods of the drop-in count in what is reserved.
                spec.Set(user, "kubelet", "config");
            }
        }

        AddRlimits(Planned(plan, BaseRuntimeSpec.Path));
        plan = Plan(known) ?? plan;
        AddContainerd(plan, known);
        AddKubelet(plan, identity.IsServiceNetworkKnown);
        spec.Set(identity.Cluster(), "cluster");
        spec.Report();
        return spec.Document;
    }

    private Plan? Plan(NodeFacts known)
    {
        var bag = new DiagnosticBag();
        var plan = Planner.Plan(NodeConfigReader.Read(spec.Document, bag), known, bag);
        foreach (var found in bag.Items)
        {
            if (plan is null && found.Severity == Severity.Error)
            {
                diagnostics.Add(found);
            }
        }

        return plan;
    }

    private static TreeMap? Planned(Plan plan, string path) => (plan.Find(NodePaths.FileId(path)) as FileResource)?.Document;

    private void AddKubelet(Plan plan, bool isServiceNetworkKnown)
    {
        if (files.KubeletConfig is { } own && Planned(plan, NodePaths.KubeletConfig) is { } planned)
        {
            var replaces = Replaces;
            if (replaces && spec.IsOwn)
            {
                spec.Set(TreeScalar.Of(KubeletConfigModes.Replace, here), "kubelet", "configMode");
                spec.Set(KubeletReplacement.Without(own, planned), "kubelet", "config");
            }
            else
            {
                if (replaces)
                {
                    spec.Leave(NodePaths.KubeletConfig, "a configuration that replaces the generated one as a whole", "kubelet.configMode");
                }

                AddMerged(own, planned, isServiceNetworkKnown);
            }
        }

        var flags = Flags((plan.Find(NodePaths.FileId(NodePaths.KubeletEnvironment)) as FileResource)?.Arguments ?? []);
        if (!flags.IsEmpty)
        {
            spec.Set(new TreeList(flags, here), "kubelet", "flags");
        }
    }

    private TreeMap User()
    {
        foreach (var dropIn in files.KubeletDropIns)
        {
            if (dropIn.Origin.Source == NodePaths.KubeletUserConfig)
            {
                return dropIn.Without("apiVersion").Without("kind");
            }
        }

        return new TreeMap([], here);
    }

    // The user's drop-in is the setting as it is; of the other files, what they make differ.
    private void AddMerged(TreeMap own, TreeMap planned, bool isServiceNetworkKnown)
    {
        foreach (var dropIn in files.KubeletDropIns)
        {
            own = TreeMerge.Merge(own, dropIn);
        }

        if (own["evictionHard"] is null)
        {
            // The kubelet has a default for it where its own file lacks it, and eksnode's file has one.
            own = own.With("evictionHard", KubeletOwnEviction());
        }

        var user = User();
        var config = TreeMerge.Merge(user, TreeDifference.Of(TreeMerge.Merge(planned, user), own, isServiceNetworkKnown ? FoundOut : [.. FoundOut, "clusterDNS"]));
        if (!isServiceNetworkKnown && own["clusterDNS"] is { } dns)
        {
            config = config.With("clusterDNS", dns);
        }

        if (!config.Entries.IsEmpty)
        {
            spec.Set(config, "kubelet", "config");
        }
    }

    private TreeNode KubeletOwnEviction()
    {
        foreach (var leaf in KubeletDefaults.Of(files.Kubelet?.Minor ?? 0))
        {
            if (leaf.Path == "evictionHard")
            {
                return KubeletFieldValue.Read(leaf.Type, leaf.Default, here);
            }
        }

        throw new InvalidOperationException("The table of defaults has no evictionHard.");
    }

    // A flag that eksnode plans itself, with the same value or one of its own, is left out.
    private ImmutableArray<TreeNode> Flags(ImmutableArray<Sourced<string>> planned)
    {
        var kept = new List<TreeNode>();
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

    // `spec.limits.rlimits`, which are written by name, those of open files always; any other list stays a part of the runtime spec.
    private void AddRlimits(TreeMap? planned)
    {
        if (!spec.IsOwn || planned is null || files.BaseRuntimeSpec is not { } runtime || TreeLeaves.Find(runtime, "process", "rlimits") is not TreeList own)
        {
            return;
        }

        var before = "";
        var limits = new List<TreeEntry>();
        foreach (var item in own.Items)
        {
            if (item is not TreeMap { Entries.Length: 3 } limit || limit["type"] is not TreeScalar { Text.Length: > 7 } name || !name.Text.StartsWith("RLIMIT_", StringComparison.Ordinal)
                || limit["soft"] is not TreeScalar soft || limit["hard"] is not TreeScalar hard || string.CompareOrdinal(before, name.Text) >= 0)
            {
                return;
            }

            before = name.Text;
            limits.Add(new TreeEntry(name.Text["RLIMIT_".Length..].ToLowerInvariant(), here, Tree.Map(("soft", OrInfinity(soft)), ("hard", OrInfinity(hard)))));
        }

        var map = new TreeMap(limits, here);
        if (map["nofile"] is not null && JsonWriter.Write(own, 0) != JsonWriter.Write(TreeLeaves.Find(planned, "process", "rlimits")!, 0)
            && spec.Problem(map, ["limits", "rlimits"]) is null)
        {
            spec.Set(map, "limits", "rlimits");
        }
    }

    private TreeScalar OrInfinity(TreeScalar limit) =>
        limit.Text == BaseRuntimeSpec.NoLimit ? TreeScalar.Of(ProcessLimit.Infinity, here) : limit;

    private void AddContainerd(Plan plan, NodeFacts facts)
    {
        if (files.BaseRuntimeSpec is { } runtime && Planned(plan, BaseRuntimeSpec.Path) is { } plannedRuntime
            && TreeDifference.Of(plannedRuntime, runtime, []) is { Entries.IsEmpty: false } difference)
        {
            spec.Set(difference, "containerd", "baseRuntimeSpec");
        }

        if (files.ContainerdConfig is not { } config || Planned(plan, ContainerdComponent.ConfigPath) is not { } planned)
        {
            return;
        }

        var folder = spec.IsOwn && !files.ContainerdImports.IsEmpty ? NodeFiles.ImportedFolder(config) : null;
        if (ContainerdDifference(folder is null ? config : WithoutImports(config), planned, facts) is { } toml)
        {
            spec.Set(TreeScalar.Of(TomlWriter.Write(toml), here), "containerd", "config");
        }

        if (folder is not null)
        {
            spec.Set(HostConversion.Text(folder, ContainerdComponent.ConfigPath), "containerd", "dropIns");
            spec.Note(ContainerdComponent.ConfigPath, $"`spec.containerd.dropIns` names {Quoted.Text(folder)}, whose files are those of this node.", "Put them into the image of the new node.");
        }
    }

    // What containerd imports wins over its configuration, and `dropIns` is below it.
    private TreeMap WithoutImports(TreeMap config)
    {
        config = config.Without("imports");
        foreach (var import in files.ContainerdImports)
        {
            config = TreeDifference.Without(config, import);
        }

        return config;
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
