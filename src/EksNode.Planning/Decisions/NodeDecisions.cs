using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

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
public sealed record ReservedResources(int CpuMillicores, long MemoryMib);

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
    public required Sourced<System.Collections.Immutable.ImmutableArray<byte>> CertificateAuthority { get; init; }

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

    /// <summary>Resources kept for the kubelet and the runtime.</summary>
    public required Sourced<ReservedResources> Reserved { get; init; }

    /// <summary>The default runtime handler.</summary>
    public required Sourced<RuntimeHandler> Runtime { get; init; }

    /// <summary>Whether images are pulled by the SOCI snapshotter in parallel mode.</summary>
    public required Sourced<bool> FastImagePull { get; init; }

    /// <summary>Whether an NVIDIA device is there.</summary>
    public required Sourced<bool> NvidiaDevice { get; init; }
}
