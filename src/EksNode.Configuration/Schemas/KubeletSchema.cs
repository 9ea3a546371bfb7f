using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Schemas;

/// <summary>The part of the schema below <c>spec.kubelet.config</c>, with the fields of every kubelet that the table has.</summary>
internal static class KubeletSchema
{
    private static readonly Origin Made = Origin.Default("made of the table of the kubelet's fields");

    /// <summary>A KubeletConfiguration, of which every field may be missing.</summary>
    public static TreeMap Document() => Object("", [Entry("apiVersion", Const(KubeletConfigRules.ApiVersion)), Entry("kind", Const(KubeletConfigRules.Kind))]);

    private static TreeMap Object(string parent, List<TreeEntry> properties)
    {
        foreach (var name in KubeletFields.Names(parent))
        {
            if (KubeletFields.Find(parent.Length == 0 ? name : $"{parent}.{name}") is { } field)
            {
                properties.Add(Entry(name, Of(field.Type, field.Path)));
            }
        }

        return Map(
            Entry("type", Text("object")), Entry("properties", new TreeMap(properties, Made)), Entry("additionalProperties", TreeScalar.Of(false, Made)));
    }

    // A null takes a generated value away.
    private static TreeMap Of(string type, string path) => type switch
    {
        "bool" => Plain("boolean"),
        "int" => Plain("integer"),
        "number" => Plain("number"),
        "quantity" or "duration-or-int" => Map(Entry("type", new TreeList([Text("string"), Text("number"), Text("null")], Made))),
        "list<string>" => List(Plain("string")),
        "list<int>" => List(Plain("integer")),
        "list<object>" => List(KubeletFields.Names(path + "[]").Count > 0 ? Object(path + "[]", []) : Plain("object")),
        "map<bool>" => Any(Plain("boolean")),
        "map<list<string>>" => Any(List(Plain("string"))),
        "map<quantity>" => Any(Of("quantity", path)),
        "map<string>" => Any(Plain("string")),
        "object" => KubeletFields.Names(path).Count > 0 ? Object(path, []) : Plain("object"),
        _ when type.StartsWith("enum:", StringComparison.Ordinal) => Map(Entry("enum", Words(type["enum:".Length..]))),
        _ => Plain("string"),
    };

    private static TreeList Words(string words)
    {
        var items = new List<TreeNode>();
        foreach (var word in words.Split('|'))
        {
            items.Add(Text(word));
        }

        return new TreeList([.. items], Made);
    }

    private static TreeMap Plain(string type) => Map(Entry("type", new TreeList([Text(type), Text("null")], Made)));

    private static TreeMap List(TreeMap items) => Map(Entry("type", Text("array")), Entry("items", items));

    private static TreeMap Any(TreeMap value) => Map(Entry("type", Text("object")), Entry("additionalProperties", value));

    private static TreeMap Const(string word) => Map(Entry("const", Text(word)));

    private static TreeMap Map(params ReadOnlySpan<TreeEntry> entries) => new([.. entries], Made);

    private static TreeEntry Entry(string key, TreeNode value) => new(key, Made, value);

    private static TreeScalar Text(string text) => TreeScalar.Of(text, Made);
}
