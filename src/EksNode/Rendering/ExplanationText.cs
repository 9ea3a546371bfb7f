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
    private const int Width = 80;
    private const int WidestName = 40;
    private const int NarrowestValue = 16;

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
        if (!explanation.Parts.IsEmpty)
        {
            json.WriteStartArray("parts");
            foreach (var (part, from) in explanation.Parts)
            {
                json.WriteStartObject();
                json.WriteString("value", redactor.Redact(part));
                OriginJson.Write(json, from, redactor);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

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

        if (explanation.Override.Length > 0)
        {
            json.WriteString("override", explanation.Override);
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
            width = Math.Max(width, explanation.Target.Length > WidestName ? 0 : explanation.Target.Length);
        }

        foreach (var explanation in explanations)
        {
            var name = redactor.Redact(explanation.Target);
            var value = Shown(explanation.Value);
            var decided = explanation.Kind != "setting" ? "" : "  ← " + Decided(explanation) + (explanation.Parts.IsEmpty ? "" : " and others");
            var left = Width - Math.Max(width, name.Length) - 2 - decided.Length;
            if (left < value.Length && left < NarrowestValue)
            {
                // No place beside a long name.
                writer.WriteLine(name);
                (name, left) = ("  ", Math.Max(NarrowestValue, Width - 4 - decided.Length));
            }
            else
            {
                name = name.PadRight(width);
            }

            writer.WriteLine($"{name}  {PlanText.Shorten(value, Math.Max(left, NarrowestValue))}{style.Dim(decided)}");
        }
    }

    private void WriteFull(TextWriter writer, Explanation explanation)
    {
        var isSetting = explanation.Kind == "setting" || explanation.Origin is not null;
        var name = redactor.Redact(explanation.Target);
        var first = true;
        foreach (var line in Wrapped($"{name} {(isSetting ? "=" : "·")} {Shown(explanation.Value)}", Width, 4))
        {
            writer.WriteLine(first && line.StartsWith(name, StringComparison.Ordinal) ? style.Bold(name) + line[name.Length..] : line);
            first = false;
        }

        if (isSetting && explanation.Parts.IsEmpty)
        {
            Line(writer, "decided by", Decided(explanation));
            if (explanation.Origin is { Note: { } note } origin && !IsPlainDefault(explanation.Layer, origin))
            {
                Line(writer, "because", redactor.Redact(note));
            }
        }

        for (var i = 0; i < explanation.Parts.Length; i++)
        {
            var (value, origin) = explanation.Parts[i];
            Line(writer, i == 0 ? "decided by" : "", Told(value, explanation.Layer == "flag" ? "configuration" : explanation.Layer, origin));
        }

        for (var i = 0; i < explanation.Replaced.Length; i++)
        {
            var replaced = explanation.Replaced[i];
            Line(writer, i == 0 ? "replaced" : "", Told(replaced.Value, replaced.Layer, replaced.Origin));
        }

        if (isSetting)
        {
            Line(writer, "to change it", explanation.Change.Length == 0
                ? "nothing: it is fixed, or follows from the value that decided it"
                : "set " + explanation.Change + (explanation.Override.Length > 0 ? $", or {explanation.Override}, which wins" : ""));
        }

        for (var i = 0; i < explanation.Details.Length; i++)
        {
            Line(writer, i > 0 ? "" : !isSetting ? "with" : explanation.Details[i].StartsWith("in /", StringComparison.Ordinal) ? "where" : "what", redactor.Redact(explanation.Details[i]));
        }
    }

    // Lines are for a serial console of 80 columns. What is behind an arrow matters less.
    private void Line(TextWriter writer, string word, string text)
    {
        var label = "  " + style.Dim(word.PadRight(Indent));
        var isDim = false;
        foreach (var line in Wrapped(text, Width - Indent - 2, 0))
        {
            var at = isDim ? 0 : line.IndexOf('←', StringComparison.Ordinal);
            isDim = at >= 0;
            writer.WriteLine(label + (isDim ? line[..at] + style.Dim(line[at..]) : line));
            label = new string(' ', Indent + 2);
        }
    }

    // Words that are longer than a line stay whole: they are paths and addresses.
    internal static List<string> Wrapped(string text, int width, int indent)
    {
        var lines = new List<string>();
        while (text.Length > width)
        {
            var at = text.LastIndexOf(' ', width, width);
            if (at > 0 && text[at - 1] == '←')
            {
                at = text[..(at - 1)].TrimEnd().Length; // an arrow is with what it points to
            }

            var start = 0;
            while (text[start] is ' ' or '←')
            {
                start++;
            }

            var comma = text.LastIndexOf(',', width - 1, width - 1) + 1;
            var next = text.IndexOf(' ', Math.Max(at + 1, start));
            if (comma > Math.Max(at, start) && (next < 0 ? text.Length : next) - at > width)
            {
                at = comma; // the list is one word, and longer than a line
            }
            else if (at <= start)
            {
                at = text.IndexOf(' ', Math.Max(start, width));
                if (at < 0)
                {
                    break;
                }
            }

            lines.Add(text[..at].TrimEnd());
            text = new string(' ', indent) + text[at..].TrimStart();
        }

        lines.Add(text);
        return lines;
    }

    private string Shown(string? value) => value switch
    {
        null => "not set",
        "" => "\"\"",
        _ => redactor.Redact(value).ReplaceLineEndings(" "),
    };

    private string Told(string value, string layer, Origin origin) =>
        $"{Shown(value)}  ← {Origin(layer, origin)}{(origin.Note is { } why && !IsPlainDefault(layer, origin) ? $" ({redactor.Redact(why)})" : "")}";

    private string Decided(Explanation explanation) => explanation.Origin is { } origin ? Origin(explanation.Layer, origin)
        : explanation.Layer is "the kubelet" or "containerd" ? $"nothing: {explanation.Layer} has no default for it"
        : "nothing";

    // That the kubelet's own default is its own default has been said.
    private static bool IsPlainDefault(string layer, Origin origin) =>
        origin.Kind == OriginKind.Default && layer is "the kubelet" or "containerd" && origin.Note is { } note && note.Contains("own default", StringComparison.Ordinal);

    private string Origin(string layer, Origin origin) => origin.Kind == OriginKind.Default
        ? layer is "the kubelet" or "containerd" ? "default of " + layer : "default of eksnode"
        : redactor.Redact(origin.ToString()) + (layer == "flag" ? ", a flag" : "");
}
