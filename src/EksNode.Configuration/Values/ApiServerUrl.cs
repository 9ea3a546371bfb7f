using System.Globalization;

namespace EksNode.Configuration.Values;

/// <summary>The URL of a Kubernetes API server: <c>https://host[:port]</c>.</summary>
/// <param name="Text">The URL as written.</param>
/// <param name="Host">The host: a name, or an address without brackets.</param>
/// <param name="Port">The port; 443 when the URL has none.</param>
public sealed record ApiServerUrl(string Text, string Host, int Port)
{
    private const string Example = "Write it as `https://0123456789ABCDEF.gr7.us-west-2.eks.amazonaws.com`.";
    private const string Scheme = "https://";

    /// <summary>Reads the URL. A path is allowed (a proxy may need one); user, query and fragment are not.</summary>
    public static ValueResult<ApiServerUrl> Parse(string text)
    {
        if (text.AsSpan().ContainsAnyInRange('\0', ' '))
        {
            return new ValueProblem("The API server's URL has a space or a control character.", Example);
        }

        var start = text.AsSpan().IndexOf("://") is >= 0 and var colon ? colon + 3 : 0;
        var beforePath = text.AsSpan(start);
        if (beforePath[..(beforePath.IndexOf('/') is >= 0 and var slash ? slash : beforePath.Length)].Contains('@'))
        {
            return new ValueProblem("The API server's URL has a user name in it.", "Leave the part before `@` out: the node authenticates with a token of its own.");
        }

        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            var scheme = text.IndexOf("://", StringComparison.Ordinal);
            return scheme < 0
                ? new ValueProblem($"The API server's URL {Quoted.Text(text)} has no scheme.", $"Write {Quoted.Text(Scheme + text)}.")
                : new ValueProblem($"The API server's URL {Quoted.Text(text)} does not begin with `https://`.", Example);
        }

        var rest = text.AsSpan(Scheme.Length);
        var end = rest.IndexOfAny('/', '?', '#');
        var authority = end < 0 ? rest : rest[..end];
        if (rest.ContainsAny('?', '#'))
        {
            return new ValueProblem("The API server's URL has a query or a fragment.", Example);
        }

        return Authority(text, authority);
    }

    private static ValueResult<ApiServerUrl> Authority(string text, ReadOnlySpan<char> authority)
    {
        var host = authority;
        ReadOnlySpan<char> port = default;
        var bracketed = authority.StartsWith("[");
        var colon = bracketed ? authority.IndexOf("]:") + 1 : authority.IndexOf(':');
        if (colon > 0)
        {
            host = authority[..colon];
            port = authority[(colon + 1)..];
        }

        var number = 443;
        if (colon > 0 && (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out number) || number is 0 or > 65535))
        {
            return new ValueProblem($"The API server's URL {Quoted.Text(text)} has a bad port.", "Write a port from 1 to 65535, or none for 443.");
        }

        var name = bracketed && host.EndsWith("]") ? host[1..^1].ToString() : host.ToString();
        if (name.Length == 0)
        {
            return new ValueProblem($"The API server's URL {Quoted.Text(text)} has no host.", Example);
        }

        var good = bracketed
            ? IpLiteral.Parse(name).TryGet(out var address, out _) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6
            : DomainName.Parse(name).IsValid;
        return good
            ? new ApiServerUrl(text, name, number)
            : new ValueProblem($"The API server's URL {Quoted.Text(text)} has a bad host.", Example);
    }
}
