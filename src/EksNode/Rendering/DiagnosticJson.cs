using System.Text.Json;
using EksNode.Configuration.Text;

namespace EksNode.Rendering;

/// <summary>Diagnostics for tools; the shape is versioned and changes only by adding.</summary>
public static class DiagnosticJson
{
    /// <summary>Writes <c>"diagnostics": […]</c> into an open object.</summary>
    public static void Write(Utf8JsonWriter json, IEnumerable<Diagnostic> diagnostics, Redactor redactor)
    {
        json.WriteStartArray("diagnostics");
        foreach (var diagnostic in diagnostics)
        {
            Write(json, diagnostic, redactor);
        }

        json.WriteEndArray();
    }

    /// <summary>Writes one diagnostic as an object.</summary>
    public static void Write(Utf8JsonWriter json, Diagnostic diagnostic, Redactor redactor)
    {
        json.WriteStartObject();
        json.WriteString("code", diagnostic.Code);
        json.WriteString("severity", diagnostic.Severity.ToString().ToLowerInvariant());
        json.WriteString("message", redactor.Redact(diagnostic.Message));
        json.WriteString("help", redactor.Redact(diagnostic.Help));
        if (diagnostic.Origin is { Kind: OriginKind.Configuration } origin)
        {
            json.WriteString("source", redactor.Redact(origin.SourceName));
            if (origin.Line > 0)
            {
                json.WriteNumber("line", origin.Line);
                json.WriteNumber("column", origin.Column);
            }
        }

        if (diagnostic.Path is not null)
        {
            json.WriteString("path", redactor.Redact(diagnostic.Path));
        }

        json.WriteEndObject();
    }
}
