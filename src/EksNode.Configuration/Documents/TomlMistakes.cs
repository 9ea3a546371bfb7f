namespace EksNode.Configuration.Documents;

/// <summary>
/// Says in words of a user what the TOML parser stumbled over. The parser's own messages quote the document, which may hold
/// credentials, and are not shown.
/// </summary>
internal static class TomlMistakes
{
    /// <summary>What is wrong and what to do.</summary>
    public static (string Message, string Help) Explain(string parserMessage)
    {
        bool Has(string words) => parserMessage.Contains(words, StringComparison.OrdinalIgnoreCase);
        return parserMessage switch
        {
            _ when Has("for an array") => ("The array is not closed.", "Add the missing `]`."),
            _ when Has("separate items in an array") => ("A comma is missing between two items of an array.", "Add the comma."),
            _ when Has("inline table") => ("The inline table is not closed, or lacks a comma.", "Add the missing `}` or `,`."),
            _ when Has("`=` after a key") => ("A key stands here without `=` and a value.", "Write `key = value`."),
            _ when Has("while expecting token `newline`") => (
                "More text follows on the line after its value or header.",
                "Put text in quotes, and each key on a line of its own."),
            _ when Has("closebracket") => ("The header of the table is not closed.", "Close `[` with `]`, and `[[` with `]]`."),
            _ when Has("for a base key") => ("A key is missing here.", "Write a name, or put it in quotes if it has other characters than letters, digits, `_` and `-`."),
            _ when Has("leading zero") => ("An integer must not begin with a zero.", "Remove the zero, or write an octal number as `0o17`."),
            _ when Has("underscore") => ("An underscore in a number must stand between two digits.", "Remove it."),
            _ when Has("parse integer") => ("The integer does not fit 64 bits.", "Give a smaller number."),
            _ when Has("float") || Has("exponent") => ("The number is malformed.", "Write digits on both sides of the point and after the exponent."),
            _ when Has("date time") => ("The date or time is malformed.", "Write it as `2026-01-31T10:00:00Z`, or in quotes if it is meant as a string."),
            _ when Has("newline in a string") || Has("End-Of-File") => (
                "The quote that opens here is not closed.", "Close it; a text of several lines stands between `'''`."),
            _ when Has("escape") || Has("unicode") => (
                "The string has an escape that TOML does not know.", "Write `\\\\` for a backslash, or use single quotes."),
            _ when Has("control character") => ("A control character is not allowed here.", "Remove it, or write it as an escape in double quotes."),
            _ when Has("for a value") || Has("expecting a value") => (
                "This is no TOML value.", "Put text in quotes; numbers, `true` and `false` stand without."),
            _ => ("The TOML is malformed here.", "A line holds `key = value`, `[table]` or `[[table]]`."),
        };
    }
}
