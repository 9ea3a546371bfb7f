using System.Text;

namespace EksNode.Planning.Tests.Components;

/// <summary>
/// How systemd reads what eksnode writes, as its manual pages say: systemd.exec(5) EnvironmentFile=, systemd.service(5) "Command
/// lines", systemd.syntax(7) "Quoting" and systemd.unit(5) "Specifiers".
/// </summary>
internal static class SystemdReader
{
    /// <summary>The variables of an environment file.</summary>
    public static Dictionary<string, string> EnvironmentFile(string text)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        var at = 0;
        while (at < text.Length)
        {
            var equals = text.IndexOf('=', at);
            var name = text[at..equals].Trim();
            at = equals + 1;
            var value = new StringBuilder();
            while (at < text.Length && text[at] != '\n' && text[at] is '\'' or '"')
            {
                at = Quoted(text, at, value);
            }

            var end = 0;
            for (; at < text.Length && text[at] != '\n'; at++)
            {
                if (text[at] == '\\')
                {
                    at++;
                    if (text[at] != '\n')
                    {
                        value.Append(text[at]);
                    }

                    end = value.Length;
                }
                else
                {
                    value.Append(text[at]);
                    end = text[at] is ' ' or '\t' or '\r' ? end : value.Length;
                }
            }

            variables[name] = value.ToString();
            at++;
        }

        return variables;
    }

    /// <summary>The words that <c>$VARIABLE</c> gives on a command line.</summary>
    public static List<string> Words(string value)
    {
        var words = new List<string>();
        StringBuilder? word = null;
        var quote = '\0';
        for (var i = 0; i < value.Length; i++)
        {
            var character = value[i];
            if (character == '\\')
            {
                (word ??= new StringBuilder()).Append(value[++i]);
            }
            else if (quote != '\0' && character == quote)
            {
                quote = '\0';
            }
            else if (quote == '\0' && character is '"' or '\'')
            {
                quote = character;
                word ??= new StringBuilder();
            }
            else if (quote == '\0' && character is ' ' or '\t' or '\n' or '\r')
            {
                if (word is not null)
                {
                    words.Add(word.ToString());
                    word = null;
                }
            }
            else
            {
                (word ??= new StringBuilder()).Append(character);
            }
        }

        Assert.Equal('\0', quote);
        if (word is not null)
        {
            words.Add(word.ToString());
        }

        return words;
    }

    /// <summary>The variables of <c>Environment=</c> lines of a drop-in.</summary>
    public static Dictionary<string, string> Assignments(string dropIn, string section, string directive)
    {
        var lines = dropIn.Split('\n');
        Assert.Equal($"[{section}]", lines[0]);
        Assert.Equal("", lines[^1]);
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines[1..^1])
        {
            Assert.StartsWith(directive + "=\"", line, StringComparison.Ordinal);
            var assignment = Specifiers(Unescape(line[(directive.Length + 1)..]));
            var equals = assignment.IndexOf('=');
            variables.Add(assignment[..equals], assignment[(equals + 1)..]);
        }

        return variables;
    }

    private static int Quoted(string text, int at, StringBuilder value)
    {
        var quote = text[at++];
        while (text[at] != quote)
        {
            if (quote == '"' && text[at] == '\\')
            {
                at++;
                if (text[at] == '\n')
                {
                    at++;
                    continue;
                }

                if (!"\"\\`$".Contains(text[at], StringComparison.Ordinal))
                {
                    value.Append('\\');
                }
            }

            value.Append(text[at++]);
        }

        return at + 1;
    }

    // One word in double quotes with C escapes; the closing quote is the last character.
    private static string Unescape(string quoted)
    {
        var text = new StringBuilder();
        var i = 1;
        for (; quoted[i] != '"'; i++)
        {
            if (quoted[i] != '\\')
            {
                text.Append(quoted[i]);
                continue;
            }

            i++;
            switch (quoted[i])
            {
                case 'n':
                    text.Append('\n');
                    break;
                case 't':
                    text.Append('\t');
                    break;
                case '"' or '\\':
                    text.Append(quoted[i]);
                    break;
                case 'x':
                    text.Append((char)Convert.ToInt32(quoted.Substring(i + 1, 2), 16));
                    i += 2;
                    break;
                default:
                    Assert.Fail($"systemd knows no escape \\{quoted[i]}");
                    break;
            }
        }

        Assert.Equal(quoted.Length - 1, i);
        return text.ToString();
    }

    private static string Specifiers(string text)
    {
        var plain = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%')
            {
                Assert.Equal('%', text[++i]);
            }

            plain.Append(text[i]);
        }

        return plain.ToString();
    }
}
