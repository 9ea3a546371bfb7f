using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>
/// The configuration of one node: <c>kind: NodeConfig</c> of <c>node.eks.aws/v1alpha1</c> or <c>eksnode.io/v1alpha1</c>.
/// A setting that no source sets is null (or empty); defaults are the planner's.
/// </summary>
/// <remarks>Field by field: EKS NodeConfig API v1alpha1. Values are valid in form here: what is not was reported and left out.</remarks>
public sealed record NodeConfig
{
    /// <summary>A configuration without any setting: the identity of <see cref="NodeConfigMerge"/>.</summary>
    public static NodeConfig Empty { get; } = new();

    /// <summary><c>metadata</c>: merged and printed, otherwise unused.</summary>
    public TreeMap? Metadata { get; init; }

    /// <summary><c>spec.cluster</c>.</summary>
    public ClusterSettings Cluster { get; init; } = new();

    /// <summary><c>spec.kubelet</c>.</summary>
    public KubeletSettings Kubelet { get; init; } = new();

    /// <summary><c>spec.containerd</c>.</summary>
    public ContainerdSettings Containerd { get; init; } = new();

    /// <summary><c>spec.instance</c>.</summary>
    public InstanceSettings Instance { get; init; } = new();

    /// <summary><c>spec.featureGates</c>, by name (known or not).</summary>
    public SortedMap<Sourced<bool>> FeatureGates { get; init; } = SortedMap.Empty<Sourced<bool>>();

    /// <summary><c>spec.kernel</c>.</summary>
    public KernelSettings Kernel { get; init; } = new();

    /// <summary><c>spec.limits</c>.</summary>
    public LimitSettings Limits { get; init; } = new();

    /// <summary><c>spec.hooks</c>.</summary>
    public HookSettings Hooks { get; init; } = new();

    /// <summary><c>spec.proxy</c>.</summary>
    public ProxySettings Proxy { get; init; } = new();
    /// <summary><c>spec.preset</c>: a named set of settings below all others, one of <see cref="Presets.Words"/>.</summary>
    public Sourced<string>? Preset { get; init; }

    /// <summary><c>spec.maxPods</c>: how many pods the node may run.</summary>
    public MaxPodsSettings MaxPods { get; init; } = new();

    /// <summary><c>spec.labels</c>, by key.</summary>
    public SortedMap<Sourced<Template>> Labels { get; init; } = SortedMap.Empty<Sourced<Template>>();

    /// <summary><c>spec.taints</c>.</summary>
    public ImmutableArray<Sourced<NodeTaint>> Taints { get; init; } = [];

    /// <summary><c>spec.registries</c>, by the name of the registry.</summary>
    public SortedMap<RegistrySettings> Registries { get; init; } = SortedMap.Empty<RegistrySettings>();

    /// <summary><c>spec.trust.certificateAuthorities</c>; null: none.</summary>
    public Sourced<ImmutableArray<TrustedAuthority>>? Trust { get; init; }

    /// <summary><c>spec.credentialProviders</c>: entries of the kubelet's CredentialProviderConfig, valid in form.</summary>
    public ImmutableArray<TreeMap> CredentialProviders { get; init; } = [];

    /// <summary><c>spec.readiness</c>.</summary>
    public ReadinessSettings Readiness { get; init; } = new();

    /// <summary><c>spec.images.prefetch</c>: images to pull once the node has started; null: none.</summary>
    public Sourced<ImmutableArray<string>>? Prefetch { get; init; }

    /// <summary>Whether a feature gate of eksnode is on: <c>InstanceIdNodeName</c>, <c>FastImagePull</c>.</summary>
    public bool Gate(string name) => FeatureGates.TryGetValue(name, out var gate) && gate.Value;
}

/// <summary><c>spec.cluster</c>.</summary>
public sealed record ClusterSettings
{
    /// <summary>The cluster's name.</summary>
    public Sourced<string>? Name { get; init; }

    /// <summary>The API server's URL, <c>https://host[:port]</c>.</summary>
    public Sourced<string>? ApiServerEndpoint { get; init; }

    /// <summary>The decoded bytes of the certificate authority (PEM).</summary>
    public Sourced<ImmutableArray<byte>>? CertificateAuthority { get; init; }

    /// <summary>The service CIDR.</summary>
    public Sourced<string>? Cidr { get; init; }

