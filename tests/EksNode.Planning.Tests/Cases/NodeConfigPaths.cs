using EksNode.Configuration.Documents;
using EksNode.Configuration.Schemas;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Tests.Cases;

/// <summary>Finds and changes settings of a document by the paths of the table: <c>spec.taints[].key</c>, <c>spec.limits.units.*.tasksMax</c>.</summary>
internal static class NodeConfigPaths
{
    private static readonly Origin Made = Origin.Default("a test");

    /// <summary>Whether a document sets a field.</summary>
    public static bool Has(TreeMap document, NodeConfigField field) => Values(document, field).Any();

    /// <summary>The values that a document gives a field.</summary>
    public static IEnumerable<TreeNode> Values(TreeMap document, NodeConfigField field) =>
        Below(document, Split(field.Path)).Where(v => v is not TreeScalar { Kind: ScalarKind.Null });

    /// <summary>
    /// The document with a field set wherever its parent is and it is not; maps that lead to it are added, items of a list and entries
    /// of a map with free keys are not, nor a map that is a setting itself (<c>spec.maxPods</c>). The same document when nothing was set.
    /// </summary>
    public static TreeMap With(TreeMap document, NodeConfigField field, TreeNode value) =>
        NodeConfigField.All().Any(f => field.Path.StartsWith(f.Path + ".", StringComparison.Ordinal) && !Has(document, f))
            ? document
            : (TreeMap)With(document, Split(field.Path), value);

    /// <summary>The document without a field, wherever it is set.</summary>
    public static TreeMap Without(TreeMap document, NodeConfigField field) => (TreeMap)Without(document, Split(field.Path));

    private static TreeNode Without(TreeNode node, string[] path) => (path[0], node) switch
    {
        ("[]", TreeList list) => new TreeList([.. list.Items.Select(i => Without(i, path[1..]))], list.Origin),
        ("*", TreeMap map) => new TreeMap(map.Entries.Select(e => e with { Value = Without(e.Value, path[1..]) }), map.Origin),
        (var key, TreeMap map) when path.Length == 1 => map.Without(key),
        (var key, TreeMap map) => new TreeMap(map.Entries.Select(e => e.Key == key ? e with { Value = Without(e.Value, path[1..]) } : e), map.Origin),
        _ => node,
    };

    private static string[] Split(string path) => path.Replace("[]", ".[]", StringComparison.Ordinal).Split('.');

    private static IEnumerable<TreeNode> Below(TreeNode node, ReadOnlyMemory<string> path)
    {
        if (path.Length == 0)
        {
            return [node];
        }

        return (path.Span[0], node) switch
        {
            ("[]", TreeList list) => list.Items.SelectMany(i => Below(i, path[1..])),
            ("*", TreeMap map) => map.Entries.Where(e => e.Key != "tasksMax").SelectMany(e => Below(e.Value, path[1..])),
            (var key, TreeMap map) when map[key] is { } value => Below(value, path[1..]),
            _ => [],
        };
    }

    private static TreeNode With(TreeNode node, string[] path, TreeNode value)
    {
        var (key, rest) = (path[0], path[1..]);
        switch (key, node)
        {
            case ("[]", TreeList list):
                var items = new List<TreeNode>();
                foreach (var item in list.Items)
                {
                    items.Add(With(item, rest, value));
                }

                return new TreeList([.. items], list.Origin);
            case ("*", TreeMap map):
                var entries = new List<TreeEntry>();
                foreach (var entry in map.Entries)
                {
                    entries.Add(entry with { Value = With(entry.Value, rest, value) });
                }

                return new TreeMap(entries, map.Origin);
            case ("*" or "[]", _) or (_, not TreeMap):
                return node;
            default:
                var parent = (TreeMap)node;
                if (rest.Length == 0)
                {
                    return parent[key] is null ? parent.With(key, value) : parent;
                }

                if (parent[key] is null && (rest[0] is "[]" or "*" || rest.Contains("[]") || rest.Contains("*")))
                {
                    return parent;
                }

                return parent.Without(key).With(key, With(parent[key] ?? new TreeMap([], Made), rest, value));
        }
    }
}
