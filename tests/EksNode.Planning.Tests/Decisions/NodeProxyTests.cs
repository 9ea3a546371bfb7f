using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Decisions;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Tests.Decisions;

public sealed class NodeProxyTests
{
    private const string Host = "0123.gr7.us-west-2.eks.amazonaws.com";
    private const string Always = "127.0.0.1,localhost,::1,169.254.169.254,fd00:ec2::254";
    private const string Names = ".internal,.svc,.cluster.local";

    [Theory]
    [InlineData("10.100.0.0/16", "10.0.0.0/16", "10.0.3.4,10.0.4.5", $"{Always},10.0.0.0/16,10.100.0.0/16,{Names},{Host}")]
    [InlineData("10.100.0.0/16", "10.0.0.0/16", "10.0.3.4,52.1.2.3", $"{Always},10.0.0.0/16,10.100.0.0/16,{Names}")]
    [InlineData("10.100.0.0/16", "10.0.0.0/16", "52.1.2.3", $"{Always},10.0.0.0/16,10.100.0.0/16,{Names}")]
    [InlineData("10.100.0.0/16", "52.1.0.0/16", "52.1.2.3", $"{Always},52.1.0.0/16,10.100.0.0/16,{Names},{Host}")]
    [InlineData("10.100.0.0/16", "", "", $"{Always},10.100.0.0/16,{Names}")]
    [InlineData("fd12:3456::/108", "10.0.0.0/16,2001:db8:1::/56", "2001:db8:1::9,100.64.0.1", $"{Always},10.0.0.0/16,2001:db8:1::/56,fd12:3456::/108,{Names},{Host}")]
    [InlineData("fd12:3456::/108", "2001:db8:1::/56", "2001:db8:2::9", $"{Always},2001:db8:1::/56,fd12:3456::/108,{Names}")]
    [InlineData("10.100.0.0/16", "10.100.0.0/16", "fd00::9", $"{Always},10.100.0.0/16,{Names},{Host}")]
    public void The_list_follows_from_the_facts(string services, string vpc, string addresses, string expected)
    {
        var facts = new NodeFacts
        {
            Instance = new InstanceFacts { VpcCidrs = [.. vpc.Split(',', StringSplitOptions.RemoveEmptyEntries)] },
            Cluster = new ClusterFacts { EndpointAddresses = [.. addresses.Split(',', StringSplitOptions.RemoveEmptyEntries)] },
        };
        Assert.Equal(expected, List(Config(services, "https://" + Host), facts));
    }

    [Fact]
    public void The_users_entries_come_first_and_each_entry_comes_once()
    {
        var facts = new NodeFacts { Instance = new InstanceFacts { VpcCidrs = ["10.0.0.0/16"] } };
        Assert.Equal(
            $"LOCALHOST,10.0.0.0/16,.example.com,127.0.0.1,::1,169.254.169.254,fd00:ec2::254,10.100.0.0/16,{Names},10.9.8.7",
            List(Config("10.100.0.0/16", "https://10.9.8.7:6443", "LOCALHOST", "10.0.0.0/16", ".example.com"), facts));
    }

    [Fact]
    public void Without_a_proxy_there_are_no_variables() => Assert.Empty(NodeProxy.Variables(NodeConfig.Empty, new NodeFacts()));

    [Fact]
    public void The_facts_are_asked_for_only_with_a_proxy()
    {
        Assert.True(FactNeeds.Of(Config("10.100.0.0/16", "https://" + Host)) is { VpcCidrs: true, EndpointAddresses: true });
        Assert.True(FactNeeds.Of(NodeConfig.Empty) is { VpcCidrs: false, EndpointAddresses: false });
    }

    private static string List(NodeConfig config, NodeFacts facts)
    {
        var variables = NodeProxy.Variables(config, facts);
        Assert.Equal(["HTTPS_PROXY", "NO_PROXY"], variables.Select(v => v.Name));
        return variables[^1].Value.Reveal();
    }

    private static NodeConfig Config(string services, string endpoint, params string[] noProxy) => new()
    {
        Cluster = new ClusterSettings { Cidr = Value(services), ApiServerEndpoint = Value(endpoint) },
        Proxy = new ProxySettings { Https = Value(new Secret("http://proxy.example.com")), NoProxy = noProxy.Length == 0 ? null : Value(System.Collections.Immutable.ImmutableArray.Create(noProxy)) },
    };

    private static Sourced<T> Value<T>(T value) => new(value, Origin.Default("a test"));
}
