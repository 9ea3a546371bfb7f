using EksNode.Configuration.Documents;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>
/// How two configurations become one. The rules:
/// <list type="number">
/// <item>A setting that the later configuration has replaces the earlier one; one that it lacks, or sets to an empty string,
/// an empty list or null, does not.</item>
/// <item>Embedded documents (kubelet config, containerd TOML, runtime spec, metadata) merge deep; there a later zero, false,
/// empty or null value does override, and lists are replaced.</item>
/// <item>Environment and feature gates merge per key; a later value wins, whatever it is.</item>
/// <item>Settings of the proxy replace one by one.</item>
/// <item>Environment, labels and feature gates merge per key; a later value wins, whatever it is.</item>
/// <item>Of <c>maxPods</c> the form of the later configuration counts; the options of the pod network merge per key.</item>
/// <item>Settings of the proxy and of a registry replace one by one.</item>
/// <item>Kubelet flags of the later configuration come after those of the earlier one.</item>
/// </list>
/// Merging is associative and <see cref="NodeConfig.Empty"/> is its identity.
/// </summary>
public static class NodeConfigMerge
{
    /// <summary>The earlier configuration with the later one laid over it.</summary>
    public static NodeConfig Merge(NodeConfig earlier, NodeConfig later) => new()
    {
        Metadata = TreeMerge.MergeOptional(earlier.Metadata, later.Metadata),
        Cluster = new ClusterSettings
        {
            Name = later.Cluster.Name ?? earlier.Cluster.Name,
            ApiServerEndpoint = later.Cluster.ApiServerEndpoint ?? earlier.Cluster.ApiServerEndpoint,
            CertificateAuthority = later.Cluster.CertificateAuthority ?? earlier.Cluster.CertificateAuthority,
            Cidr = later.Cluster.Cidr ?? earlier.Cluster.Cidr,
            Id = later.Cluster.Id ?? earlier.Cluster.Id,
            EnableOutpost = later.Cluster.EnableOutpost ?? earlier.Cluster.EnableOutpost,
        },
        Kubelet = new KubeletSettings
        {
            Config = TreeMerge.MergeOptional(earlier.Kubelet.Config, later.Kubelet.Config),
            Flags = [.. earlier.Kubelet.Flags, .. later.Kubelet.Flags],
            MaxPodsExpression = later.Kubelet.MaxPodsExpression ?? earlier.Kubelet.MaxPodsExpression,
            ConfigMode = later.Kubelet.ConfigMode ?? earlier.Kubelet.ConfigMode,
            ConfigFile = later.Kubelet.ConfigFile ?? earlier.Kubelet.ConfigFile,
        },
        Containerd = new ContainerdSettings
        {
            Config = TreeMerge.MergeOptional(earlier.Containerd.Config, later.Containerd.Config),
            BaseRuntimeSpec = TreeMerge.MergeOptional(earlier.Containerd.BaseRuntimeSpec, later.Containerd.BaseRuntimeSpec),
            ConfigFile = later.Containerd.ConfigFile ?? earlier.Containerd.ConfigFile,
            DropIns = later.Containerd.DropIns ?? earlier.Containerd.DropIns,
            Layers = [.. earlier.Containerd.Layers, .. later.Containerd.Layers],
        },
        Instance = new InstanceSettings
        {
            LocalStorage = new LocalStorageSettings
            {
                Strategy = later.Instance.LocalStorage.Strategy ?? earlier.Instance.LocalStorage.Strategy,
                MountPath = later.Instance.LocalStorage.MountPath ?? earlier.Instance.LocalStorage.MountPath,
                DisabledMounts = later.Instance.LocalStorage.DisabledMounts ?? earlier.Instance.LocalStorage.DisabledMounts,
                Match = later.Instance.LocalStorage.Match ?? earlier.Instance.LocalStorage.Match,
                Seed = later.Instance.LocalStorage.Seed ?? earlier.Instance.LocalStorage.Seed,
            },
            Volumes = later.Instance.Volumes.IsEmpty ? earlier.Instance.Volumes : later.Instance.Volumes,
            StorageEarly = later.Instance.StorageEarly ?? earlier.Instance.StorageEarly,
            Environment = later.Instance.Environment.Aggregate(
                earlier.Instance.Environment,
                (all, service) => all.SetItem(
                    service.Key,
                    all.TryGetValue(service.Key, out var before) ? before.With(service.Value) : service.Value)),
            Nameservers = later.Instance.Nameservers ?? earlier.Instance.Nameservers,
            Domains = later.Instance.Domains ?? earlier.Instance.Domains,
        },
        FeatureGates = earlier.FeatureGates.With(later.FeatureGates),
        Kernel = KernelSettings.Merge(earlier.Kernel, later.Kernel),
        Limits = LimitSettings.Merge(earlier.Limits, later.Limits),
        Hooks = HookSettings.Merge(earlier.Hooks, later.Hooks),
        Proxy = ProxySettings.Merge(earlier.Proxy, later.Proxy),
        Preset = later.Preset ?? earlier.Preset,
        MaxPods = MaxPodsSettings.Merge(earlier.MaxPods, later.MaxPods),
        Labels = earlier.Labels.With(later.Labels),
        Taints = later.Taints.IsEmpty ? earlier.Taints : later.Taints,
        Registries = RegistrySettings.Merge(earlier.Registries, later.Registries),
        Trust = later.Trust ?? earlier.Trust,
        CredentialProviders = later.CredentialProviders.IsEmpty ? earlier.CredentialProviders : later.CredentialProviders,
        Readiness = ReadinessSettings.Merge(earlier.Readiness, later.Readiness),
        Prefetch = later.Prefetch ?? earlier.Prefetch,
    };

    /// <summary>All of them, the first one lowest.</summary>
    public static NodeConfig MergeAll(IEnumerable<NodeConfig> configurations) => configurations.Aggregate(NodeConfig.Empty, Merge);
}
