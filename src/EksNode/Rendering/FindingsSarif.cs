using System.Text.Json;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;

namespace EksNode.Rendering;

/// <summary>Findings in the Static Analysis Results Interchange Format, for code scanning.</summary>
/// <remarks>Source: OASIS, SARIF version 2.1.0, errata 01: §3.14 run, §3.27 result, §3.30 region.</remarks>
internal static class FindingsSarif
{
    private const string Schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

    /// <summary>The log: one run, a rule for each code that occurs.</summary>
    /// <param name="findings">The findings.</param>
    /// <param name="redactor">Takes secrets out.</param>
    /// <param name="texts">The sources by name.</param>
    public static string Write(IReadOnlyList<Diagnostic> findings, Redactor redactor, IReadOnlyDictionary<string, SourceText> texts) =>
        FindingsJson.Object(json =>
        {
            var rules = Rules(findings);
            json.WriteString("$schema", Schema);
            json.WriteString("version", "2.1.0");
            json.WriteStartArray("runs");
            json.WriteStartObject();
            Tool(json, rules);
            json.WriteString("columnKind", "utf16CodeUnits");
            json.WriteStartArray("results");
            foreach (var finding in findings)
            {
                Result(json, finding, rules.FindIndex(r => r.Code == finding.Code), redactor, texts);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
        });

    private static List<DiagnosticDescriptor> Rules(IReadOnlyList<Diagnostic> findings)
    {
        var rules = new List<DiagnosticDescriptor>();
        foreach (var descriptor in DiagnosticCatalogue.All)
        {
            if (findings.Any(f => f.Code == descriptor.Code))
            {
                rules.Add(descriptor);
            }
        }

        return rules;
    }

    private static void Tool(Utf8JsonWriter json, List<DiagnosticDescriptor> rules)
    {
        json.WriteStartObject("tool");
        json.WriteStartObject("driver");
        json.WriteString("name", "eksnode");
        json.WriteString("version", ProductVersion.Text);
        json.WriteStartArray("rules");
        foreach (var rule in rules)
        {
            json.WriteStartObject();
            json.WriteString("id", rule.Code);
            json.WriteStartObject("shortDescription");
            json.WriteString("text", rule.Title);
            json.WriteEndObject();
            json.WriteStartObject("defaultConfiguration");
            json.WriteString("level", Level(rule.Severity));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Result(
        Utf8JsonWriter json, Diagnostic finding, int rule, Redactor redactor, IReadOnlyDictionary<string, SourceText> texts)
    {
        json.WriteStartObject();
        json.WriteString("ruleId", finding.Code);
        json.WriteNumber("ruleIndex", rule);
        json.WriteString("level", Level(finding.Severity));
        json.WriteStartObject("message");
        json.WriteString("text", redactor.Redact($"{finding.Message} {finding.Help}".TrimEnd()));
        json.WriteEndObject();
        json.WriteStartArray("locations");
        if (finding.Origin is { Kind: OriginKind.Configuration } || finding.Path is not null)
        {
            json.WriteStartObject();
            if (finding.Origin is { Kind: OriginKind.Configuration } origin)
            {
                Place(json, origin, redactor, texts);
            }

            if (finding.Path is { } path)
            {
                json.WriteStartArray("logicalLocations");
                json.WriteStartObject();
                json.WriteString("fullyQualifiedName", redactor.Redact(path));
                json.WriteEndObject();
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    // The region is of the file: of a part that is encoded there is none, and the line stands in its text.
    private static void Place(Utf8JsonWriter json, Origin origin, Redactor redactor, IReadOnlyDictionary<string, SourceText> texts)
    {
        json.WriteStartObject("physicalLocation");
        json.WriteStartObject("artifactLocation");
        json.WriteString("uri", Uri(redactor.Redact(origin.Source)));
        json.WriteEndObject();
        var line = texts.TryGetValue(origin.Source, out var text) ? text.LineOfFile(origin.Part, origin.Line) : origin.Line;
        if (line > 0)
        {
            json.WriteStartObject("region");
            json.WriteNumber("startLine", line);
            if (origin.Column > 0)
            {
                json.WriteNumber("startColumn", origin.Column);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static string Uri(string path)
    {
        var parts = path.Split('/');
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = System.Uri.EscapeDataString(parts[i]);
        }

        var joined = string.Join('/', parts);
        return joined.StartsWith('/') ? "file://" + joined : joined;
    }

    private static string Level(Severity severity) => severity switch
    {
        Severity.Error => "error",
        Severity.Warning => "warning",
        _ => "note",
    };
}
