using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Plans;

/// <summary>The reasons of a file's values, without their secrets.</summary>
public static class Reasons
{
    /// <summary>One reason for every leaf of a document; a list is a leaf.</summary>
    /// <param name="prefix">What the settings begin with: <c>kubelet</c> gives <c>kubelet.maxPods</c>.</param>
    /// <param name="document">The document. The origin of each leaf is its reason.</param>
    public static ImmutableArray<Reason> OfLeaves(string prefix, TreeNode document)
    {
        var reasons = new List<Reason>();
        Add(prefix, prefix, document, reasons);
        return reasons.ToImmutable();
    }

    /// <summary>A reason whose value is shown, but for the secrets in it.</summary>
    /// <param name="setting">The setting, dotted.</param>
    /// <param name="name">The last part of it, which tells whether the value is a credential.</param>
    /// <param name="value">The value.</param>
    /// <param name="origin">What decided it.</param>
    public static Reason Of(string setting, string name, string value, Origin origin) =>
        new(setting, Redactor.IsSecretName(name) && value.Length > 0 ? Secret.Redacted : new Redactor().Redact(value), origin);

    /// <summary>The items of a list, redacted, when not one thing decided them all; none otherwise, and of anything else.</summary>
    /// <param name="node">The value.</param>
    /// <param name="name">The last part of its setting, which tells whether it is a credential.</param>
    public static ImmutableArray<Sourced<string>> PartsOf(TreeNode node, string name)
    {
        if (node is not TreeList { Items: [var first, _, ..] } list || list.Items.All(i => OriginOf(i) == OriginOf(first)))
        {
            return [];
        }

        var parts = new List<Sourced<string>>(list.Items.Length);
        foreach (var item in list.Items)
        {
            parts.Add(new Sourced<string>(Of(name, name, Text(item), item.Origin).Value, OriginOf(item)));
        }

        return parts.ToImmutable();
    }

    // A map that eksnode put together is of whatever decided its values.
    private static Origin OriginOf(TreeNode node) =>
        node is TreeMap { Origin.Kind: OriginKind.Default, Entries: [var first, ..] } ? first.Value.Origin : node.Origin;

    private static void Add(string setting, string name, TreeNode node, List<Reason> reasons)
    {
        switch (node)
        {
            case TreeMap { Entries.IsEmpty: false } map:
                foreach (var entry in map.Entries)
                {
                    Add(setting + "." + entry.Key, entry.Key, entry.Value, reasons);
                }

                break;
            default:
                reasons.Add(Of(setting, name, Text(node), node.Origin) with { Parts = PartsOf(node, name) });
                break;
        }
    }

    /// <summary>A value on one line; what stands under the name of a credential is redacted, also inside a list.</summary>
    /// <param name="node">The value.</param>
    public static string Text(TreeNode node) => node switch
    {
        TreeScalar scalar => scalar.Text,
        TreeList list => "[" + string.Join(", ", list.Items.Select(Text)) + "]",
        TreeMap map => "{" + string.Join(", ", map.Entries.Select(e => e.Key + ": " + (Redactor.IsSecretName(e.Key) ? Secret.Redacted : Text(e.Value)))) + "}",
        _ => "",
    };
}
