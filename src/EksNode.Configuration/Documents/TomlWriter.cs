using System.Globalization;
using System.Text;

namespace EksNode.Configuration.Documents;

/// <summary>
/// Writes a tree as TOML 1.0, always in the same form: sorted keys, scalars before tables, a header for every table, single
/// quotes wherever the text allows them.
/// </summary>
public static class TomlWriter
{
    /// <summary>The document, with a line break at the end. A key whose value is null is left out, since TOML has no null.</summary>
    public static string Write(TreeMap map)
    {
        var text = new StringBuilder();
        Table(text, map, header: "");
        return text.ToString();
    }

    private static void Table(StringBuilder text, TreeMap map, string header)
    {
        var entries = map.Entries.Where(e => e.Value is not TreeScalar { Kind: ScalarKind.Null }).OrderBy(e => e.Key, StringComparer.Ordinal).ToList();
        var separate = false;
        foreach (var entry in entries)
        {
            if (entry.Value is not TreeMap && !IsArrayOfTables(entry.Value))
            {
                text.Append(Key(entry.Key)).Append(" = ");
                Value(text, entry.Value);
                text.Append('\n');
                separate = true;
            }
        }

        foreach (var entry in entries)
        {
            var name = header.Length == 0 ? Key(entry.Key) : header + "." + Key(entry.Key);
            switch (entry.Value)
            {
                case TreeMap below:
                    text.Append(separate ? "\n" : "").Append('[').Append(name).Append("]\n");
                    Table(text, below, name);
                    separate = true;
                    break;
                case TreeList list when IsArrayOfTables(list):
                    foreach (var item in list.Items)
                    {
                        text.Append(separate ? "\n" : "").Append("[[").Append(name).Append("]]\n");
                        Table(text, (TreeMap)item, name);
                        separate = true;
                    }

                    break;
            }
        }
    }

    private static bool IsArrayOfTables(TreeNode node) =>
        node is TreeList { Items.IsEmpty: false } list && list.Items.All(i => i is TreeMap);

    private static void Value(StringBuilder text, TreeNode node)
    {
        var first = true;
        switch (node)
        {
            case TreeList list:
                text.Append('[');
                foreach (var item in list.Items.Where(i => i is not TreeScalar { Kind: ScalarKind.Null }))
                {
                    text.Append(first ? "" : ", ");
                    Value(text, item);
                    first = false;
                }

                text.Append(']');
                break;
            case TreeMap map:
                text.Append('{');
                foreach (var entry in map.Entries.OrderBy(e => e.Key, StringComparer.Ordinal))
                {
                    if (entry.Value is not TreeScalar { Kind: ScalarKind.Null })
                    {
                        text.Append(first ? "" : ", ").Append(Key(entry.Key)).Append(" = ");
                        Value(text, entry.Value);
                        first = false;
                    }
                }

                text.Append('}');
                break;
            case TreeScalar { Kind: ScalarKind.String } scalar:
                text.Append(Quote(scalar.Text));
                break;
            case TreeScalar scalar:
                text.Append(scalar.Text);
                break;
        }
    }

    private static string Key(string key) =>
        key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? key : Quote(key);

    private static string Quote(string value)
    {
        if (!value.Any(c => c == '\'' || (c < ' ' && c != '\t') || c == '\u007F'))
        {
            return "'" + value + "'";
        }

        var text = new StringBuilder("\"");
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\b' => text.Append("\\b"),
                '\t' => text.Append("\\t"),
                '\n' => text.Append("\\n"),
                '\f' => text.Append("\\f"),
                '\r' => text.Append("\\r"),
                < ' ' or '\u007F' => text.Append("\\u").Append(((int)c).ToString("X4", CultureInfo.InvariantCulture)),
                _ => text.Append(c),
            };
        }

        return text.Append('"').ToString();
    }
}
