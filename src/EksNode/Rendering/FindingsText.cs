using System.Globalization;
using System.Text;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;

namespace EksNode.Rendering;

/// <summary>Findings for people: each with the line that it is about and a mark below the place.</summary>
internal static class FindingsText
{
    // Longer lines (a certificate authority in base64) are shown around the place.
    private const int Widest = 120;

    /// <summary>Writes all findings and the closing line.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="findings">The findings, in order.</param>
    /// <param name="names">The sources that were read, in order.</param>
    /// <param name="style">Colours.</param>
    /// <param name="redactor">Takes secrets out.</param>
    /// <param name="texts">The sources by name.</param>
    public static void Write(
        TextWriter writer,
        IReadOnlyList<Diagnostic> findings,
        IReadOnlyList<string> names,
        Style style,
        Redactor redactor,
        IReadOnlyDictionary<string, SourceText> texts)
    {
        foreach (var finding in findings)
        {
            var lines = DiagnosticText.Render(finding, style, redactor).Split('\n');
            var excerpt = Excerpt(finding, style, redactor, texts);
            for (var i = 0; i < lines.Length; i++)
            {
                writer.Write(lines[i] + "\n");
                if (excerpt is not null && i == 1)
                {
                    writer.Write(excerpt);
                }
            }

            writer.Write('\n');
        }

        var summary = DiagnosticText.Summary(findings);
        var files = names.Count == 1 ? "1 source" : string.Create(CultureInfo.InvariantCulture, $"{names.Count} sources");
        writer.Write(summary.Length > 0 ? $"{files}: {summary}\n" : style.Green($"{files}: nothing is wrong") + "\n");
    }

    /// <summary>The line and the mark; null when the finding has no place or its line cannot be shown.</summary>
    internal static string? Excerpt(Diagnostic finding, Style style, Redactor redactor, IReadOnlyDictionary<string, SourceText> texts)
    {
        if (finding.Origin is not { Kind: OriginKind.Configuration, Line: > 0 } origin
            || !texts.TryGetValue(origin.Source, out var text)
            || text.Line(origin.Part, origin.Line) is not { } line)
        {
            return null;
        }

        var number = origin.Line.ToString(CultureInfo.InvariantCulture);
        var margin = new string(' ', number.Length);
        var column = Math.Clamp(origin.Column - 1, 0, line.Length);
        var length = Length(line, column);
        var shown = redactor.Redact(line);
        int? mark = shown == line ? column : null;

        // A secret before the place moves it; one at the place has no mark.
        var before = redactor.Redact(line[..column]);
        if (mark is null && shown.StartsWith(before, StringComparison.Ordinal) && shown.EndsWith(line[column..], StringComparison.Ordinal))
        {
            mark = before.Length;
        }

        var start = shown.Length > Widest ? Math.Clamp((mark ?? 0) - (Widest / 3), 0, shown.Length - Widest) : 0;
        var end = Math.Min(shown.Length, start + Widest);
        var result = new StringBuilder();
        result.Append("  ").Append(style.Dim($"{number} |")).Append(' ').Append(start > 0 ? "…" : "")
            .Append(Printable(shown[start..end])).Append(end < shown.Length ? "…" : "").Append('\n');
        if (origin.Column > 0 && mark is { } at)
        {
            var indent = Printable(shown[start..at]);
            result.Append("  ").Append(style.Dim($"{margin} |")).Append(' ').Append(start > 0 ? " " : "");
            foreach (var character in indent)
            {
                result.Append(character == '\t' ? '\t' : ' ');
            }

            result.Append(style.Yellow("^" + new string('~', Math.Clamp(Math.Min(length, end - at) - 1, 0, Widest)))).Append('\n');
        }

        return result.ToString();
    }

    // A word, or the whole of a quoted text: what a person sees as one value.
    private static int Length(string line, int column)
    {
        if (column >= line.Length)
        {
            return 1;
        }

        if (line[column] is '"' or '\'')
        {
            var close = line.IndexOf(line[column], column + 1);
            return close < 0 ? 1 : close - column + 1;
        }

        var end = column;
        while (end < line.Length && !char.IsWhiteSpace(line[end]) && line[end] is not (',' or ']' or '}')
            && !(line[end] == ':' && (end + 1 == line.Length || char.IsWhiteSpace(line[end + 1]))))
        {
            end++;
        }

        // A plain value goes on over blanks, up to a comment; a key does not, and in a flow a value is one word.
        var before = line.AsSpan(0, column).TrimEnd();
        if (end < line.Length && line[end] is ' ' && before is [.., ':' or '-'] && before.IndexOfAny('{', '[') < 0)
        {
            var comment = line.IndexOf(" #", column, StringComparison.Ordinal);
            var whole = line.AsSpan(column, (comment < 0 ? line.Length : comment) - column).TrimEnd();
            return whole.Contains(": ", StringComparison.Ordinal) || whole.EndsWith(':') ? Math.Max(1, end - column) : whole.Length;
        }

        return Math.Max(1, end - column);
    }

    // A line of somebody's file must not steer the terminal.
    private static string Printable(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            result.Append(character == '\t' || !char.IsControl(character) ? character : '\uFFFD');
        }

        return result.ToString();
    }
}
