using System.Text.Json;
using EksNode.Configuration.Text;
using EksNode.Host.Imaging.Checks;
using EksNode.Imaging;

namespace EksNode.Rendering;

/// <summary>What a validation of an image found, for tools: <c>docs/schemas/image-validate.schema.json</c>. The shape changes only by adding.</summary>
internal static class ImageFindingsJson
{
    /// <summary>Writes <c>comparedWith</c>, <c>findings</c>, <c>controls</c> and <c>summary</c> into an open object.</summary>
    public static void Write(Utf8JsonWriter json, ImageValidation validation, Redactor redactor)
    {
        Write(json, "comparedWith", validation.ComparedWith, redactor);
        json.WriteStartArray("findings");
        foreach (var finding in validation.Findings)
        {
            json.WriteStartObject();
            json.WriteString("check", finding.Check);
            json.WriteString("resource", redactor.Redact(finding.Resource));
            json.WriteString("status", Word(finding.Status));
            Optional(json, "expected", finding.Expected, redactor);
            Optional(json, "found", finding.Found, redactor);
            Optional(json, "note", finding.Note, redactor);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("controls");
        foreach (var control in validation.Controls)
        {
            json.WriteStartObject();
            json.WriteString("id", control.Id);
            json.WriteBoolean("asPlanned", control.Failing.Count == 0);
            json.WriteNumber("resources", control.Resources);
            Write(json, "failing", control.Failing, redactor);
            Write(json, "notApplicable", control.NotApplicable, redactor);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("summary");
        json.WriteNumber("asPlanned", validation.Count(CheckStatus.AsPlanned));
        json.WriteNumber("differences", validation.Differences);
        json.WriteNumber("unreadable", validation.Count(CheckStatus.Unreadable));
        json.WriteNumber("notChecked", validation.Count(CheckStatus.NotChecked));
        json.WriteNumber("notApplicable", validation.Count(CheckStatus.NotApplicable));
        json.WriteEndObject();
    }

    /// <summary>The word for a status.</summary>
    public static string Word(CheckStatus status) => status switch
    {
        CheckStatus.Different => "different",
        CheckStatus.Missing => "missing",
        CheckStatus.Unexpected => "unexpected",
        CheckStatus.Unreadable => "unreadable",
        CheckStatus.NotChecked => "notChecked",
        CheckStatus.NotApplicable => "notApplicable",
        _ => "asPlanned",
    };

    private static void Optional(Utf8JsonWriter json, string name, string? value, Redactor redactor)
    {
        if (value is not null)
        {
            json.WriteString(name, redactor.Redact(value));
        }
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<string> values, Redactor redactor)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(redactor.Redact(value));
        }

        json.WriteEndArray();
    }
}
