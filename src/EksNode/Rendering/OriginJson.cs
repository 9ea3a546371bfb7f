using System.Text.Json;
using EksNode.Configuration.Text;

namespace EksNode.Rendering;

/// <summary>Where a value came from, for tools.</summary>
internal static class OriginJson
{
    /// <summary>Writes <c>origin</c> into an open object: <c>kind</c>, and <c>source</c>, <c>line</c>, <c>column</c>, <c>note</c> where known.</summary>
    public static void Write(Utf8JsonWriter json, Origin origin, Redactor redactor)
    {
        json.WriteStartObject("origin");
        WriteMembers(json, origin, redactor);
        json.WriteEndObject();
    }

    /// <summary>The members alone.</summary>
    public static void WriteMembers(Utf8JsonWriter json, Origin origin, Redactor redactor)
    {
        json.WriteString("kind", origin.Kind.ToString().ToLowerInvariant());
        if (origin.Source.Length > 0)
        {
            json.WriteString("source", redactor.Redact(origin.SourceName));
        }

        if (origin.Line > 0)
        {
            json.WriteNumber("line", origin.Line);
            json.WriteNumber("column", origin.Column);
        }

        if (origin.Note is not null)
        {
            json.WriteString("note", redactor.Redact(origin.Note));
        }
    }
}
