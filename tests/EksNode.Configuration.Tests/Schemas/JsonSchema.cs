using System.Text.Json;
using EksNode.Configuration.Documents;

namespace EksNode.Configuration.Tests.Schemas;

/// <summary>Checks a document against a JSON Schema, with the keywords that ours use; another keyword is an error of the test.</summary>
internal sealed class JsonSchema(JsonElement schema)
{
    private static readonly string[] Annotations = ["$schema", "title", "description", "default"];

    public IReadOnlyList<string> Check(TreeNode document)
    {
        var problems = new List<string>();
        Check(schema, document, "$", problems);
        return problems;
    }

    private static void Check(JsonElement rules, TreeNode node, string path, List<string> problems)
    {
        foreach (var rule in rules.EnumerateObject().Where(r => !Annotations.Contains(r.Name)))
        {
            var value = rule.Value;
            switch (rule.Name)
            {
                case "type":
                    Expect((value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(v => v.GetString()!) : [value.GetString()!]).Any(t => Is(t, node)), $"is no {value}");
                    break;
                case "enum":
                    Expect(node is TreeScalar word && value.EnumerateArray().Any(v => v.GetString() == word.Text), $"is none of {value}");
                    break;
                case "const":
                    Expect(node is TreeScalar only && value.GetString() == only.Text, $"is not {value}");
                    break;
                case "minimum" or "maximum":
                    Expect(
                        node is TreeScalar number && decimal.TryParse(number.Text, System.Globalization.CultureInfo.InvariantCulture, out var amount)
                        && (rule.Name == "minimum" ? amount >= value.GetDecimal() : amount <= value.GetDecimal()),
                        $"is beyond the {rule.Name} {value}");
                    break;
                case "required":
                    Expect(node is not TreeMap needed || value.EnumerateArray().All(v => needed.Find(v.GetString()!) is not null), $"lacks one of {value}");
                    break;
                case "anyOf":
                    Expect(value.EnumerateArray().Any(form => new JsonSchema(form).Check(node).Count == 0), "fits no form");
                    break;
                case "items":
                    for (var i = 0; i < ((node as TreeList)?.Items.Length ?? 0); i++)
                    {
                        Check(value, ((TreeList)node).Items[i], $"{path}[{i}]", problems);
                    }

                    break;
                case "properties":
                    foreach (var entry in (node as TreeMap)?.Entries ?? [])
                    {
                        if (value.TryGetProperty(entry.Key, out var property))
                        {
                            Check(property, entry.Value, $"{path}.{entry.Key}", problems);
                        }
                    }

                    break;
                case "additionalProperties":
                    foreach (var entry in (node as TreeMap)?.Entries ?? [])
                    {
                        if (rules.TryGetProperty("properties", out var known) && known.TryGetProperty(entry.Key, out _))
                        {
                            continue;
                        }

                        if (value.ValueKind == JsonValueKind.False)
                        {
                            problems.Add($"{path} has no {entry.Key}");
                        }
                        else
                        {
                            Check(value, entry.Value, $"{path}.{entry.Key}", problems);
                        }
                    }

                    break;
                default:
                    throw new InvalidOperationException($"The keyword {rule.Name} is not known to this test.");
            }
        }

        void Expect(bool good, string what)
        {
            if (!good)
            {
                problems.Add($"{path} {what}");
            }
        }
    }

    private static bool Is(string type, TreeNode node) => (type, node) switch
    {
        ("object", TreeMap) or ("array", TreeList) => true,
        ("string", TreeScalar { Kind: ScalarKind.String }) => true,
        ("boolean", TreeScalar { Kind: ScalarKind.Bool }) => true,
        ("integer", TreeScalar { Kind: ScalarKind.Integer }) => true,
        ("number", TreeScalar { Kind: ScalarKind.Integer or ScalarKind.Float }) => true,
        ("null", TreeScalar { Kind: ScalarKind.Null }) => true,
        _ => false,
    };
}
