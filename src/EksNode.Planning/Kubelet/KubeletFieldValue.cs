using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Planning.Kubelet;

/// <summary>The value of one field at one moment of the kubelet's start.</summary>
/// <param name="Layer">The layer that decided it.</param>
/// <param name="Value">The value; null: there is none.</param>
/// <param name="Origin">Where the field was set, or taken away; null: nowhere.</param>
internal readonly record struct KubeletFieldValue(SettingLayer Layer, TreeNode? Value, Origin? Origin)
{
    /// <summary>What a document has at a path: null when it has nothing, a null scalar when it, or something above it, is null.</summary>
    public static TreeNode? Find(TreeMap document, string[] keys)
    {
        TreeNode? node = document;
        foreach (var key in keys)
        {
            if (node is TreeScalar { Kind: ScalarKind.Null })
            {
                return node;
            }

            node = (node as TreeMap)?[key];
        }

        return node;
    }

    /// <summary>What Go decodes: null when that is no value, durations as Go prints them.</summary>
    public static TreeNode? Decoded(KubeletLeaf leaf, TreeNode node)
    {
        if (node is not TreeScalar scalar)
        {
            return node;
        }

        if (scalar.Kind == ScalarKind.Null)
        {
            return null;
        }

        var text = scalar.Text;
        switch (leaf.Type)
        {
            case "duration" or "duration-or-int" when scalar.Kind == ScalarKind.String && GoDuration.Parse(text).TryGet(out var duration, out _):
                return duration.Nanoseconds == 0 && !leaf.KeepsZero ? null : new TreeScalar(ScalarKind.String, duration.Text, node.Origin);
            case "int" when decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number):
                return number == 0 && !leaf.KeepsZero ? null : new TreeScalar(ScalarKind.Integer, number.ToString("0", CultureInfo.InvariantCulture), node.Origin);
            case "bool":
                return text == "false" && !leaf.KeepsZero ? null : node;
            default:
                return text.Length == 0 && !leaf.KeepsZero ? null : node;
        }
    }

    /// <summary>A merge patch (RFC 7396): null takes a key away.</summary>
    public static TreeMap? Patched(TreeMap? before, TreeMap patch)
    {
        var entries = new List<TreeEntry>(before?.Entries ?? []);
        foreach (var entry in patch.Entries)
        {
            var at = entries.FindIndex(e => e.Key == entry.Key);
            if (entry.Value is TreeScalar { Kind: ScalarKind.Null })
            {
                if (at >= 0)
                {
                    entries.RemoveAt(at);
                }
            }
            else if (at >= 0)
            {
                entries[at] = entry;
            }
            else
            {
                entries.Add(entry);
            }
        }

        return entries.Count == 0 && before is null ? null : new TreeMap(entries, patch.Origin);
    }

    /// <summary>A value of the table.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="text">Its text; items of a list and entries of a map are parted by <c>|</c>.</param>
    /// <param name="origin">What decided it.</param>
    public static TreeNode Read(string type, string text, Origin origin) => type switch
    {
        "bool" => TreeScalar.Of(text == "true", origin),
        "int" => new TreeScalar(ScalarKind.Integer, text, origin),
        "number" => new TreeScalar(ScalarKind.Float, text, origin),
        _ when type.StartsWith("list", StringComparison.Ordinal) => KubeletFlagTexts.List(text, '|', origin),
        _ when type.StartsWith("map", StringComparison.Ordinal) => KubeletFlagTexts.Map(text, '|', '=', type == "map<bool>", origin),
        _ => TreeScalar.Of(text, origin),
    };
}
