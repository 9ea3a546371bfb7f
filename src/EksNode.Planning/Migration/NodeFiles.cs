using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Planning.Migration;

/// <summary>What the files of an existing node say, whoever wrote them.</summary>
public sealed class NodeFiles
{
    /// <summary>The kubelet's version; null: not known.</summary>
    public SemanticVersion? Kubelet { get; init; }

    /// <summary>containerd's version; null: not known.</summary>
    public SemanticVersion? Containerd { get; init; }

    /// <summary>The kubelet's own configuration; null: there is none.</summary>
    public TreeMap? KubeletConfig { get; init; }

    /// <summary>The drop-ins over it, in their order.</summary>
    public ImmutableArray<TreeMap> KubeletDropIns { get; init; } = [];

    /// <summary>The kubelet's arguments.</summary>
    public ImmutableArray<Sourced<string>> Arguments { get; init; } = [];

    /// <summary>containerd's configuration; null: there is none.</summary>
    public TreeMap? ContainerdConfig { get; init; }

    /// <summary>The runtime spec that containers start from; null: there is none.</summary>
    public TreeMap? BaseRuntimeSpec { get; init; }

    /// <summary>The cluster's certificate authority, PEM; empty: there is none.</summary>
    public ImmutableArray<byte> CertificateAuthority { get; init; } = [];

    /// <summary>The kubeconfig; null: there is none.</summary>
    public TreeMap? Kubeconfig { get; init; }
}
