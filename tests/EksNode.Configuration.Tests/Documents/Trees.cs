using System.Globalization;
using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Tests.Documents;

/// <summary>Trees in a short text form for assertions, and readers that expect no diagnostics.</summary>
internal static class Trees
{
    public static TreeMap Yaml(string text)
    {
        var bag = new DiagnosticBag();
        var documents = YamlReader.Read(text, "t", 0, bag);
        Assert.DoesNotContain(bag.Items, d => d.Code != "EKN0137");
        return Assert.IsType<TreeMap>(Assert.Single(documents));
    }

    public static TreeMap Toml(string text)
    {
        var bag = new DiagnosticBag();
        var map = TomlReader.Read(text, "t", bag);
        Assert.Empty(bag.Items);
        return Assert.IsType<TreeMap>(map);
    }

    /// <summary><c>{a: s'x', b: [i1, btrue, null]}</c>: the kind of a scalar is its first letter.</summary>
    public static string Show(TreeNode? node)
    {
        var text = new StringBuilder();
        Append(text, node);
        return text.ToString();
    }

    public static string Place(TreeNode? node) => Place(node!.Origin);

    public static string Place(Origin? origin) => string.Create(CultureInfo.InvariantCulture, $"{origin!.Line}:{origin.Column}");

    private static void Append(StringBuilder text, TreeNode? node)
    {
        switch (node)
        {
            case null:
                text.Append("<none>");
                break;
            case TreeMap map:
                text.Append(map.Replaces ? "!{" : "{");
                foreach (var entry in map.Entries)
                {
                    text.Append(text[^1] is '{' ? "" : ", ").Append(entry.Key).Append(": ");
                    Append(text, entry.Value);
                }

                text.Append('}');
                break;
            case TreeList list:
                text.Append('[');
                foreach (var item in list.Items)
                {
                    text.Append(text[^1] is '[' ? "" : ", ");
                    Append(text, item);
                }

                text.Append(']');
                break;
            case TreeScalar { Kind: ScalarKind.Null }:
                text.Append("null");
                break;
            case TreeScalar { Kind: ScalarKind.String } scalar:
                text.Append("s'").Append(scalar.Text.ReplaceLineEndings("\\n")).Append('\'');
                break;
            case TreeScalar scalar:
                text.Append(char.ToLowerInvariant(scalar.Kind.ToString()[0])).Append(scalar.Text);
                break;
        }
    }
}
