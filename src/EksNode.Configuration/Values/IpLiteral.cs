using System.Net;
using System.Net.Sockets;

namespace EksNode.Configuration.Values;

/// <summary>
/// An IP address as text. Stricter than <see cref="IPAddress"/>: an IPv4 address has four decimal numbers without leading
/// zeros, as Go's <c>netip.ParseAddr</c> (and so the kubelet) reads it; there is no zone and there are no brackets.
/// </summary>
public static class IpLiteral
{
    /// <summary>Reads an IPv4 or IPv6 address.</summary>
    public static ValueResult<IPAddress> Parse(string text)
    {
        if (ParseV4(text) is { } v4)
        {
            return v4;
        }

        if (text.Contains(':', StringComparison.Ordinal)
            && !text.AsSpan().ContainsAny('%', '[', ']')
            && !text.AsSpan().ContainsAny('/', ' ')
            && IPAddress.TryParse(text, out var v6)
            && v6.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return v6;
        }

        return new ValueProblem($"{Quoted.Text(text)} is not an IP address.", Help(text));
    }

    /// <summary>Four decimal numbers of 0 to 255 without leading zeros, or null.</summary>
    internal static IPAddress? ParseV4(ReadOnlySpan<char> text)
    {
        Span<byte> bytes = stackalloc byte[4];
        var part = 0;
        foreach (var range in text.Split('.'))
        {
            var digits = text[range];
            if (part == 4 || digits.Length is 0 or > 3 || (digits.Length > 1 && digits[0] == '0') || digits.ContainsAnyExceptInRange('0', '9'))
            {
                return null;
            }

            var number = 0;
            foreach (var digit in digits)
            {
                number = (number * 10) + (digit - '0');
            }

            if (number > byte.MaxValue)
            {
                return null;
            }

            bytes[part++] = (byte)number;
        }

        return part == 4 ? new IPAddress(bytes) : null;
    }

    private static string Help(string text)
    {
        if (text.Contains('/', StringComparison.Ordinal))
        {
            return "Write the address alone, without a prefix length.";
        }

        if (text.Contains('%', StringComparison.Ordinal))
        {
            return "Write the address without the zone after `%`.";
        }

        return text.Contains("://", StringComparison.Ordinal) || text.Contains('[', StringComparison.Ordinal)
            ? "Write the address alone, without scheme, brackets or port."
            : text == "localhost" ? "Write `127.0.0.1` or `::1`." : "Write an address such as `10.0.0.2` or `fd00::a`.";
    }
}
