using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Containerd;

/// <summary>A value of a document with the entries that lead to it.</summary>
/// <param name="Entries">The entries from the top of the document to the value.</param>
public sealed record TreeLeaf(ImmutableArray<TreeEntry> Entries)
{
    /// <summary>The keys that lead to it.</summary>
    public ImmutableArray<string> Path { get; } = [.. Entries.Select(e => e.Key)];

    /// <summary>The value: a scalar, a list or an empty map.</summary>
    public TreeNode Value => Entries[^1].Value;
}

/// <summary>Takes documents apart into their values and puts them together again.</summary>
public static class TreeLeaves
{
    /// <summary>Every value of a document, in its order: scalars, lists, and maps without entries.</summary>
    public static IEnumerable<TreeLeaf> Of(TreeMap map) => Walk(map, []);

    /// <summary>
    /// The document with a value set at a path; maps on the way are made. Null when something that is no map stands in the
    /// way, or the path has a value already.
    /// </summary>
    /// <param name="map">The document.</param>
    /// <param name="path">The keys, at least one.</param>
    /// <param name="keyOrigin">Where the setting stands.</param>
    /// <param name="value">The value.</param>
    public static TreeMap? Add(TreeMap map, ReadOnlySpan<string> path, Origin keyOrigin, TreeNode value)
    {
        var key = path[0];
        var before = map[key];
        if (path.Length == 1)
        {
            return before is null ? Set(map, key, keyOrigin, value)
                : before is TreeMap && value is TreeMap { Entries.IsEmpty: true } ? map
                : null;
        }

        var inner = before switch
        {
            null => Add(new TreeMap([], keyOrigin), path[1..], keyOrigin, value),
            TreeMap existing => Add(existing, path[1..], keyOrigin, value),
            _ => null,
        };
        return inner is null ? null : Set(map, key, map.Find(key)?.KeyOrigin ?? keyOrigin, inner);
    }

    /// <summary>The node at a path, or null.</summary>
    public static TreeNode? Find(TreeMap map, params ReadOnlySpan<string> path)
    {
        TreeNode? node = map;
        foreach (var key in path)
        {
            node = (node as TreeMap)?[key];
        }

        return node;
    }

    /// <summary>The document without the value at a path; the maps that led to it stay.</summary>
    public static TreeMap Remove(TreeMap map, params ReadOnlySpan<string> path) =>
        path.Length == 1 ? map.Without(path[0])
        : map[path[0]] is TreeMap inner ? Set(map, path[0], map.Find(path[0])?.KeyOrigin ?? inner.Origin, Remove(inner, path[1..]))
        : map;

    private static TreeMap Set(TreeMap map, string key, Origin keyOrigin, TreeNode value) =>
        new([.. map.Entries, new TreeEntry(key, keyOrigin, value)], map.Origin, map.Replaces);

    private static IEnumerable<TreeLeaf> Walk(TreeMap map, ImmutableArray<TreeEntry> above)
    {
        foreach (var entry in map.Entries)
        {
            ImmutableArray<TreeEntry> entries = [.. above, entry];
            if (entry.Value is TreeMap { Entries.IsEmpty: false } inner)
            {
                foreach (var leaf in Walk(inner, entries))
                {
                    yield return leaf;
                }
            }
            else
            {
                yield return new TreeLeaf(entries);
            }
        }
    }
}
