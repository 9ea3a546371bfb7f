using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using EksNode.Configuration.Documents;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Schemas;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Tests.NodeConfigs;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Tests.Schemas;

/// <summary>The table of settings of an ImageConfig, its reader, its schema and its reference hold each other.</summary>
public sealed class ImageConfigSchemaTests
{
    private static readonly bool Update = Environment.GetEnvironmentVariable("EKSNODE_UPDATE") == "1";

    // One value for each place where the table has any key.
    private const string Everything =
        """
        apiVersion: eksnode.io/v1alpha1
        kind: ImageConfig
        metadata: {name: all}
        spec:
          nvidia: {archives: {grid: {source: "https://example.com/grid.tar.gz", sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}}}
          components: {kubelet: {enabled: true}}
          packages: {jq: "*"}
          files: {/etc/issue: {content: x}}
          units: {auditd.service: enabled}
          volumes: {/dev/xvdb: {size: 10}}
          kernel: {sysctls: {vm.swappiness: 1}}
        """;

    [Fact]
    public void Every_row_of_the_table_is_complete_and_stands_once()
    {
        var fields = NodeConfigField.OfImageConfig();
        Assert.Empty(fields.GroupBy(f => f.Path).Where(g => g.Count() > 1).Select(g => g.Key));
        Assert.All(fields, field =>
        {
            Assert.NotEmpty(field.Types);
            Assert.Matches(@"^[A-Z].*\.$", field.Description);
            Assert.Matches(@"[^.]$", field.Default);
        });
    }

    [Fact]
    public void The_reader_asks_for_every_setting_of_the_table_and_for_nothing_else()
    {
        var asked = new HashSet<string>();
        Section.Asked = path => asked.Add(Normal(path));
        try
        {
            ImageConfigReader.Read(Document(Everything), new DiagnosticBag());
        }
        finally
        {
            Section.Asked = null;
        }

        var paths = NodeConfigField.OfImageConfig().Select(f => f.Path).ToHashSet();
        Assert.Empty(asked.Where(a => !paths.Contains(a) && !paths.Any(p => p.StartsWith(a + ".", StringComparison.Ordinal))).Order());
        Assert.Empty(paths.Except(asked).Where(p => !p.EndsWith('*')).Order());
    }

    [Fact]
    public void The_components_of_the_table_are_those_that_are_read() =>
        Assert.All(
            ImageConfigReader.ComponentNames,
            name => Assert.Contains(name, NodeConfigField.OfImageConfig().Single(f => f.Path == "spec.components.*").Description, StringComparison.Ordinal));

    [Fact]
    public void The_shipped_schema_is_the_generated_one() =>
        Same(Path.Combine(TestFiles.Root, "docs", "schemas", "imageconfig.schema.json"), ImageConfigSchema.Write() + "\n");

    [Fact]
    public void The_reference_is_the_generated_one() => Same(Path.Combine(TestFiles.Root, "docs", "imageconfig.md"), Reference());

    [Fact]
    public void Every_ready_made_document_conforms()
    {
        var schema = new JsonSchema(JsonDocument.Parse(ImageConfigSchema.Write()).RootElement);
        string[] files = [.. Directory.GetFiles(Path.Combine(TestFiles.Root, "image"), "*.yaml").Where(f => !f.EndsWith(".component.yaml", StringComparison.Ordinal))];
        Assert.True(files.Length >= 6);
        Assert.All(files, file => Assert.Empty(schema.Check(Document(File.ReadAllText(file)))));
        Assert.Empty(schema.Check(Document(Everything)));
    }

    [Theory]
    [InlineData("spec: {kubernets: \"1.33\"}")]
    [InlineData("spec: {architecture: amd64}")]
    [InlineData("spec: {components: {kubelet: {versions: \"1\"}}}")]
    [InlineData("spec: {units: {a.service: on}}")]
    [InlineData("spec: {node: {kubelet: {config: {maxPod: 1}}}}")]
    public void What_is_wrong_does_not_conform(string spec) =>
        Assert.NotEmpty(new JsonSchema(JsonDocument.Parse(ImageConfigSchema.Write()).RootElement).Check(Document("apiVersion: eksnode.io/v1alpha1\nkind: ImageConfig\n" + spec)));

    private static string Normal(string path) => path.StartsWith("spec.node.", StringComparison.Ordinal) ? "spec.node"
        : Regex.Replace(
            Regex.Replace(path, @"^spec\.(files|units|volumes|kernel\.sysctls)(\.[^.\[]+|\[""[^""]+""\])", "spec.$1.*"),
            @"^spec\.(components|nvidia\.archives)\.[A-Za-z]+",
            "spec.$1.*");

    private static TreeMap Document(string text) => Assert.IsType<TreeMap>(
        SourceReader.Read(new SourceContent("image.yaml", Encoding.UTF8.GetBytes(text), IsUserData: false), new DiagnosticBag()).Documents[0].Document);

    private static void Same(string path, string expected)
    {
        if (Update)
        {
            File.WriteAllText(path, expected);
        }

        Assert.True(File.Exists(path) && File.ReadAllText(path) == expected, $"{path} is not up to date: run EKSNODE_UPDATE=1 script/test");
    }

    private static string Reference()
    {
        var text = new StringBuilder("""
            # ImageConfig reference

            Every setting of an `ImageConfig` ([images](image.md)). This page is generated from `data/imageconfig-fields.tsv`, and so is the JSON Schema for
            editors: [imageconfig.schema.json](schemas/imageconfig.schema.json); `eksnode config schema imageconfig` prints it. `*` is any key.

            | setting | type | default | what |
            | --- | --- | --- | --- |

            """);
        foreach (var field in NodeConfigField.OfImageConfig().OrderBy(f => f.Path, StringComparer.Ordinal))
        {
            var type = string.Join(" or ", field.Types.Select(t => t == "nodeconfig" ? "the `spec` of a [NodeConfig](nodeconfig.md)" : t));
            var words = field.Values.IsEmpty ? "" : ": " + string.Join(", ", field.Values.Select(v => $"`{v}`"));
            text.Append("| `").Append(field.Path).Append("` | ").Append(type).Append(words).Append(" | ").Append(field.Default).Append(" | ").Append(field.Description).Append(" |\n");
        }

        return text.ToString();
    }
}
