using EksNode.Configuration.Text;
using SharpYaml;

namespace EksNode.Configuration.Documents;

/// <summary>Says in words of a user what the YAML parser stumbled over, and what mistake that usually is.</summary>
internal static class YamlMistakes
{
    /// <summary>The diagnostic for an exception of the parser.</summary>
    public static Diagnostic Explain(YamlException exception, LineTable lines, SourcePlace place)
    {
        var text = Reason(exception.Message);
        if (TabIn(exception, lines) is var (tabLine, tabColumn))
        {
            return Finding(
                "A tab indents this line, which YAML does not allow.",
                "Indent with spaces.",
                place.At(tabLine, tabColumn));
        }

        var (line, column) = (exception.Start.Line, exception.Start.Column);
        if (Has(text, "could not find expected ':'"))
        {
            // The parser notices at the next line; the key without a colon is the text before.
            line = LastTextBefore(lines, line);
            return Finding(
                "This line is neither a key with a `:` nor a part of the value before it.",
                "Add the missing `:`, or indent the line if it continues a block of text.",
                place.At(line, Indentation(lines[line])));
        }

        var (message, help) = Words(text, CharacterAt(lines, line, column));
        line = Math.Min(line, Math.Max(lines.Count - 1, 0));
        return Finding(message, help, place.At(line, column));
    }

    private static Diagnostic Finding(string message, string help, Origin origin) =>
        new(DiagnosticCatalogue.InvalidYaml.Code, DiagnosticCatalogue.InvalidYaml.Severity, message, help, origin);

    private static (string Message, string Help) Words(string text, char at) => text switch
    {
        _ when Has(text, "cannot start any token") => (
            $"A value cannot begin with `{at}`.",
            "Put the value in quotes."),
        _ when Has(text, "mapping values are not allowed") => (
            "A `:` stands where no key can be.",
            "Put a value that holds `: ` in quotes, or mend the indentation of this line and the one before."),
        _ when Has(text, "quoted scalar") && Has(text, "unexpected end") => (
            "The quote that opens here is never closed.",
            "Close it, or put the text in a literal block (`|`)."),
        _ when Has(text, "quoted scalar") && Has(text, "unexpected document") => (
            "The quote that opens here is not closed before the next document.",
            "Close it."),
        _ when Has(text, "escape character") => (
            "The text in double quotes has an escape that YAML does not know.",
            "Write `\\\\` for a backslash, or use single quotes."),
        _ when Has(text, "node content") => (
            "A value is missing here, or an open bracket or brace is not closed.",
            "Close it, or put a value that holds brackets or commas in quotes."),
        _ when Has(text, "flow sequence") => (
            "A list in brackets is not closed here, or lacks a comma.",
            "Add the missing `]` or `,`, or put a value that holds brackets in quotes."),
        _ when Has(text, "flow mapping") => (
            "A map in braces is not closed here, or lacks a comma.",
            "Add the missing `}` or `,`, or put a value that holds braces in quotes."),
        _ when Has(text, "expected '-' indicator") => (
            "A list goes on here with something that is no item.",
            "Begin the item with `- `, or indent the line like the key that it belongs to."),
        _ when Has(text, "block mapping") || Has(text, "expected key") => (
            "A map goes on here with something that is no key of it.",
            "Indent the line exactly like the other keys of its map."),
        _ when Has(text, "block sequence entries are not allowed") => (
            "A list item stands where none can be.",
            "Put the list on lines of its own, below its key."),
        _ when Has(text, "<document start>") => (
            "Text follows after the end of the document.",
            "Remove it, mend its indentation, or begin a new document with `---`."),
        _ when Has(text, "incompatible yaml document") => (
            "The document asks for a version of YAML other than 1.x.",
            "Remove the `%YAML` line."),
        _ when Has(text, "undefined tag handle") || Has(text, " tag") => (
            "The tag that stands here is malformed.",
            "Remove it, or put the value in quotes if the `!` belongs to it."),
        _ when Has(text, "anchor") || Has(text, "alias") => (
            "The `&` or `*` that stands here is not followed by a name.",
            "Put the value in quotes if the character belongs to it."),
        _ when Has(text, "block scalar") => (
            "The block of text that begins here is malformed.",
            "Write only `|` or `>` (and perhaps `-` or `+`) after the key, and indent the text below it with spaces."),
        _ => ($"The YAML is malformed: {text}.", "Check the indentation and the quotes of this line and the one before."),
    };

    private static bool Has(string text, string words) => text.Contains(words, StringComparison.OrdinalIgnoreCase);

    // "(Lin: 0, Col: 3, Chr: 3) - (Lin: 1, Col: 0, Chr: 5): While scanning a plain scalar, find …."
    private static string Reason(string message)
    {
        var at = message.StartsWith("(Lin", StringComparison.Ordinal) ? message.IndexOf("): ", StringComparison.Ordinal) : -1;
        return (at < 0 ? message : message[(at + 3)..]).TrimEnd('.');
    }

    private static (int Line, int Column)? TabIn(YamlException exception, LineTable lines)
    {
        foreach (var line in (ReadOnlySpan<int>)[exception.End.Line, exception.Start.Line])
        {
            var text = lines[line];
            var tab = text[..Indentation(text)].IndexOf('\t');
            if (tab >= 0)
            {
                return (line, tab);
            }
        }

        return null;
    }

    private static int LastTextBefore(LineTable lines, int line)
    {
        for (var i = Math.Min(line, lines.Count) - 1; i >= 0; i--)
        {
            if (!lines[i].Trim().IsEmpty && !lines[i].TrimStart().StartsWith("#"))
            {
                return i;
            }
        }

        return Math.Min(line, Math.Max(lines.Count - 1, 0));
    }

    private static int Indentation(ReadOnlySpan<char> line) => line.Length - line.TrimStart().Length;

    private static char CharacterAt(LineTable lines, int line, int column) =>
        column < lines[line].Length ? lines[line][column] : ' ';
}
