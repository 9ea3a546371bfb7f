using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Text;
using Tomlyn.Syntax;

namespace EksNode.Configuration.Documents;

/// <summary>Builds a tree from the syntax of a TOML document, by TOML's rules about defining tables and keys once.</summary>
internal sealed class TomlBuilder(Func<TextPosition, Origin> at, DiagnosticBag diagnostics, string? path)
{
    private bool failed;

    private enum Definition
    {
        /// <summary>Made by the header of a table below it; a header may still define it.</summary>
        Implicit,

        /// <summary>Defined by a header.</summary>
        Header,

        /// <summary>Made by a dotted key.</summary>
        Dotted,

        /// <summary>An inline table: nothing can be added to it.</summary>
        Inline,
    }

    private readonly record struct KeyPart(string Name, Origin Origin);

    private sealed class Table(Origin origin, int depth, Definition definition)
    {
        public Origin Origin { get; } = origin;

        public int Depth { get; } = depth;

        public Definition Definition { get; set; } = definition;

        public List<KeyPart> Keys { get; } = [];

        // A Table, a List<Table> (an array of tables), or a TreeNode.
        public Dictionary<string, object> Values { get; } = new(StringComparer.Ordinal);

        public void Add(KeyPart key, object value)
        {
            Keys.Add(key);
            Values.Add(key.Name, value);
        }
    }

    /// <summary>The tree, or null when something was reported.</summary>
    public TreeMap? Build(DocumentSyntax document, Origin origin)
    {
        var root = new Table(origin, 1, Definition.Header);
        AddAll(root, document.KeyValues);
        foreach (var syntax in document.Tables)
        {
            // What stands under a header that was refused is still checked by itself.
            var table = Open(root, KeyOf(syntax.Name!), syntax is TableArraySyntax)
                ?? new Table(origin, 1, Definition.Header);
            AddAll(table, syntax.Items);
        }

        return failed ? null : ToTree(root);
    }

    private static TreeMap ToTree(Table table) => new(
        table.Keys.Select(key => new TreeEntry(key.Name, key.Origin, table.Values[key.Name] switch
        {
            Table below => ToTree(below),
            List<Table> array => new TreeList([.. array.Select(ToTree)], array[0].Origin),
            var value => (TreeNode)value,
        })),
        table.Origin);

    private Table? Open(Table root, List<KeyPart> keys, bool isArray)
    {
        var table = root;
        foreach (var key in keys[..^1])
        {
            switch (table.Values.GetValueOrDefault(key.Name))
            {
                case null:
                    var made = new Table(key.Origin, table.Depth + 1, Definition.Implicit);
                    table.Add(key, made);
                    table = made;
                    break;
                case List<Table> array:
                    table = array[^1];
                    break;
                case Table { Definition: not Definition.Inline } below:
                    table = below;
                    break;
                default:
                    Twice(key, table, "a table cannot be opened below it");
                    return null;
            }
        }

        var last = keys[^1];
        if (TooDeep(table.Depth + 1, last.Origin))
        {
            return null;
        }

        var added = new Table(last.Origin, table.Depth + 1, Definition.Header);
        switch (table.Values.GetValueOrDefault(last.Name))
        {
            case null when isArray:
                table.Add(last, new List<Table> { added });
                return added;
            case null:
                table.Add(last, added);
                return added;
            case List<Table> array when isArray:
                array.Add(added);
                return added;
            case Table { Definition: Definition.Implicit } below when !isArray:
                below.Definition = Definition.Header;
                return below;
            default:
                Twice(last, table, "the header cannot define it again");
                return null;
        }
    }

    private void AddAll(Table table, SyntaxList<KeyValueSyntax> items)
    {
        foreach (var item in items)
        {
            AddKeyValue(table, item);
        }
    }

