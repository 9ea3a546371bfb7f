using System.Text;

namespace EksNode.Planning.Migration;

/// <summary>The words that systemd makes of a variable of an environment file in a unit's command line.</summary>
public static class SystemdWords
{
    /// <summary>The value of a variable in an environment file (systemd.exec(5), EnvironmentFile=); null: the file does not set it.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="variable">The variable's name.</param>
    public static string? Value(string text, string variable)
    {
        string? found = null;
        foreach (var line in text.Replace("\\\n", "", StringComparison.Ordinal).Split('\n'))
        {
            var trimmed = line.Trim();
            if (trimmed.StartsWith(variable + "=", StringComparison.Ordinal))
            {
                found = Unquoted(trimmed[(variable.Length + 1)..].Trim());
            }
        }

        return found;
    }

    /// <summary>The values of <c>Environment=</c> of a unit's drop-in by variable: <c>Environment='KUBELET_ARGS=--v=2'</c>.</summary>
    /// <param name="unit">The drop-in's text.</param>
    public static IEnumerable<(string Variable, string Value)> Environment(string unit)
    {
        foreach (var line in unit.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n'))
        {
            var trimmed = line.Trim();
            if (!trimmed.StartsWith("Environment=", StringComparison.Ordinal))
            {
                continue;
            }

            foreach (var assignment in Split(trimmed["Environment=".Length..]))
            {
                var equals = assignment.IndexOf('=', StringComparison.Ordinal);
                if (equals > 0)
                {
                    yield return (assignment[..equals], assignment[(equals + 1)..]);
                }
            }
        }
    }

    /// <summary>The words of a command line (systemd.service(5), "Command lines"): parted at white space that is not in quotes.</summary>
    /// <param name="text">The text.</param>
    public static IReadOnlyList<string> Split(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (inWord, quote) = (false, '\0');
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            if (character == '\\' && quote != '\'' && i + 1 < text.Length)
            {
                word.Append(text[++i]);
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

    // Quotes count around the whole value only; elsewhere they are ordinary, and a backslash keeps the next character.
    private static string Unquoted(string value)
    {
        var isQuoted = value.Length >= 2 && value[0] is '"' or '\'' && value[^1] == value[0];
        if (isQuoted && value[0] == '\'')
        {
            return value[1..^1];
        }

        var inner = isQuoted ? value[1..^1] : value;
        var text = new StringBuilder(inner.Length);
        for (var i = 0; i < inner.Length; i++)
        {
            if (inner[i] == '\\' && i + 1 < inner.Length && (!isQuoted || inner[i + 1] is '"' or '\\' or '`' or '$'))
            {
                i++;
            }

            text.Append(inner[i]);
        }

        return text.ToString();
    }
}
