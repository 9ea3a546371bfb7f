using System.Collections.Immutable;
using System.Text;

namespace EksNode.Planning.Containerd;

/// <summary>
/// The path of a setting in a TOML document, one key a segment, and its text form:
/// <c>plugins."io.containerd.cri.v1.runtime".enable_cdi</c>.
/// </summary>
public static class TomlPath
{
    /// <summary>The keys of a path whose unusual keys are quoted with <c>'</c> or <c>"</c>.</summary>
    public static ImmutableArray<string> Parse(string text)
    {
        var keys = new List<string>();
        var at = 0;
        while (at < text.Length)
        {
            var quoted = text[at] is '\'' or '"';
            var start = quoted ? at + 1 : at;
            var end = quoted ? text.IndexOf(text[at], start) : text.IndexOf('.', start);
            end = end < 0 ? text.Length : end;
            keys.Add(text[start..end]);
            at = end + (quoted ? 2 : 1);
        }

        return keys.ToImmutable();
    }

    /// <summary>The text of a path. A key that is not bare in TOML's sense is in double quotes.</summary>
    public static string Format(IEnumerable<string> keys)
    {
        var text = new StringBuilder();
        foreach (var key in keys)
        {
            if (text.Length > 0)
            {
                text.Append('.');
            }

            if (IsBare(key))
            {
                text.Append(key);
            }
            else
            {
                text.Append('"').Append(Visible(key)).Append('"');
            }
        }

        return text.ToString();
    }

    // TOML 1.0: bare keys hold ASCII letters, digits, underscores and dashes.
    private static bool IsBare(string key) =>
        key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    // A path is printed: a key cannot add a line or move the cursor.
    private static string Visible(string key) =>
        string.Concat(key.Select(c => c switch
        {
            '"' => "\\\"",
            '\\' => "\\\\",
            _ when char.IsControl(c) => $"\\u{(int)c:X4}",
            _ => c.ToString(),
        }));
}
