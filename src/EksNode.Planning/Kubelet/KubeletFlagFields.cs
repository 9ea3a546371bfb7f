using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Planning.Kubelet;

/// <summary>The fields of KubeletConfiguration that command line flags override.</summary>
internal sealed class KubeletFlagFields
{
    private readonly Dictionary<string, KubeletFieldValue> fields = new(StringComparer.Ordinal);
    private readonly List<(string Path, TreeNode Value)> all = [];

    /// <summary>Every single flag's value in the order of the arguments, by the path of its field.</summary>
    public IReadOnlyList<(string Path, TreeNode Value)> All => all;

    /// <summary>Reads the arguments: of two flags with one value the later wins; lists and maps gather what all of them say.</summary>
    public static KubeletFlagFields Of(ImmutableArray<Sourced<string>> arguments, ImmutableArray<KubeletLeaf> leaves)
    {
        var result = new KubeletFlagFields();
        for (var i = 0; i < arguments.Length; i++)
        {
            var argument = arguments[i];
            var text = argument.Value.TrimStart('-');
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            var name = (equals < 0 ? text : text[..equals]).Replace('_', '-');
            foreach (var leaf in leaves)
            {
                if (leaf.Flag == name && argument.Value.StartsWith('-'))
                {
                    var value = equals >= 0 ? text[(equals + 1)..]
                        : leaf.Type == "bool" || i + 1 == arguments.Length ? "true"
                        : arguments[i + 1].Value;
                    result.Add(leaf, value, argument.Origin.Because($"--{name} wins over the configuration"));
                }
            }
        }

        return result;
    }

    /// <summary>What the flags make of a field; null when none of them is about it.</summary>
    public KubeletFieldValue? Find(string path) => fields.TryGetValue(path, out var found) ? found : null;

    private void Add(KubeletLeaf leaf, string text, Origin origin)
    {
        var value = Value(leaf, text, origin);
        var before = Find(leaf.Path)?.Value;
        fields[leaf.Path] = new KubeletFieldValue(SettingLayer.Flag, (before, value) switch
        {
            (TreeMap a, TreeMap b) => TreeMerge.Merge(a, b),
            (TreeList a, TreeList b) => new TreeList(a.Items.AddRange(b.Items), b.Origin),
            _ => value,
        }, origin);
        all.Add((leaf.Path, value ?? TreeScalar.Null(origin)));
    }

    // A flag's zero is the value: no default comes after it. Of a field that is not optional, /configz then leaves it out.
    private static TreeNode? Value(KubeletLeaf leaf, string text, Origin origin) => leaf.Path switch
    {
        "evictionHard" or "evictionSoft" => KubeletFieldValue.Map(text, ',', '<', false, origin),
        "logging.vmodule" => Modules(text, origin),
        "registerWithTaints" => Taints(text, origin),
        "reservedMemory" => Memory(text, origin),
        "staticPodURLHeader" => Headers(text, origin),
        _ => leaf.Type switch
        {
            "bool" => KubeletFieldValue.Decoded(leaf, TreeScalar.Of(text is "true" or "1" or "t" or "T" or "TRUE" or "True", origin)),
            "int" => KubeletFieldValue.Decoded(leaf, new TreeScalar(ScalarKind.Integer, text, origin)),
            "duration" or "duration-or-int" when GoDuration.Parse(text).TryGet(out var duration, out _) => TreeScalar.Of(duration.Text, origin),
            _ when leaf.Type.StartsWith("list", StringComparison.Ordinal) => KubeletFieldValue.List(text, ',', origin),
            _ when leaf.Type.StartsWith("map", StringComparison.Ordinal) => KubeletFieldValue.Map(text, ',', '=', leaf.Type == "map<bool>", origin),
            _ => KubeletFieldValue.Decoded(leaf, TreeScalar.Of(text, origin)),
        },
    };

    private static TreeList Modules(string text, Origin origin)
    {
        var modules = ImmutableArray.CreateBuilder<TreeNode>();
        foreach (var entry in KubeletFieldValue.Map(text, ',', '=', false, origin).Entries)
        {
            modules.Add(new TreeMap(
                [
                    new TreeEntry("filePattern", origin, TreeScalar.Of(entry.Key, origin)),
                    new TreeEntry("verbosity", origin, new TreeScalar(ScalarKind.Integer, ((TreeScalar)entry.Value).Text, origin)),
                ],
                origin));
        }

        return new TreeList(modules.ToImmutable(), origin);
    }

    private static TreeList Taints(string text, Origin origin)
    {
        var taints = ImmutableArray.CreateBuilder<TreeNode>();
        foreach (var taint in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = taint.LastIndexOf(':');
            var (name, effect) = colon < 0 ? (taint, "") : (taint[..colon], taint[(colon + 1)..]);
            var equals = name.IndexOf('=', StringComparison.Ordinal);
            var entries = new List<TreeEntry> { new("key", origin, TreeScalar.Of(equals < 0 ? name : name[..equals], origin)) };
            if (equals >= 0 && equals + 1 < name.Length)
            {
                entries.Add(new TreeEntry("value", origin, TreeScalar.Of(name[(equals + 1)..], origin)));
            }

            entries.Add(new TreeEntry("effect", origin, TreeScalar.Of(effect, origin)));
            taints.Add(new TreeMap(entries, origin));
        }

        return new TreeList(taints.ToImmutable(), origin);
    }

    // 0:memory=1Gi,hugepages-1Gi=2Gi;1:memory=2Gi
    private static TreeList Memory(string text, Origin origin)
    {
        var nodes = ImmutableArray.CreateBuilder<TreeNode>();
        foreach (var node in text.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = node.IndexOf(':', StringComparison.Ordinal);
            nodes.Add(new TreeMap(
                [
                    new TreeEntry("numaNode", origin, new TreeScalar(ScalarKind.Integer, colon < 0 ? "0" : node[..colon], origin)),
                    new TreeEntry("limits", origin, KubeletFieldValue.Map(node[(colon + 1)..], ',', '=', false, origin)),
                ],
                origin));
        }

        return new TreeList(nodes.ToImmutable(), origin);
    }

    private static TreeMap Headers(string text, Origin origin)
    {
        var entries = new List<TreeEntry>();
        foreach (var entry in KubeletFieldValue.Map(text, ',', ':', false, origin).Entries)
        {
            entries.Add(entry with { Value = new TreeList([entry.Value], origin) });
        }

        return new TreeMap(entries, origin);
    }
}
