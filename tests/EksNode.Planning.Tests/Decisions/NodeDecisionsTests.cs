using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Decisions;
using EksNode.Planning.Facts;
using static EksNode.Planning.Tests.Samples;

namespace EksNode.Planning.Tests.Decisions;

public sealed class NodeDecisionsTests
{
    private static NodeDecisions Decide(NodeConfig? config = null, NodeFacts? facts = null) => Decide(new DiagnosticBag(), config, facts);

    private static NodeDecisions Decide(DiagnosticBag bag, NodeConfig? config = null, NodeFacts? facts = null)
    {
        var decisions = NodeDecisions.Decide(config ?? Config, facts ?? Machine, bag);
        Assert.NotNull(decisions);
        return decisions;
    }

    [Fact]
    public void An_ordinary_node_is_decided_without_a_diagnostic()
    {
        var bag = new DiagnosticBag();
        Decide(bag);
        Assert.Empty(bag.Items);
    }

    [Fact]
    public void All_that_is_missing_is_reported_at_once()
    {
        var bag = new DiagnosticBag();
        Assert.Null(NodeDecisions.Decide(NodeConfig.Empty, new NodeFacts(), bag));
        Assert.Equal(
            [
                "image.kubeletVersion", "image.containerdVersion", "spec.cluster.name", "spec.cluster.apiServerEndpoint",
                "spec.cluster.certificateAuthority", "spec.cluster.cidr", "instance.privateDnsName", "instance.availabilityZone",
                "instance.id", "instance.region",
            ],
            bag.Items.Select(d => d.Path));
        Assert.All(bag.Items, d => Assert.Equal(Severity.Error, d.Severity));
    }

    [Theory]
    [InlineData("v1.33.4-eks-1234567", "1.33.4")]
    [InlineData("1.29.0", "1.29.0")]
    public void The_kubelets_version_is_read_without_prefix_and_suffix(string fact, string version) =>
        Assert.Equal(version, Decide(facts: WithKubelet(fact)).KubeletVersion.Value.ToString());

    [Fact]
    public void A_version_that_is_none_is_an_error_that_quotes_it()
    {
        var bag = new DiagnosticBag();
        Assert.Null(NodeDecisions.Decide(Config, WithKubelet("latest"), bag));
        Assert.Contains("`latest`", bag.Only(DiagnosticCatalogue.FactMalformed).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.35.2", "1.7.27", 0)]
    [InlineData("1.36.0", "1.7.27", 1)]
    [InlineData("1.36.0", "2.0.0", 0)]
    public void Containerd_1_is_too_old_since_Kubernetes_1_36(string kubelet, string containerd, int warnings)
    {
        var bag = new DiagnosticBag();
        Decide(bag, facts: Machine with { Image = new ImageFacts { KubeletVersion = kubelet, ContainerdVersion = containerd } });
        Assert.Equal(warnings, bag.Items.Count(d => d.Code == DiagnosticCatalogue.ContainerdTooOld.Code && d.Severity == Severity.Warning));
    }

    [Fact]
    public void What_the_configuration_leaves_out_EKS_tells()
    {
        var config = NodeConfig.Empty with { Cluster = new ClusterSettings { Name = Given("my-cluster") } };
        var facts = Machine with
        {
            Cluster = new ClusterFacts
            {
                Endpoint = "https://told.example",
                CertificateAuthority = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(Authority)),
                ServiceCidr = "172.20.0.0/16",
            },
        };

        var decisions = Decide(config, facts);

        Assert.Equal("https://told.example", decisions.ApiServerEndpoint.Value);
        Assert.Equal(OriginKind.Fact, decisions.ApiServerEndpoint.Origin.Kind);
        Assert.Equal(Authority, System.Text.Encoding.ASCII.GetString(decisions.CertificateAuthority.Value.AsSpan()));
        Assert.Equal("172.20.0.10", decisions.ClusterDns.Value);
    }

    [Fact]
    public void The_configuration_wins_over_what_EKS_tells()
    {
        var facts = Machine with { Cluster = new ClusterFacts { Endpoint = "https://told.example", ServiceCidr = "172.20.0.0/16" } };
        var decisions = Decide(facts: facts);
        Assert.Equal(Endpoint, decisions.ApiServerEndpoint.Value);
        Assert.Equal("10.100.0.10", decisions.ClusterDns.Value);
    }

    [Theory]
    [InlineData("cluster.endpoint")]
    [InlineData("cluster.certificateAuthority")]
    [InlineData("cluster.serviceCidr")]
    public void A_cluster_fact_that_is_no_such_thing_is_an_error_that_names_it(string fact)
    {
        var config = NodeConfig.Empty with { Cluster = new ClusterSettings { Name = Given("my-cluster") } };
        var good = new ClusterFacts
        {
            Endpoint = Endpoint,
            CertificateAuthority = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(Authority)),
            ServiceCidr = "172.20.0.0/16",
        };
        var bag = new DiagnosticBag();
        var facts = Machine with
        {
            Cluster = fact switch
            {
                "cluster.endpoint" => good with { Endpoint = "nonsense" },
                "cluster.certificateAuthority" => good with { CertificateAuthority = "bm9uc2Vuc2U=" },
                _ => good with { ServiceCidr = "nonsense" },
            },
        };

        Assert.Null(NodeDecisions.Decide(config, facts, bag));
        Assert.Equal(fact, Assert.Single(bag.Items).Path);
    }

