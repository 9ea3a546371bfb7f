using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs.KubeletRules;

/// <summary>
/// Checks fields against each other and against feature gates, as the kubelet's own validation does. What the user does not
/// set comes from the generated document, else it is not known and nothing is said.
/// </summary>
internal sealed class KubeletFieldConflicts
{
    private readonly TreeMap config;
    private readonly TreeMap? generated;
    private readonly KubeletRun run;
    private readonly string path;

    private KubeletFieldConflicts(TreeMap config, TreeMap? generated, KubeletRun run, string path)
    {
        this.config = config;
        this.generated = generated;
        this.run = run;
        this.path = path;
    }

    /// <summary>Checks the document.</summary>
    public static void Check(TreeMap config, TreeMap? generated, KubeletRun run, string path)
    {
        var conflicts = new KubeletFieldConflicts(config, generated, run, path);
        conflicts.GracefulShutdown();
        conflicts.ImageCollection();
        conflicts.ImagePulls();
        conflicts.Allocatable();
        conflicts.SoftEviction();
        conflicts.Taints();
        conflicts.UserNamespaces();
        conflicts.NeededGates("", config, path);
    }

    private void GracefulShutdown()
    {
        if (Own("shutdownGracePeriodCriticalPods", "shutdownGracePeriod") is { } place
            && Duration("shutdownGracePeriodCriticalPods") is { } critical
            && Duration("shutdownGracePeriod") is { } total
            && critical > total)
        {
            Report(
                place,
                "`shutdownGracePeriodCriticalPods` is longer than `shutdownGracePeriod`, of which it is a part.",
                "Make `shutdownGracePeriod` at least as long.");
        }

        if (config["shutdownGracePeriodByPodPriority"] is TreeList { Items.IsEmpty: false }
            && config.Find("shutdownGracePeriodByPodPriority") is { } byPriority
            && (Duration("shutdownGracePeriod") > 0 || Duration("shutdownGracePeriodCriticalPods") > 0))
        {
            Report(
                byPriority,
                "`shutdownGracePeriodByPodPriority` and `shutdownGracePeriod` exclude each other.",
                "Set `shutdownGracePeriod: 0s` and `shutdownGracePeriodCriticalPods: 0s` beside it.");
        }
    }

    private void ImageCollection()
    {
        if (Own("imageGCLowThresholdPercent", "imageGCHighThresholdPercent") is { } percent
            && (Integer("imageGCLowThresholdPercent") ?? 80) >= (Integer("imageGCHighThresholdPercent") ?? 85))
        {
            Report(
                percent,
                "`imageGCLowThresholdPercent` is not lower than `imageGCHighThresholdPercent`.",
                "Make the low threshold lower than the high one; the kubelet's defaults are 80 and 85.");
        }

        const long TwoMinutes = 120_000_000_000;
        if (Own("imageMaximumGCAge", "imageMinimumGCAge") is { } age
            && Duration("imageMaximumGCAge") is > 0 and var most
            && most <= (Duration("imageMinimumGCAge") ?? TwoMinutes))
        {
            Report(
                age,
                "`imageMaximumGCAge` is not longer than `imageMinimumGCAge` (2m unless set).",
                "Make it longer, or 0 to switch it off.");
        }
    }

    private void ImagePulls()
    {
        if (Integer("maxParallelImagePulls") > 1 && Bool("serializeImagePulls") == true
            && Own("maxParallelImagePulls", "serializeImagePulls") is { } place)
        {
            Report(place, "`maxParallelImagePulls` is more than 1 while `serializeImagePulls` is true.", "Set `serializeImagePulls: false`.");
        }
    }

    private void Allocatable()
    {
        var enforced = (Value("enforceNodeAllocatable") as TreeList)?.Items
            .OfType<TreeScalar>().Select(i => i.Text).ToList() ?? ["pods"];
        if (config.Find("enforceNodeAllocatable") is { } enforce && enforced.Contains("none") && enforced.Count > 1)
        {
            Report(enforce, "`enforceNodeAllocatable` has `none` beside other items.", "Write `none` alone, or leave it out.");
        }

        if (Bool("cgroupsPerQOS") == false
            && enforced.Exists(e => e != "none")
            && Own("cgroupsPerQOS", "enforceNodeAllocatable") is { } place)
        {
            Report(place, "`cgroupsPerQOS` is false while `enforceNodeAllocatable` needs it.", "Set `enforceNodeAllocatable: [none]` beside it, or leave `cgroupsPerQOS` true.");
        }

        // The groups of reserved resources are asked for by name only in the user's document: eksnode generates them.
        foreach (var kind in (string[])["system", "kube"])
        {
            if (config.Find("enforceNodeAllocatable") is { } needs
                && enforced.Exists(e => e.StartsWith(kind + "-reserved", StringComparison.Ordinal))
                && Text($"{kind}ReservedCgroup") is "" or null
                && generated is not null)
            {
                Report(needs, $"`enforceNodeAllocatable` has `{kind}-reserved`, which needs `{kind}ReservedCgroup`.", $"Set `{kind}ReservedCgroup`.");
            }
        }

        if (!string.IsNullOrEmpty(Text("reservedSystemCPUs"))
            && (!string.IsNullOrEmpty(Text("systemReservedCgroup")) || !string.IsNullOrEmpty(Text("kubeReservedCgroup")))
            && Own("reservedSystemCPUs", "systemReservedCgroup", "kubeReservedCgroup") is { } cpus)
        {
            Report(
                cpus,
                "`reservedSystemCPUs` excludes `systemReservedCgroup` and `kubeReservedCgroup`.",
                "Set `systemReservedCgroup: \"\"` and `kubeReservedCgroup: \"\"` beside it.");
        }
    }

