using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Schemas;

/// <summary>What a table of settings says of one path, and what stands below it, as a part of a JSON Schema.</summary>
internal sealed class SchemaNode
{
    private static readonly Origin Made = Origin.Default("made of the tables");

    private readonly List<(string Key, SchemaNode Node)> children = [];
    private NodeConfigField? field;
    private SchemaNode? items;
    private SchemaNode? entries;

    /// <summary>The whole JSON Schema (2020-12) of a kind of document, for editors: a key that the table does not know does not conform.</summary>
    /// <param name="title">What the document is.</param>
    /// <param name="fields">Its settings.</param>
    public static string Write(string title, IEnumerable<NodeConfigField> fields)
    {
        var schema = new List<TreeEntry>
        {
            Entry("$schema", Text("https://json-schema.org/draft/2020-12/schema")),
            Entry("title", Text(title)),
        };
        schema.AddRange(Of(fields).Schema().Entries);
        schema.Add(Entry("required", Texts(["apiVersion", "kind"])));
        return JsonWriter.Write(new TreeMap(schema, Made), indent: 2, sortKeys: false);
    }

    /// <summary>The tree of a table of settings.</summary>
    public static SchemaNode Of(IEnumerable<NodeConfigField> fields)
    {
        var root = new SchemaNode();
        foreach (var field in fields)
        {
            root.Add(field.Path, field);
        }

        return root;
    }

    /// <summary>The schema of what is here and below.</summary>
    public TreeMap Schema()
    {
        var forms = new List<TreeMap>();
        if (items is not null)
        {
            forms.Add(Map(Entry("type", Text("array")), Entry("items", items.Schema())));
        }
        else if (children.Count > 0 || entries is not null)
        {
            forms.Add(Object());
        }

        foreach (var type in field?.Types ?? [])
        {
            if (type != "map" || forms.Count == 0)
            {
                if (!(type == "list" && items is not null))
                {
                    forms.Add(Of(type));
                }
            }
        }

        var schema = new List<TreeEntry>();
        if (field is not null)
        {
            var constant = field.Constant;
            schema.Add(Entry("description", Text(
                constant is not null ? field.Description
                : field.Default.StartsWith("required", StringComparison.Ordinal) ? $"{field.Description} R{field.Default[1..]}."
                : $"{field.Description} Default: {field.Default}.")));
            if (constant is not null)
            {
                schema.Add(Entry("default", constant));
            }
        }

        schema.AddRange(forms.Count == 1 ? forms[0].Entries : [Entry("anyOf", new TreeList([.. forms], Made))]);
        return new TreeMap(schema, Made);
    }

    private void Add(string path, NodeConfigField what)
    {
        var end = path.IndexOfAny(['.', '[']);
        var key = end < 0 ? path : path[..end];
        var node = key == "*" ? entries ??= new SchemaNode() : Child(key);
        var rest = end < 0 ? "" : path[end..];
        if (rest.StartsWith("[]", StringComparison.Ordinal))
        {
            node = node.items ??= new SchemaNode();
            rest = rest[2..];
        }

        if (rest.Length == 0)
        {
            node.field = what;
        }
        else
        {
            node.Add(rest[1..], what);
        }
    }

    /// <summary>What stands below a key.</summary>
    public SchemaNode Child(string key)
    {
        foreach (var child in children)
        {
            if (child.Key == key)
            {
                return child.Node;
            }
        }

        var node = new SchemaNode();
        children.Add((key, node));
        return node;
    }

    private TreeMap Object()
    {
        var properties = new List<TreeEntry>();
        foreach (var (key, node) in children)
        {
            properties.Add(Entry(key, node.Schema()));
        }

        var others = entries is null ? TreeScalar.Of(false, Made) : (TreeNode)entries.Schema();
        return Map(Entry("type", Text("object")), Entry("properties", new TreeMap(properties, Made)), Entry("additionalProperties", others));
    }

    private TreeMap Of(string type) => type switch
    {
        "bool" => Map(Entry("type", Text("boolean"))),
        "int" => Integer(),
        "quantity" => Map(Entry("type", Texts(["string", "number"]))),
        "list" => Map(Entry("type", Text("array")), Entry("items", Words())),
        "map" or "document" => Map(Entry("type", Text("object"))),
        "kubelet" => KubeletSchema.Document(),
        "nodeconfig" => NodeConfigSchema.Spec(),
        _ => Words(),
    };

    // The value of a number is its range: `301..4194304`; either end may be missing.
    private TreeMap Integer()
    {
        var schema = new List<TreeEntry> { Entry("type", Text("integer")) };
        foreach (var range in field!.Values)
        {
            var dots = range.IndexOf("..", StringComparison.Ordinal);
            if (dots > 0)
            {
                schema.Add(Entry("minimum", Number(range[..dots])));
            }

            if (dots >= 0 && dots + 2 < range.Length)
            {
                schema.Add(Entry("maximum", Number(range[(dots + 2)..])));
            }
        }

        return new TreeMap(schema, Made);
    }

    private static TreeScalar Number(string text) => TreeScalar.Of(long.Parse(text, CultureInfo.InvariantCulture), Made);

    private TreeMap Words() => field!.Values.IsEmpty ? Map(Entry("type", Text("string"))) : Map(Entry("enum", Texts(field.Values)));

    private static TreeEntry Entry(string key, TreeNode value) => new(key, Made, value);

    private static TreeScalar Text(string text) => TreeScalar.Of(text, Made);

    private static TreeList Texts(IEnumerable<string> texts) => new([.. texts.Select(Text)], Made);

    private static TreeMap Map(params ReadOnlySpan<TreeEntry> entries) => new([.. entries], Made);
}
