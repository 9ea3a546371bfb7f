using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs.KubeletRules;

namespace EksNode.Planning.Kubelet;

/// <summary>A setting that the running kubelet has otherwise than planned.</summary>
/// <param name="path">The path below <c>kubelet</c>.</param>
/// <param name="planned">What is planned; null: the kubelet should have no value there.</param>
/// <param name="running">What the kubelet says; null: it has no value there.</param>
public sealed class KubeletDifference(string path, EffectiveSetting? planned, TreeNode? running)
{
    /// <summary>The path: <c>evictionHard.memory.available</c>.</summary>
    public string Path { get; } = path;

    /// <summary>What is planned, with what decided it; null: the kubelet should have no value there.</summary>
    public EffectiveSetting? Planned { get; } = planned;

    /// <summary>What the kubelet says; null: it has no value there.</summary>
    public TreeNode? Running { get; } = running;

    /// <summary>The text of a value: JSON on one line.</summary>
    public static string TextOf(TreeNode? value) => value is null ? "nothing" : JsonWriter.Write(value, indent: 0);
}

/// <summary>Compares the configuration that a plan gives the kubelet with the one that the running kubelet tells at <c>/configz</c>.</summary>
public static class KubeletComparison
{
    /// <summary>
    /// What differs, sorted by path. Fields that the tables do not know, of a kubelet newer than they are, are left out: their defaults are
    /// not known.
    /// </summary>
    /// <param name="planned">What is planned.</param>
    /// <param name="running">The map <c>kubeletconfig</c> of <c>/configz</c>.</param>
    /// <param name="minor">The minor of Kubernetes 1 of the kubelet.</param>
    public static ImmutableArray<KubeletDifference> Compare(EffectiveKubelet planned, TreeMap running, int minor)
    {
        var actual = new SortedDictionary<string, TreeNode>(StringComparer.Ordinal);
        Flatten("", running, actual);
        var differences = new List<KubeletDifference>();
        foreach (var setting in planned.Settings)
        {
            var wanted = new SortedDictionary<string, TreeNode>(StringComparer.Ordinal);
            Flatten(setting.Path, setting.Value, wanted);
            foreach (var (path, value) in wanted)
            {
                actual.Remove(path, out var other);
                if (other is null || !IsSame(value, other))
                {
                    differences.Add(new KubeletDifference(path, setting, other));
                }
            }
        }

        var leaves = KubeletDefaults.Of(minor);
        foreach (var (path, value) in actual)
        {
            if (IsKnown(path, leaves))
            {
                differences.Add(new KubeletDifference(path, null, value));
            }
        }

        return [.. differences.OrderBy(d => d.Path, StringComparer.Ordinal)];
    }

    private static void Flatten(string path, TreeNode node, SortedDictionary<string, TreeNode> into)
    {
        switch (node)
        {
            case TreeMap map:
                foreach (var entry in map.Entries)
                {
                    Flatten(path.Length == 0 ? entry.Key : path + "." + entry.Key, entry.Value, into);
                }

                break;
            case TreeList { Items.IsEmpty: true } or TreeScalar { Kind: ScalarKind.Null }:
                break;
            default:
                into[path] = node;
                break;
        }
    }

    private static bool IsSame(TreeNode a, TreeNode b) =>
        (a, b) switch
        {
            (TreeScalar x, TreeScalar y) => x.Text == y.Text && (x.Kind == ScalarKind.String) == (y.Kind == ScalarKind.String),
            _ => JsonWriter.Write(a, indent: 0) == JsonWriter.Write(b, indent: 0),
        };

    private static bool IsKnown(string path, ImmutableArray<KubeletLeaf> leaves)
    {
        foreach (var leaf in leaves)
        {
            if (path == leaf.Path || (path.StartsWith(leaf.Path, StringComparison.Ordinal) && path[leaf.Path.Length] == '.'))
            {
                return true;
            }
        }

        return false;
    }
}
