using System.Text;

namespace EksNode.Configuration.Text;

/// <summary>
/// Takes secrets out of text before it is printed: every known secret value, and what looks like one by its form: the user
/// part of a URL, the signature, credential and token of a pre-signed URL, EKS bearer tokens, and the value of a setting whose
/// name says that it is a credential.
/// </summary>
public sealed class Redactor
{
    private const int ShortestKnownSecret = 4;

    private static readonly string[] SecretParameters =
        ["X-Amz-Signature=", "X-Amz-Credential=", "X-Amz-Security-Token=", "Signature=", "k8s-aws-v1."];

    private static readonly string[] SecretNames =
        ["password", "passwd", "secret", "token", "apikey", "api_key", "access_key", "accesskey", "private_key", "credential", "authorization"];

    private readonly SortedSet<string> known = new(LongestFirst.Instance);

    /// <summary>Makes a value known as a secret. Values too short to be told from ordinary words are left to the forms.</summary>
    public void Add(Secret secret)
    {
        var value = secret.Reveal();
        if (value.Length >= ShortestKnownSecret)
        {
            known.Add(value);
        }
    }

    /// <summary>
    /// Whether a setting of this name holds a credential: <c>HTTP_PROXY_PASSWORD</c>, <c>registryToken</c>; not the kubelet's
    /// <c>--image-credential-provider-config</c> and <c>-bin-dir</c>, which are paths.
    /// </summary>
    public static bool IsSecretName(string name) =>
        Array.Exists(SecretNames, n => name.Contains(n, StringComparison.OrdinalIgnoreCase))
        && !name.StartsWith("image-credential-provider-", StringComparison.Ordinal);

    /// <summary>The secret parts of a value: a value of a secret name is one as a whole; else the user part of any URL in it.</summary>
    public static IEnumerable<Secret> SecretsIn(string name, string value)
    {
        if (IsSecretName(name) && value.Length > 0)
        {
            yield return new Secret(value);
        }

        foreach (var (start, length) in UserParts(value))
        {
            var user = value.Substring(start, length);
            yield return new Secret(user);
            var colon = user.IndexOf(':', StringComparison.Ordinal);
            if (colon >= 0 && colon < user.Length - 1)
            {
                yield return new Secret(user[(colon + 1)..]);
                yield return new Secret(Uri.UnescapeDataString(user[(colon + 1)..]));
            }
        }
    }

    /// <summary>The text without secrets.</summary>
    public string Redact(string text)
    {
        foreach (var secret in known)
        {
            text = text.Replace(secret, Secret.Redacted, StringComparison.Ordinal);
        }

        text = RedactParameters(RedactUserParts(text));
        return RedactNamed(text);
    }

    /// <summary>Whether redacting would change the text.</summary>
    public bool HasSecret(string text) => Redact(text) != text;

    private static string RedactUserParts(string text)
    {
        if (!text.Contains("://", StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder();
        var at = 0;
        foreach (var (start, length) in UserParts(text))
        {
            result.Append(text, at, start - at).Append(Secret.Redacted);
            at = start + length;
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    private static string RedactParameters(string text)
    {
        foreach (var name in SecretParameters)
        {
            var at = 0;
            while ((at = text.IndexOf(name, at, StringComparison.OrdinalIgnoreCase)) >= 0)
            {
                var start = at + name.Length;
                var end = start;
                while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '%' or '-' or '_' or '.' or '~' or '+' or '/' or '='))
                {
                    end++;
                }

                text = end > start ? string.Concat(text.AsSpan(0, start), Secret.Redacted, text.AsSpan(end)) : text;
                at = start;
            }
        }

        return text;
    }

    // One line at a time: NAME = "value", "name": "value", name: value, NAME=value.
    private static string RedactNamed(string text)
    {
        if (!IsSecretName(text))
        {
            return text;
        }

        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            lines[i] = RedactLine(lines[i]);
        }

        return string.Join('\n', lines);
    }

    private static string RedactLine(string line)
    {
        var at = 0;
        while (at < line.Length)
        {
            var separator = line.AsSpan(at).IndexOfAny('=', ':');
            if (separator < 0)
            {
                return line;
            }

            separator += at;
            var name = NameBefore(line, separator);
            if (name.Length == 0 || !IsSecretName(name))
            {
                at = separator + 1;
                continue;
            }

            var start = separator + 1;
            while (start < line.Length && line[start] is ' ' or '"' or '\'')
            {
                start++;
            }

            var quote = start > 0 && line[start - 1] is '"' or '\'' ? line[start - 1] : '\0';
            var end = start;
            while (end < line.Length && (quote == '\0' ? line[end] is not (' ' or ',' or '"' or '\'' or '&' or '}' or '\r') : line[end] != quote || line[end - 1] == '\\'))
            {
                end++;
            }

            if (end == start || line.AsSpan(start).StartsWith(Secret.Redacted, StringComparison.Ordinal)
                || line.AsSpan(start, end - start) is "true" or "false" or "null" or "{" or "[")
            {
                at = Math.Max(end, separator + 1);
                continue;
            }

            line = string.Concat(line.AsSpan(0, start), Secret.Redacted, line.AsSpan(end));
            at = start + Secret.Redacted.Length;
        }

        return line;
    }

    private static string NameBefore(string line, int separator)
    {
        var end = separator;
        while (end > 0 && line[end - 1] is ' ' or '"' or '\'')
        {
            end--;
        }

        var start = end;
        while (start > 0 && (char.IsAsciiLetterOrDigit(line[start - 1]) || line[start - 1] is '_' or '-'))
        {
            start--;
        }

        // The last word of a path is no setting: `PUT http://…/latest/api/token: HTTP 403`.
        return line[separator] == ':' && start > 0 && line[start - 1] == '/' ? "" : line[start..end];
    }

    private static IEnumerable<(int Start, int Length)> UserParts(string text)
    {
        var at = 0;
        while ((at = text.IndexOf("://", at, StringComparison.Ordinal)) >= 0)
        {
            var start = at + 3;
            var end = start;
            var user = -1;
            while (end < text.Length && text[end] is not ('/' or '?' or '#' or ' ' or '"' or '\'' or '<' or '>' or '\n' or '\t'))
            {
                if (text[end] == '@')
                {
                    user = end;
                }

                end++;
            }

            if (user > start)
            {
                yield return (start, user - start);
            }

            at = end;
        }
    }

    private sealed class LongestFirst : IComparer<string>
    {
        public static readonly LongestFirst Instance = new();

        public int Compare(string? x, string? y)
        {
            var byLength = (y?.Length ?? 0).CompareTo(x?.Length ?? 0);
            return byLength != 0 ? byLength : string.CompareOrdinal(x, y);
        }
    }
}
