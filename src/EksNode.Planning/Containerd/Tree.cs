using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Containerd;

/// <summary>Short forms to write a document's tree down.</summary>
internal static class Tree
{
    private static readonly Origin Structure = Origin.Default("part of eksnode's template");

    /// <summary>A map of eksnode's own.</summary>
    public static TreeMap Map(params ReadOnlySpan<(string Key, TreeNode Value)> entries)
    {
        var list = new List<TreeEntry>(entries.Length);
        foreach (var (key, value) in entries)
        {
            list.Add(new TreeEntry(key, value.Origin, value));
        }

        return new TreeMap(list, Structure);
    }

    /// <summary>A string.</summary>
    public static TreeScalar Text(string value, Origin origin) => TreeScalar.Of(value, origin);

    /// <summary>A boolean.</summary>
    public static TreeScalar Bool(bool value, Origin origin) => TreeScalar.Of(value, origin);

    /// <summary>An integer.</summary>
    public static TreeScalar Number(long value, Origin origin) => TreeScalar.Of(value, origin);

    /// <summary>A list of strings.</summary>
    public static TreeList Texts(Origin origin, params ReadOnlySpan<string> values)
    {
        var items = new TreeNode[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            items[i] = TreeScalar.Of(values[i], origin);
        }

        return new TreeList([.. items], origin);
    }
}