    private void AddKeyValue(Table table, KeyValueSyntax item)
    {
        var keys = KeyOf(item.Key!);
        foreach (var key in keys[..^1])
        {
            switch (table.Values.GetValueOrDefault(key.Name))
            {
                case null:
                    var made = new Table(key.Origin, table.Depth + 1, Definition.Dotted);
                    table.Add(key, made);
                    table = made;
                    break;
                case Table { Definition: Definition.Dotted } below:
                    table = below;
                    break;
                default:
                    Twice(key, table, "a dotted key cannot add to it");
                    return;
            }
        }

        var last = keys[^1];
        if (table.Values.ContainsKey(last.Name))
        {
            Twice(last, table, "a key can be set only once");
        }
        else if (!TooDeep(table.Depth + 1, last.Origin))
        {
            table.Add(last, Value(item.Value!, table.Depth + 1));
        }
    }

    private object Value(ValueSyntax syntax, int depth)
    {
        var origin = at(syntax.Span.Start);
        switch (syntax)
        {
            case InlineTableSyntax inline:
                var table = new Table(origin, depth, Definition.Header);
                foreach (var item in inline.Items)
                {
                    AddKeyValue(table, item.KeyValue!);
                }

                table.Definition = Definition.Inline;
                return table;
            case ArraySyntax array:
                var items = new List<TreeNode>();
                foreach (var item in array.Items)
                {
                    var value = Value(item.Value!, depth + 1);
                    items.Add(value is Table element ? ToTree(element) : (TreeNode)value);
                }

                return new TreeList(items.ToImmutable(), origin);
            case StringValueSyntax text:
                return TreeScalar.Of(text.Value ?? "", origin);
            case BooleanValueSyntax boolean:
                return TreeScalar.Of(boolean.Value, origin);
            case IntegerValueSyntax integer:
                return Integer(integer, origin);
            case FloatValueSyntax number:
                var digits = number.Token!.Text!.Trim().Replace("_", "", StringComparison.Ordinal).TrimStart('+');
                return new TreeScalar(ScalarKind.Float, digits.EndsWith("nan", StringComparison.Ordinal) ? "nan" : digits, origin);
            default:
                return new TreeScalar(ScalarKind.DateTime, ((DateTimeValueSyntax)syntax).Token!.Text!.Trim(), origin);
        }
    }

    // The parser keeps the 64 bits of a hexadecimal number that is too large for TOML, which makes it negative.
    private TreeScalar Integer(IntegerValueSyntax syntax, Origin origin)
    {
        if (syntax.Value < 0 && !syntax.Token!.Text!.TrimStart().StartsWith('-'))
        {
            var (message, help) = TomlMistakes.Explain("parse integer");
            Fail(DiagnosticCatalogue.InvalidToml, message, help, origin);
        }

        return new TreeScalar(ScalarKind.Integer, syntax.Value.ToString(CultureInfo.InvariantCulture), origin);
    }

    private List<KeyPart> KeyOf(KeySyntax syntax)
    {
        List<KeyPart> keys = [Part(syntax.Key!)];
        foreach (var item in syntax.DotKeys)
        {
            keys.Add(Part(item.Key!));
        }

        return keys;
    }

    private KeyPart Part(BareKeyOrStringValueSyntax syntax) => new(
        syntax is BareKeySyntax bare ? bare.Key!.Text! : ((StringValueSyntax)syntax).Value ?? "",
        at(syntax.Span.Start));

    private bool TooDeep(int depth, Origin origin)
    {
        if (depth <= DocumentLimits.Depth)
        {
            return false;
        }

        Fail(
            DiagnosticCatalogue.DocumentTooComplex,
            $"The TOML is nested deeper than {DocumentLimits.Depth} levels.",
            "Remove the needless levels.",
            origin);
        return true;
    }

    private void Twice(KeyPart key, Table table, string why)
    {
        var first = table.Keys.Find(k => k.Name == key.Name).Origin;
        Fail(
            DiagnosticCatalogue.DuplicateTomlKey,
            first.Line > 0 && first != key.Origin
                ? $"`{key.Name}` is already defined in line {first.Line}, and {why}."
                : $"`{key.Name}` is already defined, and {why}.",
            "Put all its keys in one place.",
            key.Origin);
    }

    private void Fail(DiagnosticDescriptor descriptor, string message, string help, Origin origin)
    {
        failed = true;
        diagnostics.Report(descriptor, message, help, origin, path);
    }
}
