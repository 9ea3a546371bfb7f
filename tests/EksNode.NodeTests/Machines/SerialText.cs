using System.Text;

namespace EksNode.NodeTests.Machines;

/// <summary>Reads what a serial console shows.</summary>
internal static class SerialText
{
    /// <summary>The lines, without escape sequences and without those that only say what systemd still waits for.</summary>
    public static IEnumerable<string> Lines(string console)
    {
        var text = new StringBuilder();
        for (var i = 0; i < console.Length; i++)
        {
            if (console[i] == '\e')
            {
                i = EndOfSequence(console, i + 1);
            }
            else if (console[i] is '\r')
            {
                text.Append('\n');
            }
            else
            {
                text.Append(console[i]);
            }
        }

        return text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => !(line.Contains(" running (", StringComparison.Ordinal) && line.Contains("Job ", StringComparison.Ordinal)));
    }

    /// <summary>Where the escape sequence whose second character is at <paramref name="at"/> ends.</summary>
    private static int EndOfSequence(string text, int at)
    {
        var kind = at < text.Length ? text[at] : ' ';
        if (kind == '[')
        {
            // Parameters, then one letter.
            do
            {
                at++;
            }
            while (at < text.Length && text[at] is < '@' or > '~');
        }
        else if (kind is ']' or 'P')
        {
            // A string, until BEL or ESC \.
            do
            {
                at++;
            }
            while (at < text.Length && text[at] != '\a' && !(text[at] == '\\' && text[at - 1] == '\e'));
        }

        return at;
    }
}
