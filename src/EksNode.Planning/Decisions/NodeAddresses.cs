using System.Net.Sockets;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Decisions;

/// <summary>What follows from the address family of the service CIDR.</summary>
internal static class NodeAddresses
{
    /// <summary>The address family: that of the service CIDR.</summary>
    public static Sourced<IpFamily> Family(Sourced<ServiceNetwork> services) =>
        new(services.Value.Family, services.Origin.Because($"{services.Value} is {Name(services.Value.Family)}"));

    /// <summary>The address of the cluster's DNS service: the tenth of the service CIDR.</summary>
    public static Sourced<string> ClusterDns(Sourced<ServiceNetwork> services, DiagnosticBag diagnostics)
    {
        var address = services.Value.DnsAddress();
        if (!services.Value.Contains(address))
        {
            diagnostics.Report(
                DiagnosticCatalogue.ClusterDnsOutsideCidr,
                $"The cluster's DNS service has the address {address} by EKS's rule, and that is outside of {services.Value}.",
                "Check the service CIDR: it is what `aws eks describe-cluster` shows under `kubernetesNetworkConfig`.",
                services.Origin,
                "spec.cluster.cidr");
        }

        return new Sourced<string>(address, services.Origin.Because($"the tenth address of {services.Value}"));
    }

    /// <summary>The node's address, of the family of the service CIDR: the primary IPv4 address, or the first IPv6 address.</summary>
    public static Sourced<string>? NodeIp(Sourced<ServiceNetwork> services, NodeFacts facts, DiagnosticBag diagnostics)
    {
        var family = services.Value.Family;
        var fact = family == IpFamily.Ipv4 ? "instance.localIpv4" : "instance.ipv6";
        var text = family == IpFamily.Ipv4 ? facts.Instance.LocalIpv4?.Trim() : FirstLine(facts);
        if (facts.Required(fact, text, $"the service CIDR {services.Value} is {Name(family)}, and so must the node's address be", diagnostics) is not { } address)
        {
            return null;
        }

        if (IpLiteral.Parse(address.Value).TryGet(out var parsed, out _) && parsed.AddressFamily == Sockets(family))
        {
            return address with { Origin = facts.OriginOf(fact, $"services are {Name(family)}, from {facts.SourceOf(fact)}") };
        }

        diagnostics.Report(
            DiagnosticCatalogue.FactMalformed,
            $"`{address.Value}` is no {Name(family)} address.",
            $"Correct `{fact}` in the facts file.",
            address.Origin,
            fact);
        return null;
    }

    // IMDS answers with one address a line; a facts file that was made from its answer may hold several in one item.
    private static string? FirstLine(NodeFacts facts)
    {
        foreach (var item in facts.Instance.Ipv6)
        {
            foreach (var line in item.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                return line;
            }
        }

        return null;
    }

    private static string Name(IpFamily family) => family == IpFamily.Ipv4 ? "IPv4" : "IPv6";

    private static AddressFamily Sockets(IpFamily family) =>
        family == IpFamily.Ipv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
}
