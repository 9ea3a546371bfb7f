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
        conflicts.SystemLog();
        conflicts.ImageVerification();
        conflicts.CgroupRoot();
        KubeletMemoryRules.Check(config, run, path);
        KubeletLoggingRules.Check(config, run, path);
        KubeletGateConflicts.Check(config, generated, run, path);
    }

    private void GracefulShutdown()
    {
        if (Own("shutdownGracePeriodCriticalPods", "shutdownGracePeriod") is { } place
            && Duration("shutdownGracePeriodCriticalPods") is { } critical
            && (Duration("shutdownGracePeriod") ?? Unset) is { } total
            && critical > total)
        {
            Report(
                place,
                $"`shutdownGracePeriodCriticalPods` is longer than `shutdownGracePeriod`{(Duration("shutdownGracePeriod") is null ? ", which is 0s unless set," : ",")} of which it is a part.",
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
            && most <= (Duration("imageMinimumGCAge") is { } least and not 0 ? least : TwoMinutes))
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

        foreach (var kind in (string[])["system-reserved", "kube-reserved"])
        {
            if (config.Find("enforceNodeAllocatable") is { } both && enforced.Contains(kind) && enforced.Contains(kind + "-compressible"))
            {
                Report(both, $"`enforceNodeAllocatable` has `{kind}` and `{kind}-compressible`, which exclude each other.", "Keep one of them.");
            }
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

        var later = run.Later();
        var periods = Value("evictionSoftGracePeriod") as TreeMap;
        foreach (var entry in soft.Entries)
        {
            if (periods?[entry.Key] is null)
            {
                later.Report(
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
            else if (list.Items[i] is TreeScalar { Kind: ScalarKind.Null } nothing)
            {
                Taint(new TreeMap([], nothing.Origin), SettingPath.Item(taintsPath, i));
            }
        }
    }

    private void Taint(TreeMap map, string itemPath)
    {
        if (map.Find("timeAdded") is { Value: not TreeScalar { Kind: ScalarKind.Null } } time)
        {
            run.Report(
                DiagnosticCatalogue.BadTaint, $"The taint `{itemPath}` has `timeAdded`, which only the API server sets: the kubelet refuses it.",
                "Leave it out.", time.KeyOrigin, SettingPath.Child(itemPath, "timeAdded"));
        }

        // The kubelet starts without an effect, and the API server refuses its node.
        if (map["effect"] is null or TreeScalar { Text: "" } or TreeScalar { Kind: ScalarKind.Null })
        {
            run.Later().Report(
                DiagnosticCatalogue.BadTaint, $"The taint `{itemPath}` has no `effect`: the node does not register.",
                $"Add `effect`: {Quoted.Choices(Values.Taint.Effects)}.", map.Origin, itemPath);
        }

        if (map["key"] is null or TreeScalar { Text: "" } or TreeScalar { Kind: ScalarKind.Null })
        {
            run.Report(DiagnosticCatalogue.BadTaint, $"The taint `{itemPath}` has no `key`: the kubelet refuses it.", "Add `key`.", map.Origin, itemPath);
        }
        else if (map["key"] is TreeScalar { Kind: ScalarKind.String } key && Values.Taint.ParseKey(key.Text).Problem is { } badKey)
        {
            run.Report(DiagnosticCatalogue.BadTaint, badKey, key.Origin, SettingPath.Child(itemPath, "key"));
        }

        if (map["value"] is TreeScalar { Kind: ScalarKind.String } value && Label.ParseValue(value.Text).Problem is { } badValue)
        {
            run.Report(DiagnosticCatalogue.BadTaint, Values.Taint.OfTaint(badValue), value.Origin, SettingPath.Child(itemPath, "value"));
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

    private void SystemLog()
    {
        if (Bool("enableSystemLogQuery") == true && Bool("enableSystemLogHandler") == false && Own("enableSystemLogQuery", "enableSystemLogHandler") is { } place)
        {
            Report(place, "`enableSystemLogQuery` needs `enableSystemLogHandler`, which is false.", "Set both, or leave `enableSystemLogHandler` out.");
        }
    }

    private void ImageVerification()
    {
        const string Policy = "imagePullCredentialsVerificationPolicy";
        if (run.Minor is not null
            && config["preloadedImagesVerificationAllowlist"] is TreeList { Items.IsEmpty: false }
            && config.Find("preloadedImagesVerificationAllowlist") is { } place
            && Text(Policy) is not "NeverVerifyAllowlistedImages")
        {
            Report(
                place,
                $"`preloadedImagesVerificationAllowlist` counts only with the policy `NeverVerifyAllowlistedImages`.",
                $"Set `{Policy}: NeverVerifyAllowlistedImages` beside it.");
        }
    }

    private void CgroupRoot()
    {
        if (!string.IsNullOrEmpty(Text("systemCgroups")) && Text("cgroupRoot") is "" && Own("systemCgroups", "cgroupRoot") is { } place)
        {
            Report(place, "`systemCgroups` needs `cgroupRoot`, which is empty.", "Set `cgroupRoot: /`, or leave `systemCgroups` out.");
        }
    }

    // The kubelet's own default of a duration: zero, where it is known that nobody sets another.
    private long? Unset => generated is null || run.Minor is null ? null : 0;

    // A null in the user's document takes the generated value away.
    private TreeNode? Value(string name) => config.Find(name) is { } own ? own.Value is TreeScalar { Kind: ScalarKind.Null } ? null : own.Value : generated?[name];

    private string? Text(string name) => Value(name) is TreeScalar { Kind: ScalarKind.String } scalar ? scalar.Text : null;

    private bool? Bool(string name) => Value(name) is TreeScalar { Kind: ScalarKind.Bool } scalar ? scalar.Text == "true" : null;

    private long? Integer(string name) =>
        Value(name) is TreeScalar { Kind: ScalarKind.Integer or ScalarKind.Float } scalar
        && decimal.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && number == decimal.Truncate(number) && number is >= int.MinValue and <= int.MaxValue ? (long)number : null;

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
