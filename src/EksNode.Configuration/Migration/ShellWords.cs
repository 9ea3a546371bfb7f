using System.Text;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Migration;

/// <summary>One word of a shell command.</summary>
/// <param name="Text">The word without its quotes; what the shell would compute stands in it as it was written.</param>
/// <param name="Origin">Its place.</param>
/// <param name="Expression">The first part of it that the shell would compute and that is not known here; null: none.</param>
internal sealed record ShellWord(string Text, Origin Origin, string? Expression = null);

/// <summary>
/// Splits a command of a shell script into words, as POSIX says: quotes, backslashes, line continuations. Variables that are known are
/// put in; everything else that a shell computes stays as it is.
/// </summary>
/// <remarks>POSIX.1-2024, Shell Command Language, 2.2 Quoting and 2.3 Token Recognition.</remarks>
/// <param name="text">The script.</param>
/// <param name="source">Its name.</param>
/// <param name="variables">Known variables; null: the text is no command of a shell, but words as a unit of systemd splits them, in which quotes alone count.</param>
internal sealed class ShellWords(string text, string source, IReadOnlyDictionary<string, string>? variables)
{
    private readonly StringBuilder word = new();
    private int at;
    private bool inWord;
    private string? expression;
    private int began;

    /// <summary>The words from a position to the end of the command.</summary>
    /// <param name="start">Where the command's arguments begin.</param>
    public List<ShellWord> Read(int start)
    {
        at = start;
        var words = new List<ShellWord>();
        while (at < text.Length && (variables is null || !EndsCommand(text[at])))
        {
            var c = text[at];
            if (c is ' ' or '\t' or '\n' or '\r' || IsContinuation())
            {
                End(words);
                at += c == '\\' ? ContinuationLength() : 1;
                continue;
            }

            if (!inWord)
            {
                if (c == '#' && variables is not null)
                {
                    break;
                }

                (inWord, began) = (true, at);
            }

            Character(c);
        }

        End(words);
        return words;
    }

    private static bool EndsCommand(char c) => c is '\n' or '\r' or ';' or '&' or '|' or '<' or '>' or ')';

    private void Character(char c)
    {
        switch (c)
        {
            case '\'':
                var close = text.IndexOf('\'', at + 1);
                close = close < 0 ? text.Length : close;
                word.Append(text, at + 1, close - at - 1);
                at = close + 1;
                break;
            case '"':
                at++;
                DoubleQuoted();
                break;
            case '\\' when at + 1 < text.Length:
                word.Append(text[at + 1]);
                at += 2;
                break;
            case '$' or '`' when variables is not null:
                Expansion();
                break;
            default:
                word.Append(c);
                at++;
                break;
        }
    }

    private void DoubleQuoted()
    {
        while (at < text.Length && text[at] != '"')
        {
            if (text[at] == '\\' && IsContinuation())
            {
                at += ContinuationLength();
            }
            else if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] is '$' or '`' or '"' or '\\')
            {
                word.Append(text[at + 1]);
                at += 2;
            }
            else if (variables is not null && (text[at] is '$' or '`'))
            {
                Expansion();
            }
            else
            {
                word.Append(text[at++]);
            }
        }

        at++;
    }

    // $NAME, ${NAME}, and as it is: ${NAME:-…}, $(…), `…`.
    private void Expansion()
    {
        var start = at;
        if (text[at] == '`')
        {
            at = text.IndexOf('`', at + 1) is > 0 and var end ? end + 1 : text.Length;
        }
        else if (at + 1 < text.Length && text[at + 1] is '{' or '(')
        {
            at = Closing(at + 1);
        }
        else
        {
            at++;
            while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_'))
            {
                at++;
            }
        }

        var written = text[start..at];
        var name = written.Trim('$', '{', '}');
        if (variables is not null && variables.TryGetValue(name, out var value))
        {
            word.Append(value);
            return;
        }

        word.Append(written);
        expression ??= written.Length > 1 ? written : null;
    }

    private int Closing(int open)
    {
        var (opening, closing) = text[open] == '{' ? ('{', '}') : ('(', ')');
        var depth = 0;
        for (var i = open; i < text.Length; i++)
        {
            depth += text[i] == opening ? 1 : text[i] == closing ? -1 : 0;
            if (depth == 0)
            {
                return i + 1;
            }
        }

        return text.Length;
    }

    private bool IsContinuation() =>
        text[at] == '\\' && at + 1 < text.Length && (text[at + 1] == '\n' || text.AsSpan(at + 1).StartsWith("\r\n", StringComparison.Ordinal));

    private int ContinuationLength() => text[at + 1] == '\n' ? 2 : 3;

    private void End(List<ShellWord> words)
    {
        if (!inWord)
        {
            return;
        }

        words.Add(new ShellWord(word.ToString(), PlaceOf(text, source, began), expression));
        word.Clear();
        (inWord, expression) = (false, null);
    }

    /// <summary>The place of a position in a text.</summary>
    public static Origin PlaceOf(string text, string source, int position)
    {
        var before = text.AsSpan(0, position);
        return Origin.At(source, before.Count('\n') + 1, position - before.LastIndexOf('\n'));
    }
}
