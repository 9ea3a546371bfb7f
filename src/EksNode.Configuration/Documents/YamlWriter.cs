using System.Globalization;
using System.Text;

namespace EksNode.Configuration.Documents;

/// <summary>
/// Writes a tree as YAML, always in the same form: block style with two spaces, literal blocks for texts of several lines,
/// double quotes wherever a plain string would be read as something else.
/// </summary>
public static class YamlWriter
{
    /// <summary>The document, with a line break at the end.</summary>
    /// <param name="map">The tree.</param>
    /// <param name="sortKeys">Whether keys are in ordinal order; otherwise they keep the order of the tree.</param>
    /// <param name="comment">The comment at the end of a value's line, on one line; null: none.</param>
    public static string Write(TreeMap map, bool sortKeys = false, Func<TreeNode, string?>? comment = null)
    {
        var text = new StringBuilder();
        if (map.Entries.IsEmpty)
        {
            return "{}\n";
        }

        Map(text, map, indent: 0, sortKeys, comment);
        return text.ToString();
    }

    /// <summary>A document that may be a list, with a line break at the end.</summary>
    /// <param name="node">A map or a list.</param>
    public static string Write(TreeNode node)
    {
        if (node is not TreeList { Items.IsEmpty: false } list)
        {
            return node is TreeMap map ? Write(map) : "[]\n";
        }

        var text = new StringBuilder();
        List(text, list, indent: 0, sortKeys: false, null);
        return text.ToString();
    }

    // The caller has written the indentation of the first entry.
    private static void Map(StringBuilder text, TreeMap map, int indent, bool sortKeys, Func<TreeNode, string?>? comment)
    {
        var first = true;
        foreach (var entry in sortKeys ? map.Entries.OrderBy(e => e.Key, StringComparer.Ordinal) : map.Entries.AsEnumerable())
        {
            text.Append(' ', first ? 0 : indent).Append(Inline(entry.Key)).Append(':');
            first = false;
            switch (entry.Value)
            {
                case TreeMap { Entries.IsEmpty: false } below:
                    text.Append('\n').Append(' ', indent + 2);
                    Map(text, below, indent + 2, sortKeys, comment);
                    break;
                case TreeList { Items.IsEmpty: false } list:
                    text.Append('\n').Append(' ', indent);
                    List(text, list, indent, sortKeys, comment);
                    break;
                default:
                    text.Append(' ');
                    Leaf(text, entry.Value, indent, comment);
                    break;
            }
        }
    }

    private static void List(StringBuilder text, TreeList list, int indent, bool sortKeys, Func<TreeNode, string?>? comment)
    {
        var first = true;
        foreach (var item in list.Items)
        {
            text.Append(' ', first ? 0 : indent).Append("- ");
            first = false;
            switch (item)
            {
                case TreeMap { Entries.IsEmpty: false } map:
                    Map(text, map, indent + 2, sortKeys, comment);
                    break;
                case TreeList { Items.IsEmpty: false } below:
                    List(text, below, indent + 2, sortKeys, comment);
                    break;
                default:
                    Leaf(text, item, indent, comment);
                    break;
            }
        }
    }

    private static void Leaf(StringBuilder text, TreeNode node, int indent, Func<TreeNode, string?>? comment)
    {
        var end = comment?.Invoke(node) is { } words ? "  # " + words + "\n" : "\n";
        switch (node)
        {
            case TreeMap:
                text.Append("{}").Append(end);
                break;
            case TreeList:
                text.Append("[]").Append(end);
                break;
            case TreeScalar { Kind: ScalarKind.String or ScalarKind.DateTime } scalar when IsBlock(scalar.Text):
                text.Append(scalar.Text.EndsWith('\n') ? "|" : "|-").Append(end);
                foreach (var line in scalar.Text.TrimEnd('\n').Split('\n'))
                {
                    text.Append(' ', line.Length == 0 ? 0 : indent + 2).Append(line).Append('\n');
                }

                break;
            case TreeScalar { Kind: ScalarKind.Null or ScalarKind.Bool } scalar:
                text.Append(scalar.Text).Append(end);
                break;
            case TreeScalar { Kind: ScalarKind.Integer or ScalarKind.Float } scalar when char.IsAsciiDigit(scalar.Text[^1]):
                text.Append(scalar.Text).Append(end);
                break;
            case TreeScalar scalar:
                text.Append(Inline(scalar.Text)).Append(end);
                break;
        }
    }

    // Several lines, of printable characters, the first one neither empty nor indented, at most one line break at the end.
    private static bool IsBlock(string value) =>
        value.AsSpan().TrimEnd('\n').Contains('\n')
        && value[0] is not (' ' or '\n' or '\t')
        && !value.EndsWith("\n\n", StringComparison.Ordinal)
        && value.All(c => c is '\n' or '\t' || !NeedsEscape(c));

    private static string Inline(string value)
    {
        if (value.Length > 0
            && (char.IsAsciiLetter(value[0]) || value[0] is '/' or '_')
            && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/' or '+' or '=')
            && YamlScalars.Resolve(value).Kind == ScalarKind.String)
        {
            return value;
        }

        var text = new StringBuilder("\"");
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                _ when NeedsEscape(c) => text.Append("\\u").Append(((int)c).ToString("X4", CultureInfo.InvariantCulture)),
                _ => text.Append(c),
            };
        }

        return text.Append('"').ToString();
    }

    // What YAML does not allow, or takes for a line break.
    private static bool NeedsEscape(char c) =>
        c is < ' ' or (>= '\u007F' and <= '\u009F') or '\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF';
}
