using System.Collections.Immutable;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>Says what a key that no setting has was probably meant to be: another spelling, another place, another tool's name.</summary>
internal static class MisplacedKeys
{
    // Every setting of the API by its last key, where that is unique.
    private static readonly ImmutableArray<string> Settings =
    [
        "spec.cluster", "spec.kubelet", "spec.containerd", "spec.instance", "spec.featureGates",
        "spec.cluster.name", "spec.cluster.apiServerEndpoint", "spec.cluster.certificateAuthority", "spec.cluster.cidr",
        "spec.cluster.enableOutpost", "spec.cluster.id",
        "spec.kubelet.flags", "spec.kubelet.maxPodsExpression", "spec.containerd.baseRuntimeSpec",
        "spec.instance.localStorage", "spec.instance.environment", "spec.instance.network", "spec.instance.storage",
        "spec.instance.localStorage.strategy", "spec.instance.localStorage.mountPath", "spec.instance.localStorage.disabledMounts",
        "spec.instance.network.nameservers", "spec.instance.network.domains", "spec.instance.storage.volumes",
    ];

    private static readonly string[] Areas = ["spec.cluster", "spec.kubelet", "spec.containerd", "spec.instance"];

    private static readonly string[] OwnAreas =
        ["credentialProviders", "hooks", "images", "kernel", "limits", "preset", "proxy", "readiness", "registries", "trust"];

    // Names of the same things in AL2's bootstrap.sh, eksctl, Karpenter, Terraform modules and the EKS API.
    private static readonly Dictionary<string, string> OtherNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["clusterName"] = "spec.cluster.name",
        ["endpoint"] = "spec.cluster.apiServerEndpoint",
        ["clusterEndpoint"] = "spec.cluster.apiServerEndpoint",
        ["apiServerURL"] = "spec.cluster.apiServerEndpoint",
        ["apiserver"] = "spec.cluster.apiServerEndpoint",
        ["certificateAuthorityData"] = "spec.cluster.certificateAuthority",
        ["clusterCA"] = "spec.cluster.certificateAuthority",
        ["b64ClusterCA"] = "spec.cluster.certificateAuthority",
        ["caBundle"] = "spec.cluster.certificateAuthority",
        ["serviceCidr"] = "spec.cluster.cidr",
        ["serviceIpv4Cidr"] = "spec.cluster.cidr",
        ["serviceIpv6Cidr"] = "spec.cluster.cidr",
        ["kubeletExtraArgs"] = "spec.kubelet.flags",
        ["extraArgs"] = "spec.kubelet.flags",
        ["nodeLabels"] = "`spec.kubelet.flags`, as `--node-labels=key=value`",
        ["labels"] = "`spec.kubelet.flags`, as `--node-labels=key=value`",
        ["taints"] = "spec.kubelet.config.registerWithTaints",
        ["maxPods"] = "spec.kubelet.config.maxPods",
        ["clusterDNS"] = "spec.kubelet.config.clusterDNS",
        ["evictionHard"] = "spec.kubelet.config.evictionHard",
        ["kubeReserved"] = "spec.kubelet.config.kubeReserved",
        ["systemReserved"] = "spec.kubelet.config.systemReserved",
        ["registerWithTaints"] = "spec.kubelet.config.registerWithTaints",
        ["instanceStorePolicy"] = "spec.instance.localStorage.strategy",
        ["volumes"] = "spec.instance.storage.volumes",
        ["dns"] = "spec.instance.network.nameservers",
    };

    /// <summary>The help sentence.</summary>
    /// <param name="path">The map's path.</param>
    /// <param name="key">The key that it has.</param>
    /// <param name="known">The keys that it may have.</param>
    /// <param name="ownGroup">Whether the document is of eksnode's own API group.</param>
    public static string Help(string path, string key, IReadOnlyCollection<string> known, bool ownGroup)
    {
        if (known.FirstOrDefault(k => string.Equals(k, key, StringComparison.OrdinalIgnoreCase)) is { } sameButForCase)
        {
            return $"Keys are case sensitive: did you mean `{sameButForCase}`?";
        }

        // Below an item of a list, and in the sections of our own API, the same word means something else: the `name` of a taint is not the cluster's.
        var own = SettingPath.Child(path, key);
        var isOfTheApi = path.Length == 0 || path == "spec" || (!path.Contains('[', StringComparison.Ordinal) && Array.Exists(Areas, a => path.StartsWith(a, StringComparison.Ordinal)));
        if (isOfTheApi && OtherNames.TryGetValue(key, out var place) && place != own)
        {
            if (ownGroup && key.ToUpperInvariant() is "LABELS" or "NODELABELS" or "TAINTS" or "MAXPODS")
            {
                place = key.Equals("taints", StringComparison.OrdinalIgnoreCase) ? "spec.taints" : key.Equals("maxPods", StringComparison.OrdinalIgnoreCase) ? "spec.maxPods" : "spec.labels";
            }

            return place.Contains('`', StringComparison.Ordinal) ? $"It belongs in {place}." : $"It belongs in `{place}`.";
        }

        if (path.Length == 0 && Array.Exists(OwnAreas, a => a == key))
        {
            return ownGroup ? $"It belongs under `spec`: `spec.{key}`." : $"It belongs under `spec`, as `spec.{key}`, in a document with `apiVersion: eksnode.io/v1alpha1`.";
        }

        var suffix = "." + key;
        var elsewhere = Settings.Where(s => isOfTheApi && s.EndsWith(suffix, StringComparison.OrdinalIgnoreCase) && s != own).ToList();
        if (elsewhere.Count == 1)
        {
            return $"It belongs in `{elsewhere[0]}`.";
        }

        if (Suggestions.Nearest(key, known) is { } nearest)
        {
            return $"Did you mean `{nearest}`?";
        }

        return key is "true" or "false"
            ? "An unquoted `y`, `n`, `yes`, `no`, `on` or `off` is a boolean in YAML, as a key too: quote it."
            : $"The settings here are {string.Join(", ", known.Select(k => $"`{k}`"))}.";
    }
}
