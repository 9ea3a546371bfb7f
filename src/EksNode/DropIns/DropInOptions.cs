using System.Text;

namespace EksNode.DropIns;

/// <summary>
/// The options of a program that eksnode stands in for, read by a table: how it writes each, and what eksnode calls it. A value
/// stands behind its option, or behind an equals sign.
/// </summary>
internal sealed class DropInOptions
{
    private readonly Dictionary<string, Option> known = new(StringComparer.Ordinal);

    private sealed record Option(string? Target, bool HasValue, string? Refusal);

    /// <summary>An option with a value.</summary>
    /// <param name="target">eksnode's name for it; null: it changes nothing here and is left out.</param>
    /// <param name="names">The other program's names for it.</param>
    public DropInOptions Value(string? target, params ReadOnlySpan<string> names) => Add(new Option(target, true, null), names);

    /// <summary>An option without a value.</summary>
    /// <param name="target">eksnode's name for it; null: it changes nothing here and is left out.</param>
    /// <param name="names">The other program's names for it.</param>
    public DropInOptions Switch(string? target, params ReadOnlySpan<string> names) => Add(new Option(target, false, null), names);

    /// <summary>An option that eksnode does not stand in for.</summary>
    /// <param name="help">What to do instead.</param>
    /// <param name="names">The other program's names for it.</param>
    public DropInOptions Refused(string help, params ReadOnlySpan<string> names) => Add(new Option(null, true, help), names);

    /// <summary>Translates.</summary>
    /// <param name="program">The program and its command, for messages: <c>aws eks get-token</c>.</param>
    /// <param name="command">eksnode's command.</param>
    /// <param name="arguments">The arguments behind the other program's command.</param>
    public DropInCall Translate(string program, string command, IEnumerable<string> arguments)
    {
        var translated = new List<string>();
        translated.Add(command);
        var rest = new Queue<string>(arguments);
        while (rest.TryDequeue(out var word))
        {
            var equals = word.StartsWith("--", StringComparison.Ordinal) ? word.IndexOf('=', StringComparison.Ordinal) : -1;
            var name = equals < 0 ? word : word[..equals];
            if (!known.TryGetValue(name, out var option))
            {
                return DropInCall.Refuse(
                    $"`{name}` is no argument of `{program}` that eksnode stands in for.",
                    $"It takes {string.Join(", ", known.Where(o => o.Value.Refusal is null).Select(o => o.Key).Order(StringComparer.Ordinal))}; "
                    + $"for the rest, install {program.Split(' ')[0]} in place of this link.");
            }

            if (option.Refusal is { } help)
            {
                return DropInCall.Refuse($"`{program}` with `{name}` is nothing that eksnode stands in for.", help);
            }

            string? value = null;
            if (equals >= 0)
            {
                value = word[(equals + 1)..];
            }
            else if (option.HasValue && !rest.TryDequeue(out value))
            {
                return DropInCall.Refuse($"`{program}`: `{name}` needs a value.", $"Write it behind the option: `{name} VALUE`.");
            }

            if (option.Target is { } target)
            {
                translated.Add(target);
                if (value is not null)
                {
                    translated.Add(value);
                }
            }
        }

        return new DropInCall(translated.ToImmutable());
    }

    /// <summary>The call that prints how the program is called, when it is asked for; null: it is not.</summary>
    /// <param name="program">The program and its command.</param>
    /// <param name="arguments">All arguments of the program.</param>
    /// <param name="words">The words that ask for it, besides <c>--help</c>.</param>
    public DropInCall? UsageOf(string program, IReadOnlyList<string> arguments, params ReadOnlySpan<string> words)
    {
        var asked = arguments.Contains("--help");
        foreach (var word in words)
        {
            asked |= arguments.Count > 0 && arguments[^1] == word;
        }

        if (!asked)
        {
            return null;
        }

        var text = new StringBuilder($"{program.Split(' ')[0]} is a link to eksnode, which stands in for this call of it:\n\n  {program} [OPTION]...\n\nOptions:\n");
        foreach (var (name, option) in known.OrderBy(o => o.Key, StringComparer.Ordinal))
        {
            if (option.Refusal is null)
            {
                text.Append("  ").Append(name).Append(option.HasValue ? " VALUE" : "").Append(option.Target is null ? "  (taken, and changes nothing)" : "").Append('\n');
            }
        }

        return DropInCall.Tell(text.Append("  --help").ToString());
    }

    private DropInOptions Add(Option option, ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            known.Add(name, option);
        }

        return this;
    }
}
