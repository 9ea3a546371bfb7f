using System.Collections.Immutable;
using System.Net;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Decisions;

/// <summary>A variable of the environment that a proxy gives a program.</summary>
/// <param name="Name">Its name in upper case: <c>HTTPS_PROXY</c>. Programs read it in lower case, too.</param>
/// <param name="Value">Its value.</param>
/// <param name="Reasons">Each part of it, to be shown, and what decided it.</param>
public sealed record ProxyVariable(string Name, Secret Value, ImmutableArray<Sourced<string>> Reasons);

/// <summary>
/// The node's proxy and who is reached without it. What a node reaches by its own network never goes through a proxy: itself, the metadata
/// service, the VPC, the cluster's services, and the API server where its addresses are private.
/// </summary>
public static class NodeProxy
{
    // The link-local addresses of the instance metadata service: EC2 user guide, "Access instance metadata for an EC2 instance".
    private const string ImdsV4 = "169.254.169.254";
    private const string ImdsV6 = "fd00:ec2::254";

    /// <summary>The variables; none without a proxy. Facts that are not known yet add nothing.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="facts">The facts.</param>
    public static ImmutableArray<ProxyVariable> Variables(NodeConfig config, NodeFacts facts)
    {
        var proxy = config.Proxy;
        if (!proxy.IsSet)
        {
            return [];
        }

        var variables = new List<ProxyVariable>(3);
        Add("HTTP_PROXY", proxy.Http);
        Add("HTTPS_PROXY", proxy.Https);
        var exceptions = Exceptions(config, facts);
        var list = new string[exceptions.Length];
        for (var i = 0; i < list.Length; i++)
        {
            list[i] = exceptions[i].Value;
        }

        variables.Add(new ProxyVariable("NO_PROXY", new Secret(string.Join(',', list)), exceptions));
        return variables.ToImmutable();

        void Add(string name, Sourced<Secret>? url)
        {
            if (url is not null)
            {
                variables.Add(new ProxyVariable(name, url.Value, [new Sourced<string>(Shown(url.Value.Reveal()), url.Origin)]));
            }
        }
    }

    /// <summary>Who is reached without the proxy: the user's entries first, each entry once.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="facts">The facts.</param>
    public static ImmutableArray<Sourced<string>> Exceptions(NodeConfig config, NodeFacts facts)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var all = new List<Sourced<string>>();
        foreach (var entry in config.Proxy.NoProxy?.Value ?? [])
        {
            Add(entry, config.Proxy.NoProxy!.Origin);
        }

        var itself = Origin.Default("the node itself");
        Add("127.0.0.1", itself);
        Add("localhost", itself);
        Add("::1", itself);
        var imds = Origin.Default("the instance metadata service answers only the instance itself");
        Add(ImdsV4, imds);
        Add(ImdsV6, imds);
        var vpc = facts.OriginOf("instance.vpcCidrs", "the VPC is reached directly");
        foreach (var cidr in facts.Instance.VpcCidrs)
        {
            Add(cidr, vpc);
        }

        if (ServiceCidr(config, facts) is { } services)
        {
            Add(services.Value, services.Origin.Because("services are inside the cluster"));
        }

        Add(".internal", Origin.Default("private names of the VPC"));
        var names = Origin.Default("names inside the cluster");
        Add(".svc", names);
        Add(".cluster.local", names);
        if (PrivateEndpoint(config, facts) is { } host)
        {
            Add(host.Value, host.Origin);
        }

        return all.ToImmutable();

        void Add(string entry, Origin origin)
        {
            if (seen.Add(entry))
            {
                all.Add(new Sourced<string>(entry, origin));
            }
        }
    }

    private static string Shown(string url) => ProxyUrl.UserOf(url) is { Length: > 0 } user ? url.Replace(user + "@", Secret.Redacted + "@", StringComparison.Ordinal) : url;

    private static Sourced<string>? ServiceCidr(NodeConfig config, NodeFacts facts) =>
        config.Cluster.Cidr ?? (facts.Cluster.ServiceCidr is { Length: > 0 } cidr ? new Sourced<string>(cidr, facts.OriginOf("cluster.serviceCidr")) : null);

    // The API server's host when all addresses that DNS has for it are private: then the VPC leads to it, and a proxy outside does not. Of a
    // cluster with a public endpoint only, DNS has public addresses, and the kubelet reaches it through the proxy. A name that does not
    // resolve cannot be reached directly.
    private static Sourced<string>? PrivateEndpoint(NodeConfig config, NodeFacts facts)
    {
        var endpoint = config.Cluster.ApiServerEndpoint?.Value ?? facts.Cluster.Endpoint;
        if (endpoint is null || !ApiServerUrl.Parse(endpoint).TryGet(out var url, out _))
        {
            return null;
        }

        var addresses = IpLiteral.Parse(url.Host).IsValid ? [url.Host] : facts.Cluster.EndpointAddresses;
        foreach (var text in addresses)
        {
            if (!IpLiteral.Parse(text).TryGet(out var address, out _) || !IsPrivate(address, facts.Instance.VpcCidrs))
            {
                return null;
            }
        }

        return addresses.IsEmpty
            ? null
            : new Sourced<string>(url.Host, facts.OriginOf("cluster.endpointAddresses", "the API server's addresses are private: " + string.Join(", ", addresses)));
    }

    // Private by number (RFC 1918, RFC 6598, RFC 4193), or the VPC's, which may have public numbers of its own.
    private static bool IsPrivate(IPAddress address, ImmutableArray<string> vpc)
    {
        var bytes = address.GetAddressBytes();
        var isPrivate = bytes.Length == 4
            ? bytes[0] == 10 || (bytes[0] == 172 && (bytes[1] & 0xf0) == 16) || (bytes[0] == 192 && bytes[1] == 168) || (bytes[0] == 100 && (bytes[1] & 0xc0) == 64)
            : (bytes[0] & 0xfe) == 0xfc;
        foreach (var text in vpc)
        {
            isPrivate |= Cidr.Parse(text).TryGet(out var network, out _) && network.IsV6 == (bytes.Length == 16)
                && Cidr.Parse($"{address}/{network.PrefixLength}").TryGet(out var around, out _) && around.Network.Equals(network.Network);
        }

        return isPrivate;
    }
}
