using System.Text.Json;
using EksNode.Configuration.Text;
using EksNode.Planning.Explaining;

namespace EksNode.Rendering;

/// <summary>Explanations for people and for tools.</summary>
/// <param name="style">Colours.</param>
/// <param name="redactor">Takes secrets out.</param>
internal sealed class ExplanationText(Style style, Redactor redactor)
{
    private const int MostInFull = 3;
    private const int Indent = 14;

    /// <summary>Writes them: what a word means in full when it means a few, as a list when it means many.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="groups">What each word on the command line means.</param>
    public void Write(TextWriter writer, Explanation[][] groups)
    {
        var isFirst = true;
        foreach (var group in groups)
        {
            if (group.Length > MostInFull)
            {
                Separate();
                WriteList(writer, group);
                continue;
            }

            foreach (var explanation in group)
            {
                Separate();
                WriteFull(writer, explanation);
            }
        }

        void Separate()
        {
            if (!isFirst)
            {
                writer.WriteLine();
            }

            isFirst = false;
        }
    }

    /// <summary>Writes <c>targets</c> into an open object.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="groups">What each word on the command line means.</param>
    public void WriteJson(Utf8JsonWriter json, Explanation[][] groups)
    {
        json.WriteStartArray("targets");
        foreach (var group in groups)
        {
            foreach (var explanation in group)
            {
                WriteJson(json, explanation);
            }
        }

        json.WriteEndArray();
    }

    private void WriteJson(Utf8JsonWriter json, Explanation explanation)
    {
        json.WriteStartObject();
        json.WriteString("target", redactor.Redact(explanation.Target));
        json.WriteString("kind", explanation.Kind);
        if (explanation.Value is { } value)
        {
            json.WriteString("value", redactor.Redact(value));
        }

        json.WriteString("layer", explanation.Layer);
        if (explanation.Origin is { } origin)
        {
            OriginJson.Write(json, origin, redactor);
        }

        json.WriteStartArray("replaced");
        foreach (var replaced in explanation.Replaced)
        {
            json.WriteStartObject();
            json.WriteString("value", redactor.Redact(replaced.Value));
            json.WriteString("layer", replaced.Layer);
            OriginJson.Write(json, replaced.Origin, redactor);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (explanation.Change.Length > 0)
        {
            json.WriteString("change", explanation.Change);
        }

        json.WriteStartArray("details");
        foreach (var detail in explanation.Details)
        {
            json.WriteStringValue(redactor.Redact(detail));
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteList(TextWriter writer, Explanation[] explanations)
    {
        var width = 0;
        foreach (var explanation in explanations)
        {
            width = Math.Max(width, Math.Min(explanation.Target.Length, 50));
        }

        foreach (var explanation in explanations)
        {
            var value = PlanText.Shorten(redactor.Redact(explanation.Value ?? "not set"), 50);
            writer.WriteLine($"{redactor.Redact(explanation.Target).PadRight(width)}  {value}{(explanation.Kind == "setting" ? "  " + style.Dim("← " + Decided(explanation)) : "")}");
        }
    }

    private void WriteFull(TextWriter writer, Explanation explanation)
    {
        writer.WriteLine($"{style.Bold(redactor.Redact(explanation.Target))} {(explanation.Kind == "setting" ? "=" : "·")} {redactor.Redact(explanation.Value ?? "not set")}");
        if (explanation.Kind == "setting")
        {
            Line(writer, "decided by", Decided(explanation));
        }

        if (explanation.Origin?.Note is { } note)
        {
            Line(writer, "because", redactor.Redact(note));
        }

        for (var i = 0; i < explanation.Replaced.Length; i++)
        {
            var replaced = explanation.Replaced[i];
            Line(writer, i == 0 ? "replaced" : "", $"{redactor.Redact(replaced.Value)}  {style.Dim("← " + Origin(replaced.Layer, replaced.Origin) + (replaced.Origin.Note is { } why ? $" ({redactor.Redact(why)})" : ""))}");
        }

        if (explanation.Kind == "setting")
        {
            Line(writer, "to change it", explanation.Change.Length > 0 ? "set " + explanation.Change : "nothing: it is fixed, or follows from the value that decided it");
        }

        for (var i = 0; i < explanation.Details.Length; i++)
        {
            Line(writer, i == 0 ? explanation.Kind == "setting" ? "where" : "with" : "", redactor.Redact(explanation.Details[i]));
        }
    }

    private void Line(TextWriter writer, string word, string text) => writer.WriteLine("  " + style.Dim(word.PadRight(Indent)) + text);

    private string Decided(Explanation explanation) => explanation.Origin is { } origin ? Origin(explanation.Layer, origin) : "nothing";

    private string Origin(string layer, Origin origin) => origin.Kind == OriginKind.Default
        ? layer == "the kubelet" ? "default of the kubelet" : "default of eksnode"
        : redactor.Redact(origin.ToString()) + (layer == "flag" ? ", a flag" : "");
}
