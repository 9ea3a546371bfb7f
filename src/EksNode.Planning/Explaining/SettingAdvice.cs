using EksNode.Configuration.Text;
using EksNode.Planning.Kubelet;

namespace EksNode.Planning.Explaining;

/// <summary>
/// Which setting of a NodeConfig changes a value: the one that decided it, where it is one of eksnode's own, else the one that would. What wins
/// over that one is named as well.
/// </summary>
/// <param name="sources">The settings that the sources have.</param>
/// <param name="replaces">Whether <c>spec.kubelet.configMode</c> is <c>Replace</c>, so that nothing is generated for the kubelet.</param>
internal sealed class SettingAdvice(SourceSettings sources, bool replaces)
{
    private const string KubeletConfig = "spec.kubelet.config.";
    private const string Flags = "spec.kubelet.flags";
    private const string Gate = "spec.featureGates.FastImagePull";

    // What settings of a plan are called in a NodeConfig, by the beginning of their names: `*` is the name itself.
    private static readonly (string Name, string Setting)[] Own =
    [
        ("proxy.HTTP_PROXY", "spec.proxy.http"),
        ("proxy.HTTPS_PROXY", "spec.proxy.https"),
        ("proxy.NO_PROXY", "spec.proxy.noProxy"),
        ("kernel.", "*"),
        ("images.", "*"),
        ("instance.", "*"),
        ("limits.", "*"),
        ("registries.", "spec.registries"),
        ("trust.", "spec.trust.certificateAuthorities"),
        ("kubelet.imageCredentialProvider.", "spec.credentialProviders"),
        ("kubelet.credentialProviders.", "spec.credentialProviders"),
        ("kubelet.flags.node-labels", "spec.labels"),
        ("kubelet.flags.register-with-taints", "spec.taints"),
        ("kubelet.flags.config", ""),
        ("kubelet.flags.kubeconfig", ""),
        ("kubelet.flags.bootstrap-kubeconfig", ""),
        ("kubelet.flags.", Flags),
        ("containerd.baseRuntimeSpec.process.rlimits", "spec.limits.rlimits"),
        ("containerd.baseRuntimeSpec.", "*"),
        ("containerd.service.", Gate),
        ("containerd.", "spec.containerd.config"),
        ("soci.", Gate),
        ("cluster.region", ""),
        ("cluster.exec", ""),
        ("cluster.endpointAddresses", ""),
        ("cluster.onOutpost", "spec.cluster.enableOutpost"),
        ("cluster.", "*"),
        ("spec.", "="),
    ];

    /// <summary>The setting that decided a value; null: no setting did.</summary>
    /// <param name="origin">What decided it.</param>
    public string? Decided(Origin? origin) => sources.PathOf(origin);

    /// <summary>Of a field of the kubelet's configuration: what to set, and what wins over that (empty: nothing else does).</summary>
    /// <param name="path">The field: <c>maxPods</c>.</param>
    /// <param name="isFlag">Whether a flag decided it.</param>
    /// <param name="origin">What decided it; null: it is not set.</param>
    public (string Change, string Override) OfKubelet(string path, bool isFlag, Origin? origin)
    {
        var direct = KubeletConfig + path;
        var own = OwnOfKubelet(path);
        var decided = WithoutIndex(sources.PathOf(origin));
        if (isFlag)
        {
            return decided is null || decided.StartsWith(Flags, StringComparison.Ordinal) ? (Flags, "") : (decided, Flags);
        }

        return decided switch
        {
            SourceSettings.Preset => (SourceSettings.Preset, own.Length > 0 ? own : direct),
            not null when decided.StartsWith("spec.kubelet.config", StringComparison.Ordinal) || decided.StartsWith("spec.cluster.", StringComparison.Ordinal) => (direct, ""),
            not null => (decided, direct),
            null when own.Length > 0 && origin?.Kind != OriginKind.Configuration => (own, direct),
            _ => (direct, ""),
        };
    }

    /// <summary>Of another setting of a plan: what to set (empty: nothing changes it), and what wins over that.</summary>
    /// <param name="name">Its name in the plan: <c>proxy.NO_PROXY</c>.</param>
    /// <param name="origin">What decided it.</param>
    /// <param name="several">Whether that is one part of a list: what is to be set is the list.</param>
    public (string Change, string Override) OfSetting(string name, Origin origin, bool several)
    {
        var own = OwnOf(name);
        var decided = WithoutIndex(sources.PathOf(origin));
        if (several && decided is not null)
        {
            decided = decided.IndexOf("[0]", StringComparison.Ordinal) is > 0 and var at ? decided[..at]
                : decided.StartsWith(own, StringComparison.Ordinal) ? own
                : decided;
        }

        const string runtimeSpec = "containerd.baseRuntimeSpec.";
        var isBelowRuntimeSpec = name.StartsWith(runtimeSpec, StringComparison.Ordinal) && decided?.StartsWith("spec." + runtimeSpec, StringComparison.Ordinal) != true;
        if (isBelowRuntimeSpec && decided != SourceSettings.Preset && (decided ?? own) is var limit && limit != "spec." + name)
        {
            return (limit, "spec." + name);
        }

        if (decided is null || decided == own || name.StartsWith("proxy.", StringComparison.Ordinal) || name.StartsWith("spec.", StringComparison.Ordinal))
        {
            return (own, "");
        }

        if (decided == SourceSettings.Preset)
        {
            return (decided, own);
        }

        // Of what follows from the cluster, the cluster is the last thing to change.
        if (decided.StartsWith("spec.cluster.", StringComparison.Ordinal) && !name.StartsWith("cluster.", StringComparison.Ordinal))
        {
            return own.Length > 0 ? (own, "") : (decided, "");
        }

        return own == "spec.containerd.config" && !decided.StartsWith(own, StringComparison.Ordinal) ? (decided, own)
            : (decided, "");
    }

    /// <summary>The setting of eksnode's own for a field of the kubelet's configuration; empty: there is none.</summary>
    /// <param name="path">The field: <c>maxPods</c>.</param>
    public string OwnOfKubelet(string path) => path switch
    {
        "maxPods" when !replaces => "spec.maxPods",
        "podPidsLimit" when !replaces => "spec.limits.podPidsLimit",
        NodeTaints.Field => "spec.taints",
        _ => "",
    };

    private static string OwnOf(string name)
    {
        foreach (var (start, setting) in Own)
        {
            if (name.StartsWith(start, StringComparison.Ordinal))
            {
                return setting switch
                {
                    "*" => "spec." + name,
                    "=" => name,
                    _ => setting,
                };
            }
        }

        return "";
    }

    // An item of flags, labels or taints is changed in its list.
    private static string? WithoutIndex(string? path) =>
        path is [.., ']'] && path[^2] is >= '0' and <= '9' ? path[..path.LastIndexOf('[')] : path;
}
