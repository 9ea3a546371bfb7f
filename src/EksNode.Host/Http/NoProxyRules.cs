using System.Globalization;
using System.Net;

namespace EksNode.Host.Http;

/// <summary>
/// The list in <c>NO_PROXY</c>, read as Go reads it: <c>*</c>; <c>10.0.0.0/8</c>; <c>10.1.2.3</c> and <c>10.1.2.3:80</c>;
/// <c>example.com</c> (the name and what is below it); <c>.example.com</c> and <c>*.example.com</c> (only what is below it);
/// either with a port. <c>localhost</c> and loopback addresses never use a proxy.
/// </summary>
/// <remarks>Rules: package golang.org/x/net/http/httpproxy.</remarks>
public sealed class NoProxyRules
{
    private readonly List<IPNetwork> networks = [];
    private readonly List<(IPAddress Address, string Port)> addresses = [];
    private readonly List<(string Suffix, string Port, bool ItselfToo)> domains = [];
    private bool everything;

    private NoProxyRules()
    {
    }

    /// <summary>Reads the list. What cannot be read is left out, as Go does.</summary>
    public static NoProxyRules Parse(string list)
    {
        var rules = new NoProxyRules();
        foreach (var part in list.Split(','))
        {
            var entry = part.Trim().ToLowerInvariant();
            if (entry == "*")
            {
                rules.everything = true;
                break;
            }

            if (entry.Length > 0)
            {
                rules.Add(entry);
            }
        }

        return rules;
    }

    /// <summary>Whether a request to this host and port may use a proxy.</summary>
    /// <param name="host">A name in ASCII form, or an address with or without brackets.</param>
    /// <param name="port">The port.</param>
    public bool UsesProxy(string host, int port)
    {
        host = host.Trim('[', ']').ToLowerInvariant();
        if (host == "localhost" || everything)
        {
            return false;
        }

        var portText = port.ToString(CultureInfo.InvariantCulture);
        if (IPAddress.TryParse(host, out var address))
        {
            address = Plain(address);
            return !IPAddress.IsLoopback(address)
                && !networks.Exists(n => n.Contains(address))
                && !addresses.Exists(a => a.Address.Equals(address) && Matches(a.Port, portText));
        }

        return !domains.Exists(d => Matches(d.Port, portText)
            && (host.EndsWith(d.Suffix, StringComparison.Ordinal) || (d.ItselfToo && host.AsSpan().SequenceEqual(d.Suffix.AsSpan(1)))));
    }

    private void Add(string entry)
    {
        if (TryNetwork(entry) is { } network)
        {
            networks.Add(network);
            return;
        }

        var (host, port) = SplitPort(entry);
        if (TryAddress(host) is { } address)
        {
            addresses.Add((address, port));
            return;
        }

        if (host.StartsWith("*.", StringComparison.Ordinal))
        {
            host = host[1..];
        }

        if (host.Length > 0)
        {
            domains.Add(host[0] == '.' ? (host, port, false) : ("." + host, port, true));
        }
    }

    private static bool Matches(string rulePort, string port) => rulePort.Length == 0 || rulePort == port;

    // An address like ::ffff:10.0.0.1 is the IPv4 address in it, to Go's net.IP.
    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    // Unlike .NET, Go knows neither `10.1` nor `0x0a000001` as an address.
    private static IPAddress? TryAddress(string text)
    {
        if (text.StartsWith('[') || text.Contains('%', StringComparison.Ordinal) || !IPAddress.TryParse(text, out var address))
        {
            return null;
        }

        return text.Contains(':', StringComparison.Ordinal) || address.ToString() == text ? Plain(address) : null;
    }

    // IPNetwork refuses host bits (10.1.2.3/8), Go masks them away.
    private static IPNetwork? TryNetwork(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0
            || TryAddress(text[..slash]) is not { } address
            || !int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            return null;
        }

        var bytes = address.GetAddressBytes();
        if (length > bytes.Length * 8)
        {
            return null;
        }

        for (var bit = length; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return new IPNetwork(new IPAddress(bytes), length);
    }

    // host:port and [host]:port; anything else is a host alone.
    private static (string Host, string Port) SplitPort(string entry)
    {
        var colon = entry.LastIndexOf(':');
        if (entry.StartsWith('['))
        {
            var end = entry.IndexOf(']', StringComparison.Ordinal);
            return end > 0 && colon == end + 1 ? (entry[1..end], entry[(colon + 1)..]) : (entry, "");
        }

        return colon >= 0 && entry.IndexOf(':', StringComparison.Ordinal) == colon ? (entry[..colon], entry[(colon + 1)..]) : (entry, "");
    }
}