    [Theory]
    [InlineData("10.100.0.0/16", "10.100.0.10")]
    [InlineData("172.20.0.0/16", "172.20.0.10")]
    [InlineData("fd00:10:96::/108", "fd00:10:96::a")]
    [InlineData("FD00:10:96::/108", "FD00:10:96::a")]
    [InlineData("fd00:10:96:0:0:0:0:0/108", "fd00:10:96::a")]
    [InlineData("fd12:3456:789a:1::/64", "fd12:3456:789a:1::a")]
    public void Cluster_DNS_is_the_tenth_address_of_the_service_CIDR(string cidr, string address)
    {
        var bag = new DiagnosticBag();
        var facts = Machine with { Instance = Machine.Instance with { Ipv6 = ["2600:1f13::5"] } };
        Assert.Equal(address, Decide(bag, Config with { Cluster = Config.Cluster with { Cidr = Given(cidr) } }, facts).ClusterDns.Value);
        Assert.Empty(bag.Items);
    }

    [Fact]
    public void A_CIDR_without_a_tenth_address_is_a_warning()
    {
        var bag = new DiagnosticBag();
        Assert.Equal("10.0.0.10", Decide(bag, Config with { Cluster = Config.Cluster with { Cidr = Given("10.0.0.128/25") } }).ClusterDns.Value);
        Assert.Equal(Severity.Warning, bag.Only(DiagnosticCatalogue.ClusterDnsOutsideCidr).Severity);
    }

    [Theory]
    [InlineData("2600:1f13::5", "2600:1f13::5")]
    [InlineData("2600:1f13::5\n2600:1f13::6", "2600:1f13::5")]
    public void The_node_of_an_IPv6_cluster_has_its_first_IPv6_address(string fact, string address)
    {
        var config = Config with { Cluster = Config.Cluster with { Cidr = Given("fd00:10:96::/108") } };
        var decisions = Decide(config, Machine with { Instance = Machine.Instance with { Ipv6 = [fact, "2600:1f13::7"] } });
        Assert.Equal(address, decisions.NodeIp.Value);
        Assert.Equal(IpFamily.Ipv6, decisions.IpFamily.Value);
    }

    [Fact]
    public void An_IPv6_cluster_needs_an_IPv6_address()
    {
        var bag = new DiagnosticBag();
        Assert.Null(NodeDecisions.Decide(Config with { Cluster = Config.Cluster with { Cidr = Given("fd00:10:96::/108") } }, Machine, bag));
        Assert.Equal("instance.ipv6", bag.Only(DiagnosticCatalogue.FactMissing).Path);
    }

    [Fact]
    public void A_node_address_that_is_none_is_an_error()
    {
        var bag = new DiagnosticBag();
        Assert.Null(NodeDecisions.Decide(Config, Machine with { Instance = Machine.Instance with { LocalIpv4 = "fe80::1" } }, bag));
        Assert.Equal("instance.localIpv4", bag.Only(DiagnosticCatalogue.FactMalformed).Path);
    }

    [Fact]
    public void The_nodes_name_is_the_private_DNS_name() =>
        Assert.Equal("ip-10-0-1-20.us-west-2.compute.internal", Decide().NodeName.Value);

    [Fact]
    public void With_its_gate_the_nodes_name_is_the_instance_id()
    {
        var facts = Machine with { Instance = Machine.Instance with { PrivateDnsName = null } };
        var decisions = Decide(WithGate("InstanceIdNodeName"), facts);
        Assert.Equal("i-0123456789abcdef0", decisions.NodeName.Value);
        Assert.Equal(30, decisions.NodeName.Origin.Line);
    }

    [Fact]
    public void Without_a_private_DNS_name_no_other_name_is_made_up()
    {
        var bag = new DiagnosticBag();
        Assert.Null(NodeDecisions.Decide(WithGate("InstanceIdNodeName", on: false), Machine with { Instance = Machine.Instance with { PrivateDnsName = "" } }, bag));
        Assert.Equal("instance.privateDnsName", bag.Only(DiagnosticCatalogue.FactMissing).Path);
    }

    [Fact]
    public void The_provider_id_has_zone_and_instance() =>
        Assert.Equal("aws:///us-west-2a/i-0123456789abcdef0", Decide().ProviderId.Value);

    [Theory]
    [InlineData(true, "nvidia", "/usr/bin/nvidia-container-runtime")]
    [InlineData(false, "runc", "/usr/sbin/runc")]
    [InlineData(null, "runc", "/usr/sbin/runc")]
    public void The_runtime_is_NVIDIAs_where_its_program_is(bool? installed, string name, string binary)
    {
        var runtime = Decide(facts: Machine with { Host = Machine.Host with { NvidiaContainerRuntime = installed } }).Runtime.Value;
        Assert.Equal(new RuntimeHandler(name, binary), runtime);
    }

    [Theory]
    [InlineData(null, false, null, false)]
    [InlineData(true, false, "my-id", true)]
    [InlineData(false, true, "my-id", false)]
    [InlineData(null, true, "my-id", true)]
    public void A_cluster_is_on_an_Outpost_when_the_configuration_or_else_EKS_says_so(bool? configured, bool told, string? id, bool expected)
    {
        var config = Config with { Cluster = Config.Cluster with { EnableOutpost = configured is { } set ? Given(set) : null } };
        var decisions = Decide(config, Machine with { Cluster = new ClusterFacts { OnOutpost = told, Id = id } });
        Assert.Equal(expected, decisions.OnOutpost.Value);
        Assert.Equal(expected ? "my-id" : "my-cluster", decisions.ClusterName.Value);
    }

    [Fact]
    public void On_an_Outpost_the_cluster_id_is_needed()
    {
        var bag = new DiagnosticBag();
        Assert.Null(NodeDecisions.Decide(Config with { Cluster = Config.Cluster with { EnableOutpost = Given(true) } }, Machine, bag));
        Assert.Equal("spec.cluster.id", bag.Only(DiagnosticCatalogue.MissingSetting).Path);
    }
}
