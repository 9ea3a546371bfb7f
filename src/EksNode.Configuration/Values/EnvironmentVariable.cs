namespace EksNode.Configuration.Values;

/// <summary>A variable of a service's environment, as systemd accepts it.</summary>
public static class EnvironmentVariable
{
    /// <summary>
    /// Reads a name: ASCII letters, digits and underscores, not beginning with a digit. systemd ignores an assignment with
    /// another name. Source: systemd.exec(5), Environment=.
    /// </summary>
    public static ValueResult<string> ParseName(string text)
    {
        if (text.Length == 0)
        {
            return new ValueProblem("An environment variable has no name.", "Write a name such as `HTTPS_PROXY`.");
        }

        if (text.Contains('=', StringComparison.Ordinal))
        {
            return new ValueProblem(
                $"The environment variable {Quoted.Text(text[..text.IndexOf('=', StringComparison.Ordinal)])} has its value in its name.",
                "Write `NAME: \"value\"`.");
        }

        if (char.IsAsciiDigit(text[0]))
        {
            return new ValueProblem($"The environment variable {Quoted.Text(text)} begins with a digit.", $"Write `_{text}` or another name.");
        }

        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character != '_')
            {
                return new ValueProblem(
                    $"The environment variable {Quoted.Text(text)} has the character {Quoted.Text(character.ToString())} in its name.",
                    character == '-' ? $"Did you mean `{text.Replace('-', '_')}`?" : "Write letters, digits and underscores only.");
            }
        }

        return text;
    }

    /// <summary>
    /// Checks a value: any text without control characters other than tab and line feed (which the writer of the unit
    /// escapes). The value is never quoted in a problem: it may be a secret.
    /// </summary>
    public static ValueResult<string> ParseValue(string text)
    {
        foreach (var character in text)
        {
            if (char.IsControl(character) && character is not ('\n' or '\t'))
            {
                return new ValueProblem(
                    $"The value has the control character U+{(int)character:X4}.",
                    character == '\r' ? "Write line ends as `\\n`, without `\\r`." : "Leave it out: systemd accepts no control characters.");
            }
        }

        return text;
    }
}
