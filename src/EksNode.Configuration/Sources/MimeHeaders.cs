using System.Text;

namespace EksNode.Configuration.Sources;

/// <summary>The headers of a MIME entity (RFC 5322 §2.2, RFC 2045 §5). Names and types are compared without case.</summary>
internal sealed class MimeHeaders
{
    private readonly Dictionary<string, string> values = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The media type in lower case without parameters, or empty when there is none.</summary>
    public string MediaType { get; private set; } = "";

    /// <summary>The parameters of the content type; names in any case.</summary>
    public Dictionary<string, string> Parameters { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The value of a header, or empty.</summary>
    public string this[string name] => values.GetValueOrDefault(name, "");

    /// <summary>Whether there is such a header.</summary>
    public bool Has(string name) => values.ContainsKey(name);

    /// <summary>
    /// Reads the headers at the position and moves it behind the blank line that ends them; null when a line is no header.
    /// </summary>
    public static MimeHeaders? Read(string text, ref int position)
    {
        var headers = new MimeHeaders();
        string? last = null;
        var isRepeated = false;
        // Any text is tried for headers: one with many continuation lines must not be copied once for each.
        var folded = new StringBuilder();
        while (position < text.Length)
        {
            var end = text.IndexOf('\n', position);
            var line = text[position..(end < 0 ? text.Length : end)].TrimEnd('\r');
            if (line.Length == 0)
            {
                position = end + 1;
                break;
            }

            if (line[0] is ' ' or '\t')
            {
                if (last is null)
                {
                    return null;
                }

                if (!isRepeated)
                {
                    folded.Append(' ').Append(line.Trim());
                }
            }
            else
            {
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                if (colon <= 0 || line.AsSpan(0, colon).ContainsAnyExceptInRange('!', '~'))
                {
                    return null;
                }

                // Of repeated headers the first one counts.
                End();
                last = line[..colon];
                isRepeated = headers.values.ContainsKey(last);
                folded.Clear().Append(line[(colon + 1)..].Trim());
            }

            position = end < 0 ? text.Length : end + 1;
        }

        End();
        headers.ParseContentType();
        return headers;

        void End()
        {
            if (last is not null && !isRepeated)
            {
                headers.values[last] = folded.ToString();
            }
        }
    }

    private void ParseContentType()
    {
        var value = this["Content-Type"];
        var at = value.IndexOf(';', StringComparison.Ordinal);
        MediaType = (at < 0 ? value : value[..at]).Trim().ToLowerInvariant();
        while (at >= 0 && at < value.Length)
        {
            var equals = value.IndexOf('=', at);
            if (equals < 0)
            {
                break;
            }

            var name = value[(at + 1)..equals].Trim(' ', '\t', ';');
            at = equals + 1;
            Parameters.TryAdd(name, ParameterValue(value, ref at));
            at = value.IndexOf(';', Math.Min(at, value.Length));
        }
    }

    // A token, read leniently up to the next semicolon, or a quoted string.
    private static string ParameterValue(string value, ref int at)
    {
        while (at < value.Length && value[at] is ' ' or '\t')
        {
            at++;
        }

        if (at >= value.Length || value[at] != '"')
        {
            var end = value.IndexOf(';', at);
            var token = value[at..(end < 0 ? value.Length : end)].Trim();
            at = end < 0 ? value.Length : end;
            return token;
        }

        var text = new StringBuilder();
        for (at++; at < value.Length && value[at] != '"'; at++)
        {
            if (value[at] == '\\' && at + 1 < value.Length)
            {
                at++;
            }

            text.Append(value[at]);
        }

        return text.ToString();
    }
}