    private void SoftEviction()
    {
        if (config["evictionSoft"] is not TreeMap soft)
        {
            return;
        }

        var periods = Value("evictionSoftGracePeriod") as TreeMap;
        foreach (var entry in soft.Entries)
        {
            if (periods?[entry.Key] is null)
            {
                run.Report(
                    DiagnosticCatalogue.KubeletFieldConflict,
                    $"`evictionSoft` has {Quoted.Text(entry.Key)} without a grace period: the kubelet refuses it.",
                    $"Add `evictionSoftGracePeriod` with `{entry.Key}: 1m30s`.",
                    entry.KeyOrigin,
                    SettingPath.Child(SettingPath.Child(path, "evictionSoft"), entry.Key));
            }
        }
    }

    private void Taints()
    {
        if (config["registerWithTaints"] is not TreeList list)
        {
            return;
        }

        var taintsPath = SettingPath.Child(path, "registerWithTaints");
        for (var i = 0; i < list.Items.Length; i++)
        {
            if (list.Items[i] is TreeMap map)
            {
                Taint(map, SettingPath.Item(taintsPath, i));
            }
        }
    }

    private void Taint(TreeMap map, string itemPath)
    {
        if (map["effect"] is null)
        {
            run.Report(
                DiagnosticCatalogue.BadTaint, $"The taint `{itemPath}` has no `effect`: the kubelet refuses it.",
                $"Add `effect`: {Quoted.Choices(Values.Taint.Effects)}.", map.Origin, itemPath);
        }

        if (map["key"] is null or TreeScalar { Text: "" })
        {
            run.Report(DiagnosticCatalogue.BadTaint, $"The taint `{itemPath}` has no `key`: the kubelet refuses it.", "Add `key`.", map.Origin, itemPath);
        }
        else if (map["key"] is TreeScalar { Kind: ScalarKind.String } key && Label.ParseKey(key.Text).Problem is { } badKey)
        {
            run.Report(DiagnosticCatalogue.BadTaint, badKey, key.Origin, SettingPath.Child(itemPath, "key"));
        }

        if (map["value"] is TreeScalar { Kind: ScalarKind.String } value && Label.ParseValue(value.Text).Problem is { } badValue)
        {
            run.Report(DiagnosticCatalogue.BadTaint, badValue, value.Origin, SettingPath.Child(itemPath, "value"));
        }
    }

    private void UserNamespaces()
    {
        const long Unit = 65536;
        if (config["userNamespaces"] is TreeMap map
            && map["idsPerPod"] is TreeScalar { Kind: ScalarKind.Integer } ids
            && long.TryParse(ids.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= Unit && number % Unit != 0)
        {
            run.Report(
                DiagnosticCatalogue.KubeletFieldValue, "`userNamespaces.idsPerPod` must be a multiple of 65536.", "Write 65536 or 131072.",
                ids.Origin, SettingPath.Child(SettingPath.Child(path, "userNamespaces"), "idsPerPod"));
        }
    }

    private void NeededGates(string parent, TreeMap map, string mapPath)
    {
        if (run.Minor is not { } minor || run.IsNewer)
        {
            return;
        }

        foreach (var entry in map.Entries)
        {
            var name = parent.Length == 0 ? entry.Key : $"{parent}.{entry.Key}";
            var entryPath = SettingPath.Child(mapPath, entry.Key);
            if (entry.Value is TreeMap inner)
            {
                NeededGates(name, inner, entryPath);
            }
            else if (KubeletFieldValues.NeededGate(name) is { } needed
                && KubeletFields.Find(name) is { } field && minor >= field.First
                && entry.Value is TreeScalar { Kind: ScalarKind.String } scalar
                && scalar.Text.Length > 0 && scalar.Text != needed.Free
                && !(Gate(needed.Gate) ?? KubeletGates.Default(needed.Gate, minor) ?? false))
            {
                run.Report(
                    DiagnosticCatalogue.KubeletFieldNeedsGate,
                    $"`{name}` needs the feature gate `{needed.Gate}`, which is off in {run.Name}: it refuses the field.",
                    $"Set `featureGates: {{{needed.Gate}: true}}` beside it, or leave the field out.",
                    entry.KeyOrigin,
                    entryPath);
            }
        }
    }

    private bool? Gate(string name) =>
        (config["featureGates"] as TreeMap)?[name] is TreeScalar { Kind: ScalarKind.Bool } own ? own.Text == "true"
        : (generated?["featureGates"] as TreeMap)?[name] is TreeScalar { Kind: ScalarKind.Bool } ours ? ours.Text == "true"
        : null;

    private TreeNode? Value(string name) => config[name] is { } own and not TreeScalar { Kind: ScalarKind.Null } ? own : generated?[name];

    private string? Text(string name) => Value(name) is TreeScalar { Kind: ScalarKind.String } scalar ? scalar.Text : null;

    private bool? Bool(string name) => Value(name) is TreeScalar { Kind: ScalarKind.Bool } scalar ? scalar.Text == "true" : null;

    private long? Integer(string name) =>
        Value(name) is TreeScalar { Kind: ScalarKind.Integer } scalar
        && long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private long? Duration(string name) =>
        Text(name) is { } text && GoDuration.Parse(text).TryGet(out var duration, out _) ? duration.Nanoseconds : null;

    // The first of the fields that the user sets: a conflict among generated fields only would not be theirs.
    private TreeEntry? Own(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (config.Find(name) is { } entry)
            {
                return entry;
            }
        }

        return null;
    }

    private void Report(TreeEntry entry, string message, string help) => run.Report(
        DiagnosticCatalogue.KubeletFieldConflict, message, help, entry.KeyOrigin, SettingPath.Child(path, entry.Key));
}
