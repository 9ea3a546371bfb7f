using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Schemas;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Tests.NodeConfigs;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Tests.Schemas;

/// <summary>The table of settings, the readers, the schemas and the reference say the same.</summary>
public sealed class NodeConfigSchemaTests
{
    private static readonly string[] KnownTypes =
        ["string", "bool", "int", "quantity", "duration", "cidr", "url", "path", "list", "map", "document", "template", "base64", "kubelet"];

    private static readonly bool Update = Environment.GetEnvironmentVariable("EKSNODE_UPDATE") == "1";

    [Fact]
    public void Every_row_of_the_table_is_complete_and_stands_once()
    {
        var fields = NodeConfigField.All();
        Assert.Empty(fields.GroupBy(f => f.Path).Where(g => g.Count() > 1).Select(g => g.Key));
        Assert.All(fields, field =>
        {
            Assert.All(field.Types, type => Assert.Contains(type, KnownTypes));
            Assert.Matches(@"^[A-Z].*\.$", field.Description);
            Assert.Matches(@"[^.]$", field.Default);
            Assert.True(field.Constant is not null || !Regex.IsMatch(field.Default, @"^(true|false|\d+|[A-Z]\w+|/\S+)$"), $"{field.Path}: {field.Default} is no value of its type.");
        });
        Assert.All(
            File.ReadLines(Path.Combine(TestFiles.Root, "data", "nodeconfig-fields.tsv")).Skip(1),
            row => Assert.True(row.Split('\t') is [_, _, _, _, "both" or "own", _], row));
    }

    [Fact]
    public void A_document_with_every_setting_has_no_unknown_key_and_the_readers_ask_for_nothing_else()
    {
        var asked = new HashSet<string>();
        Section.Asked = path => asked.Add(Regex.Replace(Regex.Replace(path, @"\[\d+\]", "[]"), @"\.example(?=[.\[]|$)", ".*"));
        var bag = new DiagnosticBag();
        try
        {
            // A setting of several forms is asked for its own settings only where it is a map.
            NodeConfigReader.Read(Everything(ApiGroups.EksNodeV1Alpha1), bag);
        }
        finally
        {
            Section.Asked = null;
        }

        var paths = NodeConfigField.All().Select(f => f.Path).ToHashSet();
        Assert.DoesNotContain(bag.Items, d => d.Code == DiagnosticCatalogue.UnknownKey.Code || d.Code == DiagnosticCatalogue.WrongType.Code || d.Code == DiagnosticCatalogue.SettingOfOwnGroup.Code);
        Assert.Empty(asked.Where(a => !paths.Contains(a) && !paths.Any(p => p.StartsWith(a + ".", StringComparison.Ordinal) || p.StartsWith(a + "[]", StringComparison.Ordinal))).Order());

        // Below maps with free keys nobody asks by name.
        Assert.Empty(paths.Where(p => !p.Contains('*', StringComparison.Ordinal) && !p.StartsWith("spec.featureGates.", StringComparison.Ordinal)).Except(asked).Order());
    }

    [Fact]
    public void In_the_other_group_exactly_the_settings_of_our_own_are_reported()
    {
        var bag = new DiagnosticBag();
        NodeConfigReader.Read(Everything(ApiGroups.NodeEksV1Alpha1), bag);
        var reported = bag.Items.Where(d => d.Code == DiagnosticCatalogue.SettingOfOwnGroup.Code).Select(d => Regex.Replace(d.Path!, @"\[\d+\]", "[]")).ToHashSet();
        Assert.All(
            NodeConfigField.All(),
            field => Assert.True(
                field.IsOwn == reported.Any(r => field.Path == r || field.Path.StartsWith(r + ".", StringComparison.Ordinal) || field.Path.StartsWith(r + "[]", StringComparison.Ordinal)),
                field.Path));
    }

