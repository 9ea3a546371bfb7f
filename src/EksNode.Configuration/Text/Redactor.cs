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

    // Settings of the kubelet whose names speak of credentials and whose values are paths, modes and durations.
    private static readonly string[] HarmlessNames =
    [
        "image-credential-provider-", "imageCredentialProvider", "credentialProviders", "configMapAndSecretChangeDetectionStrategy",
        "imagePullCredentialsVerificationPolicy", "authorization-mode", "authorization.mode", "authorization-webhook-cache-",
        "authorization.webhook.", "authentication-token-webhook", "KubeletEnsureSecretPulledImages",
    ];

    // These words mean a credential only as the whole name or its last part: NPM_AUTH is one, AUTH_MODE is none.
    private static readonly string[] SecretLastWords = ["auth", "pass", "pwd"];

    private readonly SortedSet<string> known = new(LongestFirst.Instance);

    /// <summary>Makes a value known as a secret. Values too short to be told from ordinary words are left to the forms.</summary>
    public void Add(Secret secret)
    {
        var value = secret.Reveal();
        if (value.Length < ShortestKnownSecret)
        {
            return;
        }

        known.Add(value);
        if (value.AsSpan().IndexOfAny('"', '\\', '%') >= 0)
        {
            // As it stands in JSON, TOML and environment files, and in unit files, where a percent sign is doubled.
            var escaped = value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
            known.Add(escaped);
            known.Add(escaped.Replace("%", "%%", StringComparison.Ordinal));
        }
    }

    /// <summary>
    /// Whether a setting of this name holds a credential: <c>HTTP_PROXY_PASSWORD</c>, <c>registryToken</c>; not the kubelet's
    /// <c>--image-credential-provider-config</c>, which is a path, nor <c>configMapAndSecretChangeDetectionStrategy</c>.
    /// </summary>
    public static bool IsSecretName(string name)
    {
        foreach (var harmless in HarmlessNames)
        {
            name = name.Replace(harmless, "", StringComparison.Ordinal);
        }

        return Array.Exists(SecretNames, n => name.Contains(n, StringComparison.OrdinalIgnoreCase))
            || Array.Exists(SecretLastWords, w => name.EndsWith(w, StringComparison.OrdinalIgnoreCase)
                && (name.Length == w.Length || name[^(w.Length + 1)] is '_' or '-' or '.'));
    }

    // Proxy variables may leave the scheme out: Go reads user:password@host:port as http://….
    private static bool IsProxyName(string name) => name.EndsWith("proxy", StringComparison.OrdinalIgnoreCase);

    /// <summary>The secret parts of a value: a value of a secret name is one as a whole; else the user part of any URL in it.</summary>
    public static IEnumerable<Secret> SecretsIn(string name, string value)
    {
        if (IsSecretName(name) && value.Length > 0)
        {
            yield return new Secret(value);
        }

        var parts = IsProxyName(name) && value.LastIndexOf('@') is > 0 and var at && !value.Contains("://", StringComparison.Ordinal)
            ? [(0, at)]
            : UserParts(value);
        foreach (var (start, length) in parts)
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
        if (!Array.Exists(SecretNames, n => text.Contains(n, StringComparison.OrdinalIgnoreCase))
            && !Array.Exists(SecretLastWords, w => text.Contains(w, StringComparison.OrdinalIgnoreCase))
            && !text.Contains("proxy", StringComparison.OrdinalIgnoreCase))
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
            var isProxy = IsProxyName(name);
            if (name.Length == 0 || !(isProxy || IsSecretName(name)))
            {
                at = separator + 1;
                continue;
            }

            var start = separator + 1;
            while (start < line.Length && line[start] is ' ' or '"' or '\'')
            {
                start++;
            }

            var quote = line[start - 1] is '"' or '\'' ? line[start - 1] : QuoteAround(line, separator, name);
            var end = ValueEnd(line, start, quote, name);
            if (isProxy)
            {
                // The user part alone; with a scheme it is taken out already.
                var value = line.AsSpan(start, end - start);
                var user = value.Contains("://", StringComparison.Ordinal) ? -1 : value.LastIndexOf('@');
                if (user <= 0)
                {
                    at = Math.Max(end, separator + 1);
                    continue;
                }

                end = start + user;
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

    // The quote that a whole assignment stands in, as in "NAME=value"; none in "name": "value".
    private static char QuoteAround(string line, int separator, string name)
    {
        var begin = separator - name.Length - 1;
        return begin >= 0 && line[begin] is '"' or '\'' && line.AsSpan(begin + 1).StartsWith(name, StringComparison.Ordinal) ? line[begin] : '\0';
    }

    private static int ValueEnd(string line, int start, char quote, string name)
    {
        var end = start;
        if (quote != '\0')
        {
            while (end < line.Length && line[end] != quote)
            {
                end += line[end] == '\\' && quote == '"' ? 2 : 1;
            }

            return Math.Min(end, line.Length);
        }

        // A list of values, as of a header: all of it.
        if (start + 1 < line.Length && line[start] == '[' && line.IndexOf(']', start) is > 0 and var close)
        {
            return close + 1;
        }

        // The value of this header has two words: `Bearer …`.
        var ofWords = name.EndsWith("authorization", StringComparison.OrdinalIgnoreCase);
        while (end < line.Length && line[end] is not (',' or '"' or '\'' or '&' or '}' or '\r') && (ofWords || line[end] != ' '))
        {
            end++;
        }

        return end;
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
