using System.Globalization;

namespace EksNode.Configuration.Values;

/// <summary>The name of a registry as it stands in an image's name: <c>docker.io</c>, <c>registry.example.com:5000</c>; or <c>_default</c>.</summary>
public static class RegistryHost
{
    /// <summary>All registries that have no settings of their own.</summary>
    public const string Default = "_default";

    /// <summary>Reads a name; it becomes a folder's. Source: containerd, <c>docs/hosts.md</c>.</summary>
    public static ValueResult<string> Parse(string text)
    {
        if (text.Contains("://", StringComparison.Ordinal) || text.Contains('/', StringComparison.Ordinal))
        {
            return new ValueProblem(
                $"The registry {Quoted.Text(text)} has a scheme or a path.", "Write its name as in an image's: `docker.io`, `registry.example.com:5000`, or `_default` for all others.");
        }

        if (text is "index.docker.io" or "registry-1.docker.io")
        {
            return new ValueProblem($"The registry {Quoted.Text(text)} is `docker.io` in the names of images.", "Write `docker.io`.");
        }

        return text == Default || IsHostAndPort(text) ? text : new ValueProblem($"{Quoted.Text(text)} is no name of a registry.", "Write a host, with its port where images name one.");
    }

    /// <summary>Reads the URL of a registry or a mirror: <c>http</c> or <c>https</c>, a host, perhaps a port and a path.</summary>
    public static ValueResult<string> ParseUrl(string text)
    {
        const string Example = "Write it as `https://mirror.example.com`.";
        if (text.AsSpan().ContainsAnyInRange('\0', ' ') || text.AsSpan().ContainsAnyInRange('\u007f', '\u009f') || text.AsSpan().ContainsAny('"', '\'', '\\'))
        {
            return new ValueProblem("The registry's URL has a space, a quote, a backslash or a control character.", Example);
        }

        var length = text.StartsWith("https://", StringComparison.Ordinal) ? 8 : text.StartsWith("http://", StringComparison.Ordinal) ? 7 : 0;
        var rest = text.AsSpan(length);
        var end = rest.IndexOf('/');
        var authority = end < 0 ? rest : rest[..end];
        if (authority.Contains('@'))
        {
            return new ValueProblem("The registry's URL has credentials in it, which containerd does not use.", "Write them as a header: `headers: {Authorization: \"Basic …\"}`.");
        }

        if (length == 0)
        {
            return new ValueProblem("The registry's URL does not begin with `https://` or `http://`.", Example);
        }

        return !rest.ContainsAny('?', '#') && IsHostAndPort(authority.ToString())
            ? text
            : new ValueProblem("The registry's URL has a bad host or port, or a query.", Example);
    }

    /// <summary>Whether a text is a host with a port or without; an IPv6 address has brackets.</summary>
    /// <param name="text">The text.</param>
    /// <param name="mayEndInDot">Whether a name may end in a dot, as one that no search domain is tried for.</param>
    internal static bool IsHostAndPort(string text, bool mayEndInDot = false)
    {
        var colon = text.StartsWith('[') ? text.IndexOf("]:", StringComparison.Ordinal) + 1 : text.IndexOf(':', StringComparison.Ordinal);
        var host = colon > 0 ? text[..colon] : text;
        if (colon > 0 && (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is 0 or > 65535))
        {
            return false;
        }

        return host.StartsWith('[') ? host.EndsWith(']') && IpLiteral.Parse(host[1..^1]).IsValid : DomainName.Parse(host).IsValid && (mayEndInDot || !host.EndsWith('.'));
    }
}
