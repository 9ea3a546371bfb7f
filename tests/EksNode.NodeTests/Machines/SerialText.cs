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
                // ESC [ parameters letter; any other sequence is two characters.
                i++;
                if (i < console.Length && console[i] == '[')
                {
                    do
                    {
                        i++;
                    }
                    while (i < console.Length && !char.IsAsciiLetter(console[i]));
                }
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
}
