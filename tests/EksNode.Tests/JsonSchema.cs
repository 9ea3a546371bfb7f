using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace EksNode.Tests;

/// <summary>A schema of <c>docs/schemas/</c>, with the keywords that those schemas use and no others.</summary>
internal sealed class JsonSchema(JsonNode root)
{
    private static readonly string[] Remarks = ["$schema", "$id", "$defs", "title", "description", "examples", "properties", "additionalProperties"];

    /// <summary>One of the repository's.</summary>
    /// <param name="name">The name of its file.</param>
    public static JsonSchema Of(string name) => new(JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "docs", "schemas", name)))!);

    /// <summary>What is wrong in a document, each with its place.</summary>
    public IReadOnlyList<string> Violations(string json) => [.. Violations(JsonNode.Parse(json), root, "$")];

    private IEnumerable<string> Violations(JsonNode? node, JsonNode schema, string path)
    {
        if (schema["$ref"] is { } reference)
        {
            return Violations(node, root["$defs"]![((string)reference!)["#/$defs/".Length..]]!, path);
        }

        var found = new List<string>();
        foreach (var (keyword, rule) in schema.AsObject())
        {
            switch (keyword)
            {
                case "type" when !IsOfType(node, (string)rule!):
                    return [$"{path}: is no {rule}"];
                case "enum" when !rule!.AsArray().Any(a => JsonNode.DeepEquals(a, node)):
                    found.Add($"{path}: is none of the allowed values");
                    break;
                case "minimum" when (long)node! < (long)rule!:
                    found.Add($"{path}: is too small");
                    break;
                case "pattern" when !Regex.IsMatch((string)node!, (string)rule!):
                    found.Add($"{path}: does not match {rule}");
                    break;
                case "items":
                    found.AddRange(node!.AsArray().SelectMany((item, i) => Violations(item, rule!, $"{path}[{i}]")));
                    break;
                case "required":
                    found.AddRange(rule!.AsArray().Where(r => !node!.AsObject().ContainsKey((string)r!)).Select(r => $"{path}: lacks {r}"));
                    break;
                case "type" or "enum" or "minimum" or "pattern":
                    break;
                default:
                    Assert.Contains(keyword, Remarks);
                    break;
            }
        }

        foreach (var (key, value) in node as JsonObject ?? [])
        {
            if (schema["properties"]?[key] is { } property)
            {
                found.AddRange(Violations(value, property, $"{path}.{key}"));
            }
            else
            {
                // A schema may leave open what comes later; what is written today stands in it.
                found.Add($"{path}.{key}: is not allowed");
            }
        }

        return found;
    }

    private static bool IsOfType(JsonNode? node, string type) => type switch
    {
        "object" => node is JsonObject,
        "array" => node is JsonArray,
        "string" => node?.GetValueKind() == JsonValueKind.String,
        "boolean" => node?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "integer" => node?.GetValueKind() == JsonValueKind.Number && long.TryParse(node.ToJsonString(), out _),
        _ => false,
    };
}
