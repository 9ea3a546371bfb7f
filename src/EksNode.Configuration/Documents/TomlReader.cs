using EksNode.Configuration.Text;
using Tomlyn;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace EksNode.Configuration.Documents;

/// <summary>Reads a TOML document into a tree whose every value knows its place. It never throws.</summary>
/// <remarks>TOML 1.0 (toml.io); what the parser takes of TOML 1.1 is accepted, since it is written back as 1.0.</remarks>
public static class TomlReader
{
    /// <summary>The document, or null after an error.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">The name of the source, for origins.</param>
    /// <param name="diagnostics">Takes what is wrong.</param>
    public static TreeMap? Read(string text, string source, DiagnosticBag diagnostics) =>
        Read(text, (line, column) => Origin.At(source, line, column), diagnostics);

    /// <summary>The document in a string of another document, such as <c>spec.containerd.config</c>; null after an error.</summary>
    /// <param name="scalar">The string. Positions are exact when it is a literal block of YAML, else they are the string's own.</param>
    /// <param name="diagnostics">Takes what is wrong.</param>
    /// <param name="path">The setting, for diagnostics.</param>
    public static TreeMap? Read(TreeScalar scalar, DiagnosticBag diagnostics, string? path = null)
    {
        if (!scalar.IsFolded)
        {
            return Read(scalar.Text, scalar.PlaceOf, diagnostics, path);
        }

        // Of one line that was several, the parser's mistakes say nothing.
        var found = new DiagnosticBag();
        var document = Read(scalar.Text, scalar.PlaceOf, found, path);
        if (document is null)
        {
            diagnostics.Report(
                DiagnosticCatalogue.InvalidToml, "The TOML cannot be parsed: `>` makes one line of its lines.", "Write `|` instead of `>`.", scalar.Origin, path);
            return null;
        }

        diagnostics.AddRange(found.Items);
        return document;
    }

    /// <summary>The document, or null after an error.</summary>
    /// <param name="text">The text.</param>
    /// <param name="place">Turns a line and a column of the text, both from 1, into an origin.</param>
    /// <param name="diagnostics">Takes what is wrong.</param>
    /// <param name="path">The setting, for diagnostics.</param>
    public static TreeMap? Read(string text, Func<int, int, Origin> place, DiagnosticBag diagnostics, string? path = null)
    {
        Origin At(TextPosition position) => place(position.Line + 1, position.Column + 1);
        try
        {
            // Its own check for duplicates is left out: its messages quote the document, which may hold secrets.
            var document = SyntaxParser.Parse(text, sourceName: null, validate: false);
            if (document.HasErrors)
            {
                ReportMistakes(document, At, diagnostics, path);
                return null;
            }

            var builder = new TomlBuilder(At, diagnostics, path);
            return builder.Build(document, place(1, 1));
        }
        catch (TomlException)
        {
            // The parser reports all else as a diagnostic of the document.
            diagnostics.Report(
                DiagnosticCatalogue.DocumentTooComplex,
                "The TOML is nested deeper than 64 levels.",
                "Remove the needless levels.",
                place(1, 1),
                path);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or IndexOutOfRangeException or FormatException or OverflowException)
        {
            // A defect of the parser, known for malformed escapes.
            diagnostics.Report(
                DiagnosticCatalogue.InvalidToml,
                "The TOML cannot be parsed.",
                "Check its strings for malformed escapes such as `\\u` without four hexadecimal digits.",
                place(1, 1),
                path);
        }

        return null;
    }

    // One finding a line, and none for the line after a mistake: what the parser says there is mostly a consequence.
    private static void ReportMistakes(
        DocumentSyntax document, Func<TextPosition, Origin> at, DiagnosticBag diagnostics, string? path)
    {
        var lines = new HashSet<int>();
        foreach (var mistake in document.Diagnostics)
        {
            var line = mistake.Span.Start.Line;
            if (mistake.Kind == DiagnosticMessageKind.Error && lines.Add(line) && !lines.Contains(line - 1))
            {
                var (message, help) = TomlMistakes.Explain(mistake.Message);
                diagnostics.Report(DiagnosticCatalogue.InvalidToml, message, help, at(mistake.Span.Start), path);
            }
        }
    }
}
