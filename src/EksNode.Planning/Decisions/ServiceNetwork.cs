using System.Net;
using EksNode.Configuration.Values;

namespace EksNode.Planning.Decisions;

/// <summary>The network of the cluster's services.</summary>
/// <param name="AddressText">The address before the slash, as it was written.</param>
/// <param name="Cidr">The network.</param>
internal sealed record ServiceNetwork(string AddressText, Cidr Cidr)
{
    // EKS gives the cluster's DNS service the tenth address of the service CIDR.
    private const int DnsOffset = 10;

    /// <summary>The address family.</summary>
    public IpFamily Family => Cidr.IsV6 ? IpFamily.Ipv6 : IpFamily.Ipv4;

    /// <summary>The address of the cluster's DNS service, as text.</summary>
    /// <remarks>
    /// IPv4: the address up to its last dot, with <c>.10</c>. IPv6: the address, which ends in <c>::</c>, with <c>a</c>; when it is
    /// written otherwise (<c>fd00:10:96:0:0:0:0:0</c>), the tenth address after the network's.
    /// </remarks>
    public string DnsAddress() => Family == IpFamily.Ipv4
        ? AddressText[..AddressText.LastIndexOf('.')] + ".10"
        : AddressText.EndsWith("::", StringComparison.Ordinal) ? AddressText + "a" : After(Cidr.Network, DnsOffset).ToString();

    /// <summary>Whether the text is an address of the network.</summary>
    public bool Contains(string address) =>
        IpLiteral.Parse(address).TryGet(out var parsed, out _)
        && Cidr.Parse($"{parsed}/{Cidr.PrefixLength}").TryGet(out var network, out _)
        && network.Network.Equals(Cidr.Network);

    /// <inheritdoc/>
    public override string ToString() => $"{AddressText}/{Cidr.PrefixLength}";

    private static IPAddress After(IPAddress address, int offset)
    {
        var bytes = address.GetAddressBytes();
        var carry = offset;
        for (var i = bytes.Length - 1; i >= 0 && carry > 0; i--)
        {
            carry += bytes[i];
            bytes[i] = (byte)carry;
            carry >>= 8;
        }

        return new IPAddress(bytes);
    }
}
