using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Kubelet;

/// <summary>
/// The kubelet arguments of <c>spec.kubelet.flags</c>. One entry is one argument, exactly as it is written, but for three forms that
/// the kubelet would surely refuse and that work on an EKS-optimized image, because there systemd splits and unquotes the entries:
/// several flags in one entry, a flag and its value parted by a space, and a value in quotes as a shell needs them. They are
/// read as meant, with a warning.
/// </summary>
internal static class UserArguments
{
    /// <summary>The arguments, in order.</summary>
    public static IEnumerable<Sourced<string>> Of(ImmutableArray<Sourced<string>> entries, DiagnosticBag diagnostics)
    {
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = entries[i];
            var words = Read(entry.Value);
            if (words.Count != 1 || words[0] != entry.Value)
            {
                // Karpenter quotes the value of --node-labels: nothing that its user could or should change.
                diagnostics.Report(
                    DiagnosticCatalogue.KubeletFlagReadAsWords,
                    words.Count == 1
                        ? "An entry of `spec.kubelet.flags` has quotes or blanks around its value, which are dropped, as a shell does."
                        : $"An entry of `spec.kubelet.flags` should be one argument; this one is read as {words.Count}, as a shell would.",
                    "Write each argument as an entry of its own, `--name=value`, without quotes around the value.",
                    entry.Origin,
                    SettingPath.Item("spec.kubelet.flags", i),
                    words.Count == 1 ? Severity.Info : null);
            }

            foreach (var word in words)
            {
                if (HasControlCharacter(word))
                {
                    diagnostics.Report(
                        DiagnosticCatalogue.KubeletFlagUnwritable,
                        "A kubelet argument has a control character, and systemd passes no such argument.",
                        "Leave the character out.",
                        entry.Origin,
                        "spec.kubelet.flags");
                    continue;
                }

                yield return entry with { Value = word };
            }
        }
    }

    /// <summary>The entries as systemd reads them to the same arguments: what the rules for flags are checked on.</summary>
    public static ImmutableArray<Sourced<string>> Quoted(ImmutableArray<Sourced<string>> entries) =>
        [.. entries.Select(e => e with { Value = string.Join(' ', Read(e.Value).Select(KubeletEnvironmentFile.Word)) })];

    // The arguments that one entry stands for.
    private static List<string> Read(string entry)
    {
        if (Words(entry) is not { } words)
        {
            return [entry];
        }

        return words.Count switch
        {
            0 => [],
            1 => IsOneWord(entry.Trim()) ? words : [entry],
            _ => words[0].StartsWith('-') && (!words[0].Contains('=', StringComparison.Ordinal) || words.Skip(1).Any(w => w.StartsWith("--", StringComparison.Ordinal)))
                ? words
                : [entry],
        };
    }

    // systemd drops a variable with any other control character (systemd.exec(5), EnvironmentFile=).
    private static bool HasControlCharacter(string argument) =>
        argument.AsSpan().IndexOfAnyInRange('\0', '\b') >= 0
        || argument.AsSpan().IndexOfAnyInRange('\v', '\x1f') >= 0
        || argument.Contains('\x7f', StringComparison.Ordinal);

    // No quotes at all, or quotes around the whole entry or the whole value.
    private static bool IsOneWord(string entry)
    {
        if (entry.AsSpan().IndexOfAny('"', '\'') < 0)
        {
            return true;
        }

        var equals = entry.IndexOf('=', StringComparison.Ordinal);
        return IsQuoted(entry) || (equals >= 0 && IsQuoted(entry.AsSpan(equals + 1)));
    }

    private static bool IsQuoted(ReadOnlySpan<char> text) =>
        text.Length >= 2 && text[0] is '"' or '\'' && text[^1] == text[0] && text[1..^1].IndexOf(text[0]) < 0;

    // Words parted by white space that is not in quotes, without the quotes; null when a quote is open at the end.
    private static List<string>? Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (inWord, quote) = (false, '\0');
        foreach (var character in text)
        {
            if (quote != '\0')
            {
                if (character == quote)
                {
                    quote = '\0';
                }
                else
                {
                    word.Append(character);
                }
            }
            else if (character is '"' or '\'')
            {
                (quote, inWord) = (character, true);
            }
            else if (character is ' ' or '\t' or '\n' or '\r')
            {
                End();
            }
            else
            {
                word.Append(character);
                inWord = true;
            }
        }

        End();
        return quote == '\0' ? words : null;

        void End()
        {
            if (inWord)
            {
                words.Add(word.ToString());
            }

            word.Clear();
            inWord = false;
        }
    }
}
