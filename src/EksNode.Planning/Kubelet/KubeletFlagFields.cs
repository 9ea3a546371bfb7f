using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Text;

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
            (TreeList a, TreeList b) => new TreeList([.. a.Items, .. b.Items], b.Origin),
            _ => value,
        }, origin);
        all.Add((leaf.Path, value ?? TreeScalar.Null(origin)));
    }

    // A flag's zero is the value: no default comes after it. Of a field that is not optional, /configz then leaves it out.
    private static TreeNode? Value(KubeletLeaf leaf, string text, Origin origin)
    {
        var value = KubeletFlagTexts.Read(leaf, text, origin);
        return leaf.Type.StartsWith("duration", StringComparison.Ordinal) ? value : KubeletFieldValue.Decoded(leaf, value);
    }
}
