using System.Text.Json;
using System.Text.RegularExpressions;
using EksNode.Configuration.Text;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Tests.Facts;

/// <summary>The schema, the documentation and the examples say what the code does.</summary>
public sealed class FactsSchemaTests
{
    private static readonly string Repository = FindRepository();
    private static readonly JsonElement Schema = Json("docs/schemas/facts.schema.json");

    public static IEnumerable<TheoryDataRow<string>> Examples() =>
        Directory.EnumerateFiles(Path.Combine(Repository, "examples/facts"), "*.json").Order(StringComparer.Ordinal)
            .Select(f => new TheoryDataRow<string>(Path.GetFileNameWithoutExtension(f)));

    [Fact]
    public void The_schema_has_exactly_the_properties_of_the_records()
    {
        AssertProperties(Schema, typeof(NodeFacts), "schemaVersion", "$schema");
        var parts = Schema.GetProperty("properties");
        AssertProperties(parts.GetProperty("instance"), typeof(InstanceFacts));
        AssertProperties(parts.GetProperty("instanceType"), typeof(InstanceTypeFacts));
        AssertProperties(parts.GetProperty("cluster"), typeof(ClusterFacts));
        AssertProperties(parts.GetProperty("host"), typeof(HostFacts));
        AssertProperties(parts.GetProperty("image"), typeof(ImageFacts));
        var host = parts.GetProperty("host").GetProperty("properties");
        AssertProperties(host.GetProperty("pciDevices").GetProperty("items"), typeof(PciDevice));
        AssertProperties(host.GetProperty("blockDevices").GetProperty("items"), typeof(BlockDevice));
    }

