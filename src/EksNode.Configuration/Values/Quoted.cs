using System.Globalization;
using System.Text;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Values;

/// <summary>Quotes a user's text in a message: without secrets, on one line, not longer than a message should be.</summary>
public static class Quoted
{
    private const int LongestText = 60;

    private static readonly Redactor Forms = new();

    /// <summary>The text in backticks: redacted by form, control characters escaped, cut after 60 characters.</summary>
    public static string Text(string text)
    {
        var redacted = Forms.Redact(text);
        var result = new StringBuilder("`");
        var count = 0;
        foreach (var rune in redacted.EnumerateRunes())
        {
            if (count++ == LongestText)
            {
                result.Append('…');
                break;
            }

            if (rune.Value == '\n')
            {
                result.Append("\\n");
            }
            else if (Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029 || Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format)
            {
                result.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            }
            else
            {
                result.Append(rune);
            }
        }

        return result.Append('`').ToString();
    }

    /// <summary>A list of choices for a sentence: <c>`a`, `b` or `c`</c>.</summary>
    public static string Choices(IReadOnlyList<string> choices)
    {
        var result = new StringBuilder();
        for (var i = 0; i < choices.Count; i++)
        {
            result.Append(i == 0 ? "" : i == choices.Count - 1 ? " or " : ", ").Append('`').Append(choices[i]).Append('`');
        }

        return result.ToString();
    }
}
