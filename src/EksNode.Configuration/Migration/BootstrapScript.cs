using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Migration;

/// <summary>Finds the call of <c>/etc/eks/bootstrap.sh</c> in user data: a script by itself, or a part of a MIME message.</summary>
internal static class BootstrapScript
{
    private const string Program = "bootstrap.sh";

    /// <summary>The arguments of the call; null, with an error, when there is not exactly one.</summary>
    public static List<ShellWord>? Find(ReadOnlyMemory<byte> bytes, string source, DiagnosticBag diagnostics)
    {
        if (Text(bytes, source, diagnostics) is not { } text)
        {
            return null;
        }

        var calls = Calls(text).ToList();
        if (calls.Count != 1)
        {
            diagnostics.Report(
                DiagnosticCatalogue.NothingToConvert,
                calls.Count == 0 ? $"{source} holds no call of {Program}." : $"{source} calls {Program} {calls.Count} times.",
                $"Give a script or user data with one call of /etc/eks/{Program}, or its arguments after `--`.",
                calls.Count == 0 ? null : ShellWords.PlaceOf(text, source, calls[1]));
            return null;
        }

        return new ShellWords(text, source, Variables(text, source, calls[0])).Read(calls[0]);
    }

    private static string? Text(ReadOnlyMemory<byte> bytes, string source, DiagnosticBag diagnostics)
    {
        var origin = Origin.At(source, 0, 0);
        var plain = Encodings.TryBase64(bytes.Span) ?? bytes.ToArray();
        if (Encodings.IsGzip(plain))
        {
            if (Encodings.Unpack(plain, origin, diagnostics) is not { } unpacked)
            {
                return null;
            }

            plain = unpacked;
        }

        return Encodings.Text(plain, origin, diagnostics);
    }

    // Where the arguments of each call begin. Comments do not count, nor does a file name that only ends so.
    private static IEnumerable<int> Calls(string text)
    {
        for (var at = 0; (at = text.IndexOf(Program, at, StringComparison.Ordinal)) >= 0; at += Program.Length)
        {
            var end = at + Program.Length;
            var line = text.LastIndexOf('\n', at) + 1;
            var before = text[line..at];
            var starts = before.Length == 0 || before[^1] is '/' or ' ' or '\t' or '"' or '\'';
            var ends = end == text.Length || text[end] is ' ' or '\t' or '\n' or '\r' or '\\' or '"' or '\'';
            if (starts && ends && !before.TrimStart().StartsWith('#') && !IsOtherUse(before))
            {
                // A quote around the path alone.
                yield return end < text.Length && text[end] is '"' or '\'' ? end + 1 : end;
            }
        }
    }

    // Lines that change, copy or look at the script do not call it.
    private static bool IsOtherUse(string before) =>
        before.TrimStart().Split([' ', '\t'], 2)[0] is "sed" or "cp" or "mv" or "cat" or "chmod" or "echo" or "grep" or "ls" or "[" or "test" or "if";

    // NAME=value lines before the call.
    private static Dictionary<string, string> Variables(string text, string source, int end)
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        var start = 0;
        foreach (var line in text[..end].Split('\n'))
        {
            var trimmed = line.TrimStart();
            var at = start + line.Length - trimmed.Length;
            start += line.Length + 1;
            const string export = "export ";
            if (trimmed.StartsWith(export, StringComparison.Ordinal))
            {
                (trimmed, at) = (trimmed[export.Length..], at + export.Length);
            }

            var equals = trimmed.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && trimmed[..equals].All(c => char.IsAsciiLetterOrDigit(c) || c == '_') && !char.IsAsciiDigit(trimmed[0]))
            {
                var value = new ShellWords(text, source, known).Read(at + equals + 1);
                if (value.Count == 1 && value[0].Expression is null)
                {
                    known[trimmed[..equals]] = value[0].Text;
                }
                else
                {
                    known.Remove(trimmed[..equals]);
                }
            }
        }

        return known;
    }
}
