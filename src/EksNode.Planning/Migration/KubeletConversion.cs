using EksNode.Configuration.Documents;
using EksNode.Configuration.Values;
using EksNode.Planning.Kubelet;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Migration;

/// <summary>
/// What the kubelet's files say that is a setting of eksnode's own: programs that give it credentials, and what stands in its generated
/// configuration by such a setting.
/// </summary>
internal sealed class KubeletConversion(NodeFiles files, ConvertedSpec spec)
{
    private const string Protocol = "apiVersion";
    private const string Duration = "defaultCacheDuration";
    private const string Images = "matchImages";

    /// <summary><c>spec.credentialProviders</c>.</summary>
    /// <param name="planned">The CredentialProviderConfig that is planned; the first entry is eksnode's.</param>
    public void AddProviders(TreeMap? planned)
    {
        var ours = (planned?["providers"] as TreeList)?.Items is [TreeMap first, ..] ? first : null;
        foreach (var item in (files.CredentialProviders?["providers"] as TreeList)?.Items ?? [])
        {
            if (item is not TreeMap entry || entry["name"] is not TreeScalar name)
            {
                continue;
            }

            var file = entry.Origin.Source;
            var own = ours is not null && name.Text == (ours["name"] as TreeScalar)?.Text ? Laid(entry, ours, file) : WithoutDefaults(entry);
            if (own.Entries.Length > 1)
            {
                spec.Add(file, name.Text, own, "credentialProviders");
            }
        }
    }

    /// <summary><c>spec.maxPods</c>, <c>spec.taints</c>, <c>spec.limits.podPidsLimit</c>: in the generated file, not in the drop-in of the user's.</summary>
    /// <param name="planned">The KubeletConfiguration that is planned.</param>
    public void AddGenerated(TreeMap? planned)
    {
        if (!spec.IsOwn || planned is null || files.KubeletConfig is not { } config)
        {
            return;
        }

        Add("maxPods", "maxPods");
        Add("podPidsLimit", "limits", "podPidsLimit");
        if (config[NodeTaints.Field] is TreeList taints && planned[NodeTaints.Field] is null)
        {
            foreach (var taint in taints.Items)
            {
                spec.Add(NodePaths.KubeletConfig, NodeTaints.Field, taint, "taints");
            }
        }

        void Add(string field, params ReadOnlySpan<string> setting)
        {
            if (config[field] is TreeScalar { Kind: ScalarKind.Integer } value && (planned[field] as TreeScalar)?.Text != value.Text)
            {
                spec.Set(value, setting);
            }
        }
    }

    // What the entry of the node makes differ of eksnode's. An older image's list of registries is a part of today's.
    private TreeMap Laid(TreeMap entry, TreeMap ours, string file)
    {
        var difference = TreeDifference.Of(ours, entry, [Protocol, "name"], removes: false);
        if (difference[Duration] is TreeScalar duration && IsSameDuration(duration.Text, (ours[Duration] as TreeScalar)?.Text ?? ""))
        {
            difference = difference.Without(Duration);
        }

        if (difference[Images] is TreeList images && Texts(images).All(Texts(ours[Images] as TreeList).Contains))
        {
            difference = difference.Without(Images);
            spec.Note(
                file,
                $"`{file}` asks for the passwords of fewer registries of ECR than eksnode does.",
                "To keep the list, set `matchImages` of this entry under `spec.credentialProviders`.");
        }

        return new TreeMap([entry.Find("name")!, .. difference.Entries], entry.Origin);
    }

    private static TreeMap WithoutDefaults(TreeMap entry)
    {
        entry = (entry[Protocol] as TreeScalar)?.Text == ImageCredentialProvider.Protocol ? entry.Without(Protocol) : entry;
        return (entry[Duration] as TreeScalar)?.Text == ImageCredentialProvider.NoCache ? entry.Without(Duration) : entry;
    }

    private static bool IsSameDuration(string left, string right) =>
        GoDuration.Parse(left).TryGet(out var first, out _) && GoDuration.Parse(right).TryGet(out var second, out _) && first.Nanoseconds == second.Nanoseconds;

    private static List<string> Texts(TreeList? list)
    {
        var texts = new List<string>();
        foreach (var item in list?.Items ?? [])
        {
            texts.Add((item as TreeScalar)?.Text ?? "");
        }

        return texts;
    }
}
