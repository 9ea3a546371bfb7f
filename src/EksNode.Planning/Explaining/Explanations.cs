using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Schemas;
using EksNode.Configuration.Text;
using EksNode.Planning.Containerd;
using EksNode.Planning.Kubelet;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Explaining;

/// <summary>Why everything in a plan is what it is: one explanation for each setting, file and unit.</summary>
public sealed class Explanations
{
    private const string KubeletPrefix = "kubelet.";
    private const string KubeletFlags = "kubelet.flags.";
    private const string ContainerdPrefix = "containerd.";

    // Settings whose values all stand in files, and can be credentials.
    private static readonly string[] TreesOfFiles =
        ["spec.kubelet.config", "spec.containerd.", "spec.credentialProviders", "spec.proxy", "spec.registries", "spec.trust"];

    // Among them by name alone: what the other settings mean.
    private static readonly string[] NotInFiles =
        ["spec.kubelet.configMode", "spec.kubelet.configFile", "spec.containerd.configFile", "spec.containerd.dropIns"];

    // Parts of paths below which a value can be a credential, whatever its name is.
    private static readonly string[] Credentials = [".env[", ".environment.", ".header", ".staticPodURLHeader"];

    private List<Explanation> all = [];
    private readonly HashSet<string> named = new(StringComparer.Ordinal);
    private readonly SourceSettings sources;
    private readonly SettingAdvice advice;
    private readonly ExplainedContainerd? containerd;
    private readonly ImmutableArray<Reason> dropped;

    private Explanations(Plan plan, ImmutableArray<NodeConfig> documents, ImmutableArray<TreeMap> sources)
    {
        var replaces = false;
        foreach (var document in documents)
        {
            replaces = document.Kubelet.ConfigMode is null ? replaces : document.Kubelet.Replaces;
        }

        dropped = plan.Find(NodePaths.FileId(NodePaths.KubeletConfig)) is FileResource kubelet ? kubelet.Dropped : [];
        this.sources = new SourceSettings(sources);
        advice = new SettingAdvice(this.sources, replaces);
        containerd = plan.Find(NodePaths.FileId(ContainerdComponent.ConfigPath)) is FileResource { Document: not null } file ? new ExplainedContainerd(file, documents) : null;
    }

