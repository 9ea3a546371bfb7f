using System.Globalization;
using System.Text;

namespace EksNode.Configuration.Values;

/// <summary>The words that systemd makes of a line: of a command line, of the value of a variable in one, of <c>Environment=</c>.</summary>
public static class QuotedWords
{
    private const string Escaped = "abfnrtvs";
    private const string Characters = "\a\b\f\n\r\t\v ";

    /// <summary>The words, parted at white space outside of quotes; quotes are taken away, and a backslash keeps the next character.</summary>
    /// <param name="text">The text.</param>
    /// <param name="escapes">Whether a backslash and a letter are a character as in C (systemd.syntax(7), "Quoting"): <c>\n</c>, <c>\x1b</c>.</param>
    public static List<string> Split(string text, bool escapes = false)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var inWord = false;
        var quote = '\0';
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            if (character == '\\' && quote != '\'' && i + 1 < text.Length)
            {
                word.Append(escapes ? Unescaped(text, ref i) : text[++i]);
                inWord = true;
            }
            else if (quote != '\0' ? character == quote : character is '"' or '\'')
            {
                quote = quote == '\0' ? character : '\0';
                inWord = true;
            }
            else if (quote == '\0' && char.IsWhiteSpace(character))
            {
                if (inWord)
                {
                    words.Add(word.ToString());
                }

                word.Clear();
                inWord = false;
            }
            else
            {
                word.Append(character);
                inWord = true;
            }
        }

        if (inWord)
        {
            words.Add(word.ToString());
        }

        return words;
    }

    // At the backslash; leaves the index at the last character of the escape.
    private static char Unescaped(string text, ref int at)
    {
        var next = text[++at];
        if (next == 'x' && at + 2 < text.Length && byte.TryParse(text.AsSpan(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            at += 2;
            return (char)code;
        }

        var known = Escaped.IndexOf(next, StringComparison.Ordinal);
        return known < 0 ? next : Characters[known];
    }
}