    /// <summary>The cluster id, for a local cluster on an Outpost.</summary>
    public Sourced<string>? Id { get; init; }

    /// <summary>Whether this is a local cluster on an Outpost.</summary>
    public Sourced<bool>? EnableOutpost { get; init; }
}

/// <summary><c>spec.kubelet</c>.</summary>
public sealed record KubeletSettings
{
    /// <summary>A partial KubeletConfiguration.</summary>
    public TreeMap? Config { get; init; }

    /// <summary>Command-line arguments, in order.</summary>
    public ImmutableArray<Sourced<string>> Flags { get; init; } = [];

    /// <summary>A CEL expression for max pods. The text is as written; the planner evaluates it.</summary>
    public Sourced<string>? MaxPodsExpression { get; init; }

    /// <summary><c>configMode</c>: <see cref="KubeletConfigModes.Merge"/> (null too) or <see cref="KubeletConfigModes.Replace"/>.</summary>
    public Sourced<string>? ConfigMode { get; init; }

    /// <summary>
    /// <c>configFile</c>: the path of a KubeletConfiguration below <see cref="Config"/>. <see cref="ReferencedFiles.Enter"/> lays its
    /// content below <see cref="Config"/> and sets this to null: what is planned from is one document.
    /// </summary>
    public Sourced<string>? ConfigFile { get; init; }

    /// <summary>The content of <see cref="ConfigFile"/> by itself, as <see cref="ReferencedFiles.Enter"/> read it; null: there is none.</summary>
    public TreeMap? FileLayer { get; init; }

    /// <summary>Whether <see cref="Config"/> is the whole configuration of the kubelet instead of a drop-in over eksnode's.</summary>
    public bool Replaces => ConfigMode?.Value == KubeletConfigModes.Replace;
}

/// <summary>The words of <c>spec.kubelet.configMode</c>.</summary>
public static class KubeletConfigModes
{
    /// <summary><c>spec.kubelet.config</c> is a drop-in over the configuration that eksnode generates. The default.</summary>
    public const string Merge = "Merge";

    /// <summary><c>spec.kubelet.config</c> is the kubelet's configuration.</summary>
    public const string Replace = "Replace";
}

/// <summary><c>spec.containerd</c>.</summary>
public sealed record ContainerdSettings
{
    /// <summary>The inline TOML, parsed. Origins are those of the surrounding document.</summary>
    public TreeMap? Config { get; init; }

    /// <summary>A partial OCI runtime spec.</summary>
    public TreeMap? BaseRuntimeSpec { get; init; }

    /// <summary><c>configFile</c>: the path of a TOML file below everything else that the user sets.</summary>
    public Sourced<string>? ConfigFile { get; init; }

    /// <summary><c>dropIns</c>: a folder whose <c>*.toml</c> files come over <see cref="ConfigFile"/>, in the order of their names.</summary>
    public Sourced<string>? DropIns { get; init; }

    /// <summary>
    /// The content of <see cref="ConfigFile"/> and <see cref="DropIns"/>, lowest first, as <see cref="ReferencedFiles.Enter"/> read it. Each
    /// stays by itself, since each may be written in another schema of containerd.
    /// </summary>
    public ImmutableArray<TreeMap> Layers { get; init; } = [];
}

/// <summary><c>spec.instance</c>.</summary>
public sealed record InstanceSettings
{
    /// <summary><c>localStorage</c>: instance store disks.</summary>
    public LocalStorageSettings LocalStorage { get; init; } = new();

    /// <summary><c>storage.volumes</c>: data volumes.</summary>
    public ImmutableArray<Sourced<VolumeSettings>> Volumes { get; init; } = [];

    /// <summary><c>storage.early</c>: disks are prepared when the node is configured, before the user's own scripts run.</summary>
    public Sourced<bool>? StorageEarly { get; init; }

    /// <summary><c>environment</c>: service (or <c>default</c>) to variable to value.</summary>
    public SortedMap<SortedMap<Sourced<Secret>>> Environment { get; init; } =
        SortedMap.Empty<SortedMap<Sourced<Secret>>>();

    /// <summary><c>network.nameservers</c>.</summary>
    public Sourced<ImmutableArray<string>>? Nameservers { get; init; }

    /// <summary><c>network.domains</c>.</summary>
    public Sourced<ImmutableArray<string>>? Domains { get; init; }
}
