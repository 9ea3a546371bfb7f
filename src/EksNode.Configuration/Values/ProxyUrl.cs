namespace EksNode.Configuration.Values;

/// <summary>The address of a proxy: <c>http://[user:password@]host[:port]</c>.</summary>
/// <param name="HasUser">Whether it holds a user's name, and perhaps a password.</param>
/// <remarks>Schemes: those that Go programs know (package golang.org/x/net/http/httpproxy) and that have no dialects: http, https, socks5.</remarks>
public sealed record ProxyUrl(bool HasUser)
{
    private const string Example = "Write it as `http://proxy.example.com:3128`.";

    private static readonly string[] Schemes = ["http://", "https://", "socks5://"];

    /// <summary>Reads the address. No problem quotes it: it may hold a password.</summary>
    public static ValueResult<ProxyUrl> Parse(string text)
    {
        if (text.AsSpan().ContainsAnyInRange('\0', ' ') || text.Contains('\x7f', StringComparison.Ordinal))
        {
            return new ValueProblem("The proxy's address has a space or a control character.", "Write such a character in a password as `%` and its two hexadecimal digits.");
        }

        if (Array.Find(Schemes, s => text.StartsWith(s, StringComparison.OrdinalIgnoreCase)) is not { } scheme)
        {
            return text.Contains("://", StringComparison.Ordinal)
                ? new ValueProblem("The proxy's address has a scheme that not every program on the node knows.", "The schemes are `http`, `https` and `socks5`.")
                : new ValueProblem("The proxy's address has no scheme.", Example);
        }

        var rest = text.AsSpan(scheme.Length);
        var end = rest.IndexOfAny('/', '?', '#');
        if (end >= 0 && !rest[end..].SequenceEqual("/"))
        {
            return new ValueProblem(
                "The proxy's address has a path, a query or a fragment.",
                "Leave it out; in a user name or password write `/` as `%2F`, `?` as `%3F` and `#` as `%23`.");
        }

        var authority = end < 0 ? rest : rest[..end];
        var at = authority.LastIndexOf('@');
        return at >= 0 && authority[..at].Contains('@')
            ? new ValueProblem("The proxy's address has two `@`.", "Write `@` in a user name or password as `%40`.")
            : RegistryHost.IsHostAndPort(authority[(at + 1)..].ToString(), mayEndInDot: true)
                ? new ProxyUrl(at > 0)
                : new ValueProblem("The proxy's address has a bad host or port.", Example);
    }

    /// <summary>The user and password of an address, whatever characters are in them; empty: there are none.</summary>
    /// <param name="text">An address that <see cref="Parse"/> accepts.</param>
    public static string UserOf(string text)
    {
        var start = text.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme ? scheme + 3 : 0;
        var end = text.LastIndexOf('@');
        return end > start ? text[start..end] : "";
    }

    /// <summary>Reads who is reached without a proxy: a name, <c>.domain</c>, an address, a network, each of the first three with a port or without; <c>*</c>.</summary>
    public static ValueResult<string> ParseException(string text)
    {
        if (text.AsSpan().ContainsAny(',', ' '))
        {
            return new ValueProblem($"{Quoted.Text(text)} is more than one entry.", "Write one entry per list item.");
        }

        if (text.Contains("://", StringComparison.Ordinal))
        {
            return new ValueProblem($"{Quoted.Text(text)} is a URL.", "Write the host alone, without scheme and path.");
        }

        if (text == "*" || IpLiteral.Parse(text).IsValid)
        {
            return text;
        }

        if (text.Contains('/', StringComparison.Ordinal))
        {
            return Cidr.Parse(text).TryGet(out _, out var problem) ? text : problem;
        }

        var name = text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text.StartsWith('.') ? text[1..] : text;
        return name.Length > 0 && !name.All(c => char.IsAsciiDigit(c) || c is '.' or ':') && RegistryHost.IsHostAndPort(name, mayEndInDot: true)
            ? text
            : new ValueProblem($"{Quoted.Text(text)} is no host, domain, address or network.", "Write an entry such as `.example.com`, `registry.example.com:5000`, `10.0.0.0/8` or `fd00::/8`.");
    }
}
