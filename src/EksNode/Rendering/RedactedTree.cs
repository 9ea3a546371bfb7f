using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Rendering;

/// <summary>A document without its secrets.</summary>
internal static class RedactedTree
{
    /// <summary>The document, value by value, since a secret looks different once its quotes are escaped.</summary>
    public static TreeNode Of(TreeNode node, Redactor redactor) => node switch
    {
        TreeMap map => Of(map, redactor),
        TreeList list => new TreeList([.. list.Items.Select(i => Of(i, redactor))], list.Origin),
        TreeScalar { Kind: ScalarKind.String } text => TreeScalar.Of(redactor.Redact(text.Text), text.Origin),
        _ => node,
    };

    /// <inheritdoc cref="Of(TreeNode, Redactor)"/>
    public static TreeMap Of(TreeMap map, Redactor redactor) =>
        new(map.Entries.Select(e => e with { Value = Of(e.Value, redactor) }), map.Origin);
}
