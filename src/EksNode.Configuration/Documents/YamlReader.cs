using System.Collections.Immutable;
using EksNode.Configuration.Text;
using SharpYaml;

namespace EksNode.Configuration.Documents;

/// <summary>
/// Reads a text of YAML or JSON documents into trees. It never throws: what cannot be read is a diagnostic with its place.
/// Scalars have the meaning that the Kubernetes ecosystem gives them, see <see cref="YamlScalars"/>.
/// </summary>
public static class YamlReader
{
    /// <summary>All documents of the text, without empty ones. After an error: those before it.</summary>
    /// <param name="text">The text. One that begins with <c>{</c> or <c>[</c> is read as JSON, or else as YAML in flow style.</param>
    /// <param name="source">The name of the source, for origins.</param>
    /// <param name="part">The MIME part, from 1, or 0.</param>
    /// <param name="diagnostics">Takes what is wrong.</param>
    /// <param name="lineOffset">How many lines of the source come before the text.</param>
    public static ImmutableArray<TreeNode> Read(
        string text, string source, int part, DiagnosticBag diagnostics, int lineOffset = 0)
    {
        text = text.StartsWith('\uFEFF') ? text[1..] : text;
        var place = new SourcePlace(source, part, lineOffset);
        if (text.AsSpan().TrimStart() is not ['{' or '[', ..])
        {
            return ReadYaml(text, place, diagnostics);
        }

        var asJson = new DiagnosticBag();
        if (JsonReader.Read(text, place, asJson) is { } document)
        {
            diagnostics.AddRange(asJson.Items);
            return [document];
        }

        // YAML in flow style begins in the same way: unquoted keys, comments, or several documents.
        var asYaml = new DiagnosticBag();
        var documents = ReadYaml(text, place, asYaml);
        diagnostics.AddRange(asYaml.HasErrors && IsMeantAsJson(text) ? asJson.Items : asYaml.Items);
        return documents;
    }

    // A list or a map whose first key is quoted.
    private static bool IsMeantAsJson(string text)
    {
        var inside = text.AsSpan().TrimStart()[1..].TrimStart();
        return inside.IsEmpty || inside[0] is '"' or '{' or '[' or '}' or ']' || char.IsAsciiDigit(inside[0]);
    }

    private static ImmutableArray<TreeNode> ReadYaml(string text, SourcePlace place, DiagnosticBag diagnostics)
    {
        var lines = new LineTable(text);
        if (FirstForbidden(text) is { } at)
        {
            var (line, column) = lines.Find(at);
            diagnostics.Report(
                DiagnosticCatalogue.InvalidYaml,
                $"The character U+{(int)text[at]:X4} is not allowed in YAML.",
                "Remove it; inside double quotes it can be written as an escape.",
                place.At(line, column));
            return [];
        }

        var composer = new YamlComposer(text, lines, place, diagnostics);
        try
        {
            composer.ReadStream();
        }
        catch (YamlException exception)
        {
            diagnostics.Add(YamlMistakes.Explain(exception, lines, place));
        }
        catch (DiagnosticException exception)
        {
            diagnostics.Add(exception.Diagnostic);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or IndexOutOfRangeException or FormatException or OverflowException)
        {
            // A defect of the parser: the user still learns how far it got.
            diagnostics.Report(
                DiagnosticCatalogue.InvalidYaml,
                "The YAML cannot be parsed from here on.",
                "Check the syntax of this line and the next ones.",
                composer.Position);
        }

        return composer.Documents;
    }

    // The characters that YAML 1.1 allows in a stream: printable ones, tab and line breaks.
    private static int? FirstForbidden(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
                continue;
            }

            if (c is not ('\t' or '\n' or '\r' or '\u0085' or (>= ' ' and <= '~') or (>= '\u00A0' and <= '\uD7FF')
                or (>= '\uE000' and <= '\uFFFD' and not '\uFEFF')))
            {
                return i;
            }
        }

        return null;
    }
}
