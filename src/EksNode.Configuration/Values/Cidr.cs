using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace EksNode.Configuration.Values;

/// <summary>A network in CIDR form.</summary>
/// <param name="Network">The network's address: bits after the prefix are zero.</param>
/// <param name="PrefixLength">The length of the prefix: 0 to 32 (IPv4) or 128 (IPv6).</param>
/// <param name="Given">The address as written; it differs from the network's when bits after the prefix are set.</param>
public sealed record Cidr(IPAddress Network, int PrefixLength, IPAddress Given)
{
    /// <summary>Whether it is an IPv6 network.</summary>
    public bool IsV6 => Network.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>Whether the address as written is the network's.</summary>
    public bool IsCanonical => Network.Equals(Given);

    /// <summary>The canonical text: <c>10.100.0.0/16</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Network}/{PrefixLength}");

    /// <summary>Reads <c>address/length</c>.</summary>
    public static ValueResult<Cidr> Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return IpLiteral.Parse(text).IsValid
                ? new ValueProblem($"{Quoted.Text(text)} is an address, not a CIDR: the prefix length is missing.", "Write it as `10.100.0.0/16`.")
                : new ValueProblem($"{Quoted.Text(text)} is not a CIDR.", "Write a network such as `10.100.0.0/16` or `fd00:10::/108`.");
        }

        if (text.AsSpan().ContainsAny(',', ' '))
        {
            return new ValueProblem($"{Quoted.Text(text)} is more than one CIDR.", "Write one network, such as `10.100.0.0/16`.");
        }

        if (!IpLiteral.Parse(text[..slash]).TryGet(out var address, out _))
        {
            return new ValueProblem(
                $"{Quoted.Text(text)} is not a CIDR: what stands before the slash is not an IP address.",
                "Write a network such as `10.100.0.0/16` or `fd00:10::/108`.");
        }

        var longest = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var digits = text.AsSpan(slash + 1);
        if (digits.Length is 0 or > 3
            || (digits.Length > 1 && digits[0] == '0')
            || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length > longest)
        {
            return new ValueProblem(
                $"{Quoted.Text(text)} is not a CIDR: the prefix length must be a number from 0 to {longest}.",
                $"Write the network with its own length, such as `{address}/{(longest == 32 ? 16 : 108)}`.");
        }

        return new Cidr(Mask(address, length), length, address);
    }

    private static IPAddress Mask(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var bits = Math.Clamp(length - (i * 8), 0, 8);
            bytes[i] = (byte)(bytes[i] & (0xff << (8 - bits)));
        }

        return new IPAddress(bytes);
    }
}
