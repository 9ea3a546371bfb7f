using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EksNode.Configuration.Text;

namespace EksNode.Rendering;

/// <summary>Findings for tools; the shape is versioned and changes only by adding.</summary>
internal static class FindingsJson
{
    /// <summary><c>{"diagnostics":[…],"summary":{"errors":1,"warnings":0}}</c>.</summary>
    public static string Write(IReadOnlyList<Diagnostic> findings, Redactor redactor) => Object(json =>
    {
        DiagnosticJson.Write(json, findings, redactor);
        json.WriteStartObject("summary");
        json.WriteNumber("errors", Count(findings, Severity.Error));
        json.WriteNumber("warnings", Count(findings, Severity.Warning));
        json.WriteEndObject();
    });

    /// <summary>How many findings have a severity.</summary>
    public static int Count(IReadOnlyList<Diagnostic> findings, Severity severity)
    {
        var count = 0;
        foreach (var finding in findings)
        {
            count += finding.Severity == severity ? 1 : 0;
        }

        return count;
    }

    /// <summary>An indented JSON object.</summary>
    /// <param name="write">Writes its members.</param>
    internal static string Object(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