    [Fact]
    public void The_documentation_names_every_fact()
    {
        var text = File.ReadAllText(Path.Combine(Repository, "docs/facts.md"));
        foreach (var (part, record) in new[]
        {
            ("instance", typeof(InstanceFacts)), ("instanceType", typeof(InstanceTypeFacts)), ("cluster", typeof(ClusterFacts)),
            ("host", typeof(HostFacts)), ("image", typeof(ImageFacts)),
        })
        {
            foreach (var property in FullFacts.Properties(record))
            {
                Assert.Contains($"| `{part}.{FullFacts.CamelCase(property.Name)}` |", text, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_follows_the_schema_and_is_read_without_a_remark(string name)
    {
        var path = $"examples/facts/{name}.json";
        Assert.Empty(Violations(Json(path), Schema, "$"));
        var diagnostics = new DiagnosticBag();
        var facts = FactsFile.Read(File.ReadAllBytes(Path.Combine(Repository, path)), path, diagnostics);
        Assert.Empty(diagnostics.Items);
        var entry = InstanceCatalog.Find(facts!.Instance.Type!);
        Assert.Equal((entry!.Vcpus, entry.GoArchitecture), (facts.Host.CpuCount, facts.Host.Architecture));
        Assert.Equal(File.ReadAllText(Path.Combine(Repository, path)), FactsFile.Write(facts));
    }

    [Fact]
    public void What_eksnode_writes_follows_the_schema()
    {
        using var document = JsonDocument.Parse(FactsFile.Write(FullFacts.Value));
        Assert.Empty(Violations(document.RootElement, Schema, "$"));
    }

    [Theory]
    [InlineData("{}", "$: lacks schemaVersion")]
    [InlineData("{\"schemaVersion\":2}", "$.schemaVersion: is not 1")]
    [InlineData("{\"schemaVersion\":1,\"x\":1}", "$.x: is not allowed")]
    [InlineData("{\"schemaVersion\":1,\"host\":{\"cpuCount\":\"2\"}}", "$.host.cpuCount: is no integer")]
    [InlineData("{\"schemaVersion\":1,\"host\":{\"cpuCount\":0}}", "$.host.cpuCount: is less than 1")]
    [InlineData("{\"schemaVersion\":1,\"host\":{\"architecture\":\"x86\"}}", "$.host.architecture: is none of the allowed values")]
    [InlineData("{\"schemaVersion\":1,\"host\":{\"pciDevices\":[{\"address\":\"a\",\"vendor\":\"X\",\"device\":\"0000\",\"class\":\"000000\"}]}}", "$.host.pciDevices[0].vendor: does not match ^[0-9a-f]{4}$")]
    [InlineData("{\"schemaVersion\":1,\"sources\":{\"a\":1}}", "$.sources.a: is no string")]
    public void The_validator_of_this_test_finds_mistakes(string json, string expected)
    {
        using var document = JsonDocument.Parse(json);
        Assert.Equal([expected], Violations(document.RootElement, Schema, "$"));
    }

    private static void AssertProperties(JsonElement schema, Type record, params string[] others)
    {
        Assert.Equal("object", schema.GetProperty("type").GetString());
        Assert.False(schema.GetProperty("additionalProperties").GetBoolean());
        Assert.Equal(
            FullFacts.Properties(record).Select(p => FullFacts.CamelCase(p.Name)).Concat(others).Order(StringComparer.Ordinal),
            schema.GetProperty("properties").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
    }

    // The keywords that the schema uses, and no others.
    private static IEnumerable<string> Violations(JsonElement value, JsonElement schema, string path)
    {
        foreach (var keyword in schema.EnumerateObject())
        {
            var rule = keyword.Value;
            switch (keyword.Name)
            {
                case "$schema" or "$id" or "title" or "description" or "examples":
                    break;
                case "type" when !IsOfType(value, rule.GetString()!):
                    yield return $"{path}: is no {rule.GetString()}";
                    yield break;
                case "type":
                    break;
                case "const" when value.GetRawText() != rule.GetRawText():
                    yield return $"{path}: is not {rule.GetRawText()}";
                    break;
                case "const":
                    break;
                case "enum" when rule.EnumerateArray().All(e => e.GetRawText() != value.GetRawText()):
                    yield return $"{path}: is none of the allowed values";
                    break;
                case "enum":
                    break;
                case "pattern" when !Regex.IsMatch(value.GetString()!, rule.GetString()!):
                    yield return $"{path}: does not match {rule.GetString()}";
                    break;
                case "pattern":
                    break;
                case "minLength" when value.GetString()!.Length < rule.GetInt32():
                    yield return $"{path}: is too short";
                    break;
                case "minLength":
                    break;
                case "minimum" when value.GetInt64() < rule.GetInt64():
                    yield return $"{path}: is less than {rule.GetInt64()}";
                    break;
                case "maximum" when value.GetInt64() > rule.GetInt64():
                    yield return $"{path}: is more than {rule.GetInt64()}";
                    break;
                case "minimum" or "maximum":
                    break;
                case "required":
                    foreach (var name in rule.EnumerateArray().Where(n => !value.TryGetProperty(n.GetString()!, out _)))
                    {
                        yield return $"{path}: lacks {name.GetString()}";
                    }

                    break;
                case "items":
                    foreach (var violation in value.EnumerateArray().SelectMany((item, i) => Violations(item, rule, $"{path}[{i}]")))
                    {
                        yield return violation;
                    }

                    break;
                case "additionalProperties" or "properties":
                    break;
                default:
                    yield return $"{path}: the validator does not know {keyword.Name}";
                    break;
            }
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        var known = schema.TryGetProperty("properties", out var properties) ? properties : default;
        var additional = schema.GetProperty("additionalProperties");
        foreach (var property in value.EnumerateObject())
        {
            var inner = $"{path}.{property.Name}";
            if (known.ValueKind == JsonValueKind.Object && known.TryGetProperty(property.Name, out var rule))
            {
                foreach (var violation in Violations(property.Value, rule, inner))
                {
                    yield return violation;
                }
            }
            else if (additional.ValueKind == JsonValueKind.False)
            {
                yield return $"{inner}: is not allowed";
            }
            else
            {
                foreach (var violation in Violations(property.Value, additional, inner))
                {
                    yield return violation;
                }
            }
        }
    }

    private static bool IsOfType(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        _ => false,
    };

    private static JsonElement Json(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository, path)));
        return document.RootElement.Clone();
    }

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "eksnode.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests run inside the repository.");
    }
}
