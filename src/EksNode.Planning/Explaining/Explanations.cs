using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Text;
using EksNode.Planning.Containerd;
using EksNode.Planning.Kubelet;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Explaining;

/// <summary>Why everything in a plan is what it is: one explanation for each setting, file and unit.</summary>
public static class Explanations
{
    private const string KubeletPrefix = "kubelet.";
    private const string KubeletFlags = "kubelet.flags.";
    private const string ContainerdPrefix = "containerd.";

    /// <summary>All of them, sorted by their targets; settings of the kubelet that have no value come last.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="kubeletMinor">The minor of Kubernetes 1 of the kubelet.</param>
    /// <param name="documents">The configurations that were merged, lowest first.</param>
    public static ImmutableArray<Explanation> Of(Plan plan, int kubeletMinor, ImmutableArray<NodeConfig> documents)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var all = new List<Explanation>();
        var named = new HashSet<string>(StringComparer.Ordinal);
        if (KubeletInputs.Of(plan, kubeletMinor, documents) is { } inputs)
        {
            foreach (var setting in EffectiveKubelet.Of(inputs).Settings)
            {
                Add(OfKubelet(setting));
            }
        }

        foreach (var resource in plan.Resources)
        {
            Add(ExplainedResources.OfResource(resource));
            foreach (var reason in resource.Reasons)
            {
                // What the kubelet is to run was said with all its layers.
                if (!reason.Setting.StartsWith(KubeletPrefix, StringComparison.Ordinal) || reason.Setting.StartsWith(KubeletFlags, StringComparison.Ordinal) || !IsKubeletConfig(resource.Path))
                {
                    Add(OfReason(reason, resource, documents));
                }
            }
        }

        foreach (var unit in ExplainedResources.Units(plan))
        {
            Add(unit);
        }

        all.Sort((a, b) => string.CompareOrdinal(a.Target, b.Target));
        foreach (var leaf in KubeletDefaults.Of(kubeletMinor))
        {
            if (!all.Exists(e => e.Target == KubeletPrefix + leaf.Path || e.Target.StartsWith(KubeletPrefix + leaf.Path + ".", StringComparison.Ordinal)))
            {
                Add(new Explanation { Target = KubeletPrefix + leaf.Path, Kind = "setting", Layer = "the kubelet", Change = KubeletConfigSetting + leaf.Path });
            }
        }

        return [.. all];

        void Add(Explanation explanation)
        {
            if (named.Add(explanation.Target))
            {
                all.Add(explanation);
            }
        }
    }

    private const string KubeletConfigSetting = "spec.kubelet.config.";

    private static bool IsKubeletConfig(string path) => path is NodePaths.KubeletConfig or NodePaths.KubeletUserConfig;

    private static Explanation OfKubelet(EffectiveSetting setting)
    {
        var target = KubeletPrefix + setting.Path;
        var replaced = ImmutableArray.CreateBuilder<ReplacedValue>();
        foreach (var value in setting.Replaced)
        {
            replaced.Add(new ReplacedValue(Word(value.Layer), Text(target, value.Value), value.Value.Origin));
        }

        return new Explanation
        {
            Target = target,
            Kind = "setting",
            Value = Text(target, setting.Value),
            Origin = setting.Origin,
            Layer = Word(setting.Layer),
            Replaced = replaced.ToImmutable(),
            Change = setting.Layer == SettingLayer.Flag ? "spec.kubelet.flags" : KubeletConfigSetting + setting.Path,
        };
    }

    private static Explanation OfReason(Reason reason, Resource resource, ImmutableArray<NodeConfig> documents)
    {
        var isContainerd = resource is FileResource { Document: not null, Path: ContainerdComponent.ConfigPath } && reason.Setting.StartsWith(ContainerdPrefix, StringComparison.Ordinal);
        return new Explanation
        {
            Target = reason.Setting,
            Kind = "setting",
            Value = reason.Value,
            Origin = reason.Origin,
            Layer = reason.Origin.Kind == OriginKind.Configuration ? "configuration" : "eksnode",
            Replaced = isContainerd ? ExplainedContainerd.Replaced(reason, (FileResource)resource, documents) : [],
            Change = reason.Setting.StartsWith("spec.", StringComparison.Ordinal) ? reason.Setting
                : reason.Setting.StartsWith(KubeletFlags, StringComparison.Ordinal) ? "spec.kubelet.flags"
                : isContainerd ? "spec.containerd.config"
                : reason.Setting.StartsWith("containerd.baseRuntimeSpec", StringComparison.Ordinal) ? "spec." + reason.Setting
                : reason.Setting.StartsWith("cluster.", StringComparison.Ordinal) && reason.Origin.Kind != OriginKind.Default ? "spec." + reason.Setting
                : "",
            Details = ["in " + resource.Path],
        };
    }

    private static string Word(SettingLayer layer) => layer switch
    {
        SettingLayer.Kubelet => "the kubelet",
        SettingLayer.Generated => "eksnode",
        SettingLayer.Flag => "flag",
        _ => "configuration",
    };

    // What stands under the name of a credential is not shown, wherever it stands in the path.
    private static string Text(string path, TreeNode node) =>
        node is TreeScalar { Kind: ScalarKind.Null } ? "null"
        : path.StartsWith("kubelet.staticPodURLHeader", StringComparison.Ordinal) ? Secret.Redacted
        : Reasons.Of(path, path[(path.LastIndexOf('.') + 1)..], Reasons.Text(node), node.Origin).Value;
}
