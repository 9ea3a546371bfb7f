using System.Collections.Immutable;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Compliance;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Decisions;

/// <summary>The address family of the cluster's services and the node's address.</summary>
public enum IpFamily
{
    /// <summary>IPv4.</summary>
    Ipv4,

    /// <summary>IPv6.</summary>
    Ipv6,
}

/// <summary>A container runtime handler.</summary>
/// <param name="Name">Its name in containerd's configuration: <c>runc</c>, <c>nvidia</c>.</param>
/// <param name="Binary">The program's path.</param>
public sealed record RuntimeHandler(string Name, string Binary);

/// <summary>Resources kept for the kubelet and the container runtime.</summary>
/// <param name="CpuMillicores">CPU in thousandths.</param>
/// <param name="MemoryMib">Memory in MiB.</param>
public sealed record ReservedResources(int CpuMillicores, long MemoryMib)
{
    /// <summary>How the CPU follows from the number of CPUs: a clause with the numbers of the formula.</summary>
    public string CpuFormula { get; init; } = "";
}

/// <summary>What several components need, derived once from configuration and facts, each with its reason.</summary>
public sealed record NodeDecisions
{
    /// <summary>The kubelet's version.</summary>
    public required Sourced<SemanticVersion> KubeletVersion { get; init; }

    /// <summary>containerd's version.</summary>
    public required Sourced<SemanticVersion> ContainerdVersion { get; init; }

    /// <summary>The name that the cluster gets or <c>--cluster-name</c>: the id on Outposts.</summary>
    public required Sourced<string> ClusterName { get; init; }

    /// <summary>The API server's URL.</summary>
    public required Sourced<string> ApiServerEndpoint { get; init; }

    /// <summary>The certificate authority's bytes.</summary>
    public required Sourced<ImmutableArray<byte>> CertificateAuthority { get; init; }

    /// <summary>Whether this is a local cluster on an Outpost.</summary>
    public required Sourced<bool> OnOutpost { get; init; }

    /// <summary>The address family.</summary>
    public required Sourced<IpFamily> IpFamily { get; init; }

    /// <summary>The address of the cluster's DNS service.</summary>
    public required Sourced<string> ClusterDns { get; init; }

    /// <summary>The Node object's name.</summary>
    public required Sourced<string> NodeName { get; init; }

    /// <summary>The node's address.</summary>
    public required Sourced<string> NodeIp { get; init; }

    /// <summary><c>aws:///zone/instance-id</c>.</summary>
    public required Sourced<string> ProviderId { get; init; }

    /// <summary>The region.</summary>
    public required Sourced<string> Region { get; init; }

    /// <summary>Max pods as eksnode writes it.</summary>
    public required Sourced<int> MaxPods { get; init; }

    /// <summary>The labels that the configuration gives the node, with its facts in them.</summary>
    public SortedMap<Sourced<string>> Labels { get; init; } = SortedMap.Empty<Sourced<string>>();

    /// <summary>The taints that the configuration gives the node, with its facts in them.</summary>
    public ImmutableArray<Sourced<Taint>> Taints { get; init; } = [];

    /// <summary>Resources kept for the kubelet and the runtime.</summary>
    public required Sourced<ReservedResources> Reserved { get; init; }

    /// <summary>The default runtime handler.</summary>
    public required Sourced<RuntimeHandler> Runtime { get; init; }

    /// <summary>Whether images are pulled by the SOCI snapshotter in parallel mode.</summary>
    public required Sourced<bool> FastImagePull { get; init; }

    /// <summary>Whether an NVIDIA device is there.</summary>
    public required Sourced<bool> NvidiaDevice { get; init; }

    /// <summary>The image of the container that holds a pod's namespaces.</summary>
    public required Sourced<string> SandboxImage { get; init; }

    /// <summary>What the compliance profile of the image asks.</summary>
    public ComplianceProfile Profile { get; init; } = ComplianceProfile.None;

    /// <summary>
    /// Decides all of it, in an order in which each follows from those before; null when something is missing that a node cannot
    /// do without. All that is missing is reported at once.
    /// </summary>
    /// <param name="config">The merged configuration.</param>
    /// <param name="facts">The facts.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static NodeDecisions? Decide(NodeConfig config, NodeFacts facts, DiagnosticBag diagnostics)
    {
        var kubelet = ComponentVersions.Kubelet(facts, diagnostics);
        var containerd = ComponentVersions.Containerd(facts, diagnostics);
        var cluster = ClusterDetails.Decide(config, facts, diagnostics);
        var nodeName = NodeIdentity.Name(config, facts, diagnostics);
        var providerId = NodeIdentity.ProviderId(facts, diagnostics);
        var region = NodeIdentity.Region(facts, diagnostics);
        var nodeIp = cluster is null ? null : NodeAddresses.NodeIp(cluster.Services, facts, diagnostics);
        if (kubelet is null || containerd is null || cluster is null || nodeName is null || providerId is null || region is null || nodeIp is null)
        {
            return null;
        }

        ComponentVersions.WarnOfPair(kubelet.Value, containerd.Value, containerd.Origin, "image.containerdVersion", diagnostics);
        var family = NodeAddresses.Family(cluster.Services);
        var maxPods = Decisions.MaxPods.Decide(config, facts, family.Value == Decisions.IpFamily.Ipv6, diagnostics);
        return new NodeDecisions
        {
            KubeletVersion = kubelet,
            ContainerdVersion = containerd,
            ClusterName = cluster.NameOrId,
            ApiServerEndpoint = cluster.Endpoint,
            CertificateAuthority = cluster.CertificateAuthority,
            OnOutpost = cluster.OnOutpost,
            IpFamily = family,
            ClusterDns = NodeAddresses.ClusterDns(cluster.Services, diagnostics),
            NodeName = nodeName,
            NodeIp = nodeIp,
            ProviderId = providerId,
            Region = region,
            MaxPods = maxPods,
            Reserved = Decisions.Reserved.Decide(config, facts, maxPods, diagnostics),
            Labels = NodeLabelling.Labels(config, facts, diagnostics),
            Taints = NodeLabelling.Taints(config, facts, diagnostics),
            Runtime = Accelerators.Runtime(facts),
            FastImagePull = Decisions.FastImagePull.Decide(config, facts, diagnostics),
            NvidiaDevice = Accelerators.NvidiaDevice(facts),
            SandboxImage = Decisions.SandboxImage.Decide(facts, region.Value),
            Profile = ComplianceProfile.Of(facts, diagnostics),
        };
    }
}