    /// <summary>All of them, sorted by their targets; what nobody set comes last.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="kubeletMinor">The minor of Kubernetes 1 of the kubelet.</param>
    /// <param name="documents">The configurations that were merged, lowest first.</param>
    /// <param name="sources">The same as they were written.</param>
    public static ImmutableArray<Explanation> Of(Plan plan, int kubeletMinor, ImmutableArray<NodeConfig> documents, ImmutableArray<TreeMap> sources)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var explanations = new Explanations(plan, documents, sources);
        explanations.AddPlan(plan, kubeletMinor, documents);
        explanations.AddUnset(kubeletMinor);
        return [.. explanations.all];
    }

    private void AddPlan(Plan plan, int kubeletMinor, ImmutableArray<NodeConfig> documents)
    {
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
        }

        foreach (var setting in ExplainedSetting.Of(plan))
        {
            // What the kubelet is to run was said with all its layers.
            if (!setting.Name.StartsWith(KubeletPrefix, StringComparison.Ordinal) || setting.Name.StartsWith(KubeletFlags, StringComparison.Ordinal) || !IsKubeletConfig(setting.Resource.Path))
            {
                Add(OfSetting(setting));
            }
            else if (setting.Name is KubeletPrefix + "apiVersion" or KubeletPrefix + "kind" || setting.Last.Value is "" or "0" or "0s" or "false" or "null" or "[]" or "{}")
            {
                // A kubelet with a value there has it in what it is to run; its kind is no part of that.
                Add(OfZero(setting, setting.Last));
            }
        }

        foreach (var unit in ExplainedResources.Units(plan))
        {
            Add(unit);
        }

        AddWritten();
        all = all.OrderBy(e => e.Target, StringComparer.Ordinal).ToList();
    }

    private void AddUnset(int kubeletMinor)
    {
        foreach (var leaf in KubeletDefaults.Of(kubeletMinor))
        {
            var target = KubeletPrefix + leaf.Path;
            if (!all.Exists(e => e.Target == target || e.Target.StartsWith(target + ".", StringComparison.Ordinal)))
            {
                var (change, over) = advice.OfKubelet(leaf.Path, false, null);
                Add(new Explanation
                {
                    Target = target,
                    Kind = "setting",
                    Layer = "the kubelet",
                    Replaced = Dropped(target),
                    Change = change,
                    Override = over,
                    OtherSettings = Named(change, over),
                    IsListed = false,
                });
            }
        }

        foreach (var explanation in containerd?.Unset() ?? [])
        {
            Add(explanation);
        }

        AddParts();
        foreach (var field in NodeConfigField.All())
        {
            if (field.Path.StartsWith("spec.", StringComparison.Ordinal) && field.Path.AsSpan().IndexOfAny('*', '[') < 0 && !all.Exists(e => e.Settings.Any(s => IsAtOrBelow(s, field.Path)) || e.OtherSettings.Any(s => IsAtOrBelow(s, field.Path))))
            {
                Add(new Explanation
                {
                    Target = field.Path,
                    Kind = "setting",
                    Value = field.Default.Length > 0 ? field.Default : null,
                    Origin = field.Default.Length > 0 ? Origin.Default("nothing sets it") : null,
                    Details = [field.Description],
                    Change = field.Path,
                    OtherSettings = [field.Path],
                    IsListed = false,
                });
            }
        }
    }

    private void Add(Explanation explanation)
    {
        if (named.Add(explanation.Target))
        {
            all.Add(explanation);
        }
    }

    // What somebody wrote and no file has by itself, such as hooks.
    private void AddWritten()
    {
        foreach (var (path, node) in sources.Values())
        {
            if (path.StartsWith("spec.", StringComparison.Ordinal)
                && (Array.IndexOf(NotInFiles, path) >= 0 || !Array.Exists(TreesOfFiles, t => path.StartsWith(t, StringComparison.Ordinal)))
                && !all.Exists(e => e.Settings.Any(s => IsAtOrBelow(path, s) || IsAtOrBelow(s, path))))
            {
                Add(Written(path, node, true, []));
            }
        }
    }

    // What a source sets and nothing above has under its own name, such as a setting inside of an item of a list.
    private void AddParts()
    {
        ImmutableArray<Explanation> before = [.. all];
        foreach (var (path, node) in sources.Values())
        {
            if (!path.StartsWith("spec.", StringComparison.Ordinal) || !ExplanationTargets.Find(before, path).IsEmpty)
            {
                continue;
            }

            // The nearest setting above that decides something.
            var above = path;
            ImmutableArray<Explanation> decided = [];
            while (decided.IsEmpty && above.AsSpan("spec.".Length).LastIndexOfAny('.', '[') is > 0 and var at)
            {
                above = above[..(at + "spec.".Length)];
                decided = [.. ExplanationTargets.Find(before, above).Where(e => e.IsListed)];
            }

            Add(Written(path, node, false, decided.IsEmpty ? [] : [$"a part of {above}, which decides {string.Join(", ", decided.Select(e => e.Target))}"]));
        }
    }

    private static Explanation Written(string path, TreeNode node, bool isListed, ImmutableArray<string> details)
    {
        var name = path[(path.LastIndexOfAny(['.', '"']) + 1)..];
        var text = Reasons.Text(node);
        if (text.IndexOf('\n', StringComparison.Ordinal) is > 0 and var end && end < text.Length - 1)
        {
            text = text[..end] + " …";
        }

        return new Explanation
        {
            Target = path,
            Kind = "setting",
            Value = Array.Exists(Credentials, c => path.Contains(c, StringComparison.Ordinal)) ? Secret.Redacted
                : Reasons.Of(path, name.Length > 0 ? name : path, text, node.Origin).Value,
            Origin = node.Origin,
            Layer = "configuration",
            Change = path,
            Settings = isListed ? [path] : [],
            OtherSettings = isListed ? [] : [path],
            IsListed = isListed,
            Details = details,
        };
    }

    private static bool IsAtOrBelow(string name, string setting) =>
        name.StartsWith(setting, StringComparison.Ordinal) && (name.Length == setting.Length || name[setting.Length] is '.' or '[');

    private static bool IsKubeletConfig(string path) => path is NodePaths.KubeletConfig or NodePaths.KubeletUserConfig;

    private Explanation OfKubelet(EffectiveSetting setting)
    {
        var target = KubeletPrefix + setting.Path;
        var replaced = new List<ReplacedValue>();
        foreach (var value in setting.Replaced)
        {
            replaced.Add(new ReplacedValue(Word(value.Layer), Text(target, value.Value), value.Value.Origin));
        }

        if (replaced.Count == 0)
        {
            replaced.AddRange(Dropped(target));
        }

        var parts = Reasons.PartsOf(setting.Value, NameOf(setting.Path));
        var (change, over) = advice.OfKubelet(setting.Path, setting.Layer == SettingLayer.Flag, setting.Origin);
        return new Explanation
        {
            Target = target,
            Kind = "setting",
            Value = Text(target, setting.Value),
            Origin = setting.Origin,
            Parts = parts,
            Layer = Word(setting.Layer),
            Replaced = replaced.ToImmutable(),
            Change = change,
            Override = over,
            Settings = SettingsOf(setting.Origin, parts, replaced),
            OtherSettings = Named(change, over, advice.OwnOfKubelet(setting.Path)),
        };
    }

    // What eksnode would generate, had `configMode: Replace` not left it out.
    private ImmutableArray<ReplacedValue> Dropped(string target)
    {
        var values = new List<ReplacedValue>();
        foreach (var reason in dropped)
        {
            if (reason.Setting == target)
            {
                values.Add(new ReplacedValue("eksnode", reason.Value, reason.Origin));
            }
            else if (reason.Setting.StartsWith(target + ".", StringComparison.Ordinal))
            {
                values.Add(new ReplacedValue("eksnode", $"{reason.Setting[(target.Length + 1)..]}: {reason.Value}", reason.Origin));
            }
        }

        return values.ToImmutable();
    }

    // A value that the kubelet takes for none, such as the zero of readOnlyPort: its file has it all the same.
    private Explanation OfZero(ExplainedSetting setting, Reason reason)
    {
        var (change, over) = advice.OfKubelet(setting.Name[KubeletPrefix.Length..], false, reason.Origin);
        return new Explanation
        {
            Target = setting.Name,
            Kind = "setting",
            Value = reason.Value,
            Origin = reason.Origin,
            Layer = LayerOf(reason.Origin),
            Change = change,
            Override = over,
            Settings = SettingsOf(reason.Origin, [], []),
            OtherSettings = Named(change, over),
            Details = [.. setting.Paths.Select(p => "in " + p)],
        };
    }

    private Explanation OfSetting(ExplainedSetting setting)
    {
        var (name, parts, origin) = (setting.Name, setting.Parts, setting.Main.Origin);
        if (setting.Main.Parts.FirstOrDefault(p => p.Origin.Kind == OriginKind.Configuration) is { } users)
        {
            origin = users.Origin;
        }

        var isContainerd = containerd is not null && setting.Resource.Path == ContainerdComponent.ConfigPath && name.StartsWith(ContainerdPrefix, StringComparison.Ordinal);
        var replaced = new List<ReplacedValue>();
        foreach (var reason in setting.Replaced)
        {
            replaced.Add(new ReplacedValue(LayerOf(reason.Origin), reason.Value, reason.Origin));
        }

        if (isContainerd)
        {
            replaced.AddRange(containerd!.Replaced(setting.Main));
        }

        // What replaced a value of a list is the last of the list.
        var isOutdone = replaced.Count > 0 && KubeletArguments.AddsUp(NameOf(name)) && name.StartsWith(KubeletFlags, StringComparison.Ordinal);
        var (change, over) = isOutdone ? ("spec.kubelet.flags", "") : advice.OfSetting(name, origin, !parts.IsEmpty);
        return new Explanation
        {
            Target = name,
            Kind = "setting",
            Value = setting.Value,
            Origin = origin,
            Parts = parts,
            Layer = LayerOf(origin),
            Replaced = replaced.ToImmutable(),
            Change = change,
            Override = over,
            Settings = SettingsOf(origin, parts, replaced),
            OtherSettings = Named(change, over),
            Names = isContainerd ? containerd!.OtherNames(name) : [],
            Details = [.. setting.Paths.Select(p => "in " + p)],
        };
    }

    private ImmutableArray<string> SettingsOf(Origin origin, ImmutableArray<Sourced<string>> parts, IReadOnlyList<ReplacedValue> replaced)
    {
        var settings = new List<string?> { advice.Decided(origin) };
        foreach (var part in parts)
        {
            settings.Add(advice.Decided(part.Origin));
        }

        foreach (var value in replaced)
        {
            settings.Add(advice.Decided(value.Origin));
        }

        return Named([.. settings]);
    }

    private static ImmutableArray<string> Named(params ReadOnlySpan<string?> settings)
    {
        var named = new List<string>();
        foreach (var setting in settings)
        {
            if (!string.IsNullOrEmpty(setting) && !named.Contains(setting))
            {
                named.Add(setting);
            }
        }

        return named.ToImmutable();
    }

    private static string LayerOf(Origin origin) => origin.Kind == OriginKind.Configuration ? "configuration" : "eksnode";

    private static string NameOf(string path) => path[(path.LastIndexOf('.') + 1)..];

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
        : Reasons.Of(path, NameOf(path), Reasons.Text(node), node.Origin).Value;
}
