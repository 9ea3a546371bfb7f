using System.Globalization;
using System.Text;

namespace EksNode.Configuration.Documents;

/// <summary>
/// Writes a tree as JSON, always in the same form. Only what JSON demands is escaped; numbers keep their text (which the
/// framework's writer cannot indent).
/// </summary>
public static class JsonWriter
{
    /// <summary>The document, without a line break at the end.</summary>
    /// <param name="node">The tree.</param>
    /// <param name="indent">Spaces of indentation for each level; 0: everything on one line.</param>
    /// <param name="sortKeys">Whether keys are in ordinal order; otherwise they keep the order of the tree.</param>
    public static string Write(TreeNode node, int indent = 4, bool sortKeys = true)
    {
        var output = new Output(new StringBuilder(), indent, sortKeys);
        output.Value(node, level: 0);
        return output.Text.ToString();
    }

    private readonly record struct Output(StringBuilder Text, int Indent, bool SortKeys)
    {
        public void Value(TreeNode node, int level)
        {
            switch (node)
            {
                case TreeMap map:
                    Map(map, level);
                    break;
                case TreeList list:
                    Text.Append('[');
                    for (var i = 0; i < list.Items.Length; i++)
                    {
                        Separate(i == 0, level + 1);
                        Value(list.Items[i], level + 1);
                    }

                    Close(list.Items.IsEmpty, level).Append(']');
                    break;
                case TreeScalar { Kind: ScalarKind.Null or ScalarKind.Bool } scalar:
                    Text.Append(scalar.Text);
                    break;
                case TreeScalar { Kind: ScalarKind.Integer or ScalarKind.Float } scalar when char.IsAsciiDigit(scalar.Text[^1]):
                    Text.Append(scalar.Text);
                    break;
                case TreeScalar scalar:
                    // Also TOML's dates, infinities and nan, which JSON lacks.
                    String(scalar.Text);
                    break;
            }
        }

        private void Map(TreeMap map, int level)
        {
            Text.Append('{');
            var first = true;
            foreach (var entry in SortKeys ? map.Entries.OrderBy(e => e.Key, StringComparer.Ordinal) : map.Entries.AsEnumerable())
            {
                Separate(first, level + 1);
                first = false;
                String(entry.Key);
                Text.Append(Indent > 0 ? ": " : ":");
                Value(entry.Value, level + 1);
            }

            Close(first, level).Append('}');
        }

        private void Separate(bool first, int level)
        {
            Text.Append(first ? "" : ",");
            Break(level);
        }

        private StringBuilder Close(bool isEmpty, int level)
        {
            if (!isEmpty)
            {
                Break(level);
            }

            return Text;
        }

        private void Break(int level)
        {
            if (Indent > 0)
            {
                Text.Append('\n').Append(' ', level * Indent);
            }
        }

        private void String(string value)
        {
            Text.Append('"');
            foreach (var c in value)
            {
                _ = c switch
                {
                    '"' => Text.Append("\\\""),
                    '\\' => Text.Append("\\\\"),
                    '\b' => Text.Append("\\b"),
                    '\f' => Text.Append("\\f"),
                    '\n' => Text.Append("\\n"),
                    '\r' => Text.Append("\\r"),
                    '\t' => Text.Append("\\t"),
                    < ' ' => Text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)),
                    _ => Text.Append(c),
                };
            }

            Text.Append('"');
        }
    }
}