    [Theory]
    [InlineData(true, "nodeconfig.schema.json")]
    [InlineData(false, "nodeconfig.eks.schema.json")]
    public void The_shipped_schema_is_the_generated_one(bool ownGroup, string name) =>
        Same(Path.Combine(TestFiles.Root, "docs", "schemas", name), NodeConfigSchema.Write(ownGroup) + "\n");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_constant_default_is_in_the_schema_and_conforms(bool ownGroup)
    {
        var root = JsonDocument.Parse(NodeConfigSchema.Write(ownGroup)).RootElement;
        foreach (var field in NodeConfigField.All().Where(f => ownGroup || !f.IsOwn))
        {
            var schema = Below(root, field.Path.Replace("[]", ".[]", StringComparison.Ordinal).Split('.'));
            Assert.Equal(field.Constant is not null, schema.TryGetProperty("default", out var value));
            if (field.Constant is { } constant)
            {
                Assert.Equal(JsonWriter.Write(constant, indent: 0, sortKeys: false), value.GetRawText().ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal));
                Assert.Empty(new JsonSchema(schema).Check(constant));
            }
        }

        static JsonElement Below(JsonElement schema, string[] path)
        {
            foreach (var key in path)
            {
                foreach (var form in schema.TryGetProperty("anyOf", out var forms) ? forms.EnumerateArray().ToArray() : [])
                {
                    schema = form.TryGetProperty("properties", out _) || form.TryGetProperty("items", out _) ? form : schema;
                }

                schema = key == "*" ? schema.GetProperty("additionalProperties") : key == "[]" ? schema.GetProperty("items") : schema.GetProperty("properties").GetProperty(key);
            }

            return schema;
        }
    }

    [Fact]
    public void The_reference_is_the_generated_one() => Same(Path.Combine(TestFiles.Root, "docs", "nodeconfig.md"), Reference());

    [Fact]
    public void Every_good_document_of_the_repository_conforms()
    {
        var files = Directory.GetFiles(Path.Combine(TestFiles.Root, "tests", "cases"), "config*", SearchOption.AllDirectories)
            .Concat(Directory.GetFiles(TestFiles.Folder("NodeConfigs", "good")))
            .Concat(Directory.GetFiles(Path.Combine(TestFiles.Root, "examples")).Where(f => !f.Contains("typos", StringComparison.Ordinal)));
        var count = 0;
        foreach (var file in files)
        {
            foreach (var document in SourceReader.Read(new SourceContent(file, File.ReadAllBytes(file), true), new DiagnosticBag()).Documents.Where(d => d.Kind == "NodeConfig"))
            {
                count++;

                // That a setting of ours has no effect in the other group is what one case shows.
                var problems = Of(document.ApiVersion == ApiGroups.EksNodeV1Alpha1).Check(document.Document);
                Assert.True(problems.Count == 0 || file.Contains("other-group", StringComparison.Ordinal), $"{file}: {string.Join(", ", problems)}");
            }
        }

        Assert.True(count > 20, $"Only {count} documents were checked.");
    }

    [Theory]
    [InlineData("spec: {kublet: {}}", "$.spec has no kublet")]
    [InlineData("spec: {kubelet: {config: {maxPod: 1}}}", "$.spec.kubelet.config has no maxPod")]
    [InlineData("spec: {kubelet: {config: {maxPods: many}}}", "maxPods is no")]
    [InlineData("spec: {instance: {localStorage: {strategy: RAID5}}}", "is none of")]
    [InlineData("spec: {maxPods: {cap: all}}", "fits no form")]
    public void A_mistake_does_not_conform(string text, string problem)
    {
        var document = Assert.IsType<TreeMap>(Assert.Single(YamlReader.Read($"apiVersion: eksnode.io/v1alpha1\nkind: NodeConfig\n{text}\n", "test", 0, new DiagnosticBag())));
        Assert.Contains(Of(true).Check(document), p => p.Contains(problem, StringComparison.Ordinal));
    }

    private static JsonSchema Of(bool ownGroup) => new(JsonDocument.Parse(NodeConfigSchema.Write(ownGroup)).RootElement);

    private static void Same(string path, string expected)
    {
        if (Update)
        {
            File.WriteAllText(path, expected);
        }

        Assert.True(File.Exists(path) && File.ReadAllText(path) == expected, $"{path} is not up to date: run EKSNODE_UPDATE=1 script/test");
    }

    // One value of its type for every row.
    private static TreeMap Everything(string apiVersion)
    {
        var root = new SortedDictionary<string, object>(StringComparer.Ordinal);
        foreach (var field in NodeConfigField.All())
        {
            Put(root, field.Path.Split('.'), field);
        }

        root["apiVersion"] = apiVersion;
        var json = JsonSerializer.Serialize(root);
        return Assert.IsType<TreeMap>(JsonReader.Read(json, "everything", 0, new DiagnosticBag()));
    }

    private static void Put(SortedDictionary<string, object> map, ReadOnlySpan<string> path, NodeConfigField field)
    {
        var isList = path[0].EndsWith("[]", StringComparison.Ordinal);
        var key = path[0] == "*" ? "example" : isList ? path[0][..^2] : path[0];
        if (path.Length == 1)
        {
            if (!map.ContainsKey(key))
            {
                map[key] = Value(field);
            }

            return;
        }

        SortedDictionary<string, object> below;
        if (isList)
        {
            below = map.TryGetValue(key, out var items) && items is object[] and [SortedDictionary<string, object> item] ? item : new(StringComparer.Ordinal);
            map[key] = new object[] { below };
        }
        else
        {
            below = map.TryGetValue(key, out var child) && child is SortedDictionary<string, object> known ? known : new(StringComparer.Ordinal);
            map[key] = below;
        }

        Put(below, path[1..], field);
    }

    private static object Value(NodeConfigField field)
    {
        if (field.Types.Contains("map") || field.Types.Contains("document") || field.Types.Contains("kubelet"))
        {
            return new SortedDictionary<string, object>(StringComparer.Ordinal);
        }

        return field.Types[0] switch
        {
            "bool" => true,
            "int" => 5,
            "list" => new object[] { field.Values.IsEmpty ? "x" : field.Values[0] },
            _ => field.Values.IsEmpty ? "x" : field.Values[0],
        };
    }

    private static string Reference()
    {
        var text = new StringBuilder("""
            # NodeConfig reference

            Every setting of a `NodeConfig`. Documents of both API groups merge, in order, into one configuration; those marked *own* need
            `apiVersion: eksnode.io/v1alpha1`, the others work with `node.eks.aws/v1alpha1` too. This page is generated from `data/nodeconfig-fields.tsv`, and so are
            the JSON Schemas for editors: [nodeconfig.schema.json](schemas/nodeconfig.schema.json) and
            [nodeconfig.eks.schema.json](schemas/nodeconfig.eks.schema.json); `eksnode config schema` prints them. `[]` is an item of a list, `*` any key.

            | setting | type | default | group | what |
            | --- | --- | --- | --- | --- |

            """);
        foreach (var field in NodeConfigField.All().OrderBy(f => f.Path, StringComparer.Ordinal))
        {
            var type = string.Join(" or ", field.Types.Select(t => t == "kubelet" ? "KubeletConfiguration" : t));
            var words = field.Values.IsEmpty ? "" : ": " + string.Join(", ", field.Values.Select(v => $"`{v}`"));
            text.Append("| `").Append(field.Path).Append("` | ").Append(type).Append(words).Append(" | ").Append(field.Default).Append(" | ")
                .Append(field.IsOwn ? "own" : "").Append(" | ").Append(field.Description.Replace("|", "\\|", StringComparison.Ordinal)).Append(" |\n");
        }

        return text.ToString();
    }
}
