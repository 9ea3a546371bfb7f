using System.Collections.Immutable;

namespace EksNode.Configuration.NodeConfigs.KubeletRules;

/// <summary>A leaf of KubeletConfiguration v1beta1 as a kubelet of one minor treats it.</summary>
public sealed class KubeletLeaf
{
    internal KubeletLeaf(string[] row)
    {
        (Path, Type, KeepsZero, Default, Gate, Flag) = (row[0], row[1], row[2] == "kept", row[3], row[6], row[7]);
        (First, Last) = (DataTable.Minor(row[4]) ?? 0, DataTable.Minor(row[5]) ?? int.MaxValue);
        Keys = Path.Split('.');
    }

    /// <summary>The dotted path: <c>authentication.webhook.enabled</c>.</summary>
    public string Path { get; }

    /// <summary>The path's keys.</summary>
    public string[] Keys { get; }

    /// <summary>The type of its value: <c>bool</c>, <c>int</c>, <c>duration</c>, <c>string</c>, <c>map&lt;string&gt;</c>, <c>list&lt;object&gt;</c> and so on.</summary>
    public string Type { get; }

    /// <summary>Whether an explicit zero, false or empty value is a value; otherwise it is as if it were not set.</summary>
    public bool KeepsZero { get; }

    /// <summary>The kubelet's own default as text, items of a list and entries of a map parted by <c>|</c>; empty: it has none.</summary>
    public string Default { get; }

    /// <summary>The feature gate without which there is no default; empty: there is always one.</summary>
    public string Gate { get; }

    /// <summary>The flag, without dashes, that overrides the field; empty: there is none.</summary>
    public string Flag { get; }

    internal int First { get; }

    internal int Last { get; }
}

/// <summary>What a kubelet makes of a field that is not set, or set to a zero value: <c>data/kubelet-defaults.tsv</c>.</summary>
public static class KubeletDefaults
{
    /// <summary>The leaves that a kubelet of a minor has, in the order of the API; those of the nearest minor when the table lacks it.</summary>
    /// <param name="minor">The minor of Kubernetes 1.</param>
    public static ImmutableArray<KubeletLeaf> Of(int minor)
    {
        var leaves = new List<KubeletLeaf>();
        foreach (var row in DataTable.Rows("kubelet-defaults.tsv"))
        {
            var leaf = new KubeletLeaf(row);
            if (leaf.First <= minor && minor <= leaf.Last)
            {
                leaves.Add(leaf);
            }
        }

        return leaves.ToImmutable();
    }
}
