namespace EksNode.Configuration.Documents;

/// <summary>
/// The one merge of documents: maps deep, everything else (lists, scalars, null, and a change of type) replaced by the later
/// value. It is associative; an empty map is its identity.
/// </summary>
public static class TreeMerge
{
    /// <summary>The earlier document with the later one laid over it.</summary>
    public static TreeMap Merge(TreeMap earlier, TreeMap later)
    {
        if (later.Replaces)
        {
            return later;
        }

        var entries = new List<TreeEntry>(earlier.Entries);
        foreach (var entry in later.Entries)
        {
            entries.Add(earlier[entry.Key] is { } before
                ? entry with { Value = Value(before, entry.Value) }
                : entry);
        }

        return new TreeMap(entries, later.Entries.IsEmpty ? earlier.Origin : later.Origin, earlier.Replaces);
    }

    /// <summary>The same for documents that may be absent.</summary>
    public static TreeMap? MergeOptional(TreeMap? earlier, TreeMap? later) =>
        earlier is null ? later : later is null ? earlier : Merge(earlier, later);

    private static TreeNode Value(TreeNode before, TreeNode after) => (before, after) switch
    {
        (TreeMap a, TreeMap b) => Merge(a, b),
        (_, TreeMap b) => new TreeMap(b.Entries, b.Origin, replaces: true),
        _ => after,
    };
}
