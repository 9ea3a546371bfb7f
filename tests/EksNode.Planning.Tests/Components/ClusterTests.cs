using System.Text;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;
using static EksNode.Planning.Tests.Samples;

namespace EksNode.Planning.Tests.Components;

public sealed class ClusterTests
{
    private static NodeConfig OnOutpost(string endpoint = "https://my.outpost.example") => Config with
    {
        Cluster = Config.Cluster with { EnableOutpost = Given(true, 9), Id = Given("0f1e2d3c", 10), ApiServerEndpoint = Given(endpoint, 6) },
    };

    private static NodeFacts Resolved(params string[] addresses) => Machine with { Cluster = new ClusterFacts { EndpointAddresses = [.. addresses] } };

    [Fact]
    public void The_certificate_authority_is_written_byte_for_byte()
    {
        byte[] bytes = [0, 1, 0xff, (byte)'\r', (byte)'\n'];
        var (plan, _) = Planned(Config with { Cluster = Config.Cluster with { CertificateAuthority = Given<System.Collections.Immutable.ImmutableArray<byte>>([.. bytes]) } });
        Assert.Equal(bytes, plan.File("/etc/kubernetes/pki/ca.crt").Content);
        Assert.Equal(0x1A4, plan.File("/etc/kubernetes/pki/ca.crt").Mode);
    }

    [Fact]
    public void The_kubeconfig_authenticates_with_eksnode_token()
    {
        var (plan, _) = Planned();
        Assert.Equal(
            """
            ---
            apiVersion: v1
            kind: Config
            clusters:
              - name: kubernetes
                cluster:
                  certificate-authority: /etc/kubernetes/pki/ca.crt
                  server: https://0123456789ABCDEF.gr7.us-west-2.eks.amazonaws.com
            current-context: kubelet
            contexts:
              - name: kubelet
                context:
                  cluster: kubernetes
                  user: kubelet
            users:
              - name: kubelet
                user:
                  exec:
                    apiVersion: client.authentication.k8s.io/v1beta1
                    command: /usr/bin/eksnode
                    args:
                      - "token"
                      - "--cluster-name"
                      - "my-cluster"
                      - "--region"
                      - "us-west-2"

            """,
            plan.ContentOf(NodePaths.Kubeconfig));
        Assert.Equal(0x180, plan.File(NodePaths.Kubeconfig).Mode);
        Assert.Equal(["kubelet.service"], plan.File(NodePaths.Kubeconfig).Restarts);
    }

    [Fact]
    public void A_name_cannot_add_a_line_to_the_kubeconfig()
    {
        var text = FileText(NodePaths.Kubeconfig, Config with { Cluster = Config.Cluster with { Name = Given("a\"\nb: \\ü\u2028") } });
        Assert.Contains("- \"a\\\"\\u000ab: \\\\ü\\u2028\"\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void On_an_Outpost_the_bootstrap_kubeconfig_has_the_id_and_the_kubeconfig_is_the_kubelets()
    {
        var (plan, _) = Planned(OnOutpost(), Resolved("10.0.0.1"));
        Assert.Contains("- \"0f1e2d3c\"", plan.ContentOf(NodePaths.BootstrapKubeconfig), StringComparison.Ordinal);
        Assert.Null(plan.Find("file:" + NodePaths.Kubeconfig));
        Assert.IsType<ReleasedResource>(plan.Find("released:" + NodePaths.Kubeconfig));
    }

    [Theory]
    [InlineData("https://my.outpost.example", "my.outpost.example")]
    [InlineData("https://my.outpost.example:8443/path", "my.outpost.example")]
    public void On_an_Outpost_the_hosts_file_has_the_endpoints_host(string endpoint, string host)
    {
        var (plan, bag) = Planned(OnOutpost(endpoint), Resolved("10.0.0.2", "fd00::1", "10.0.0.1", "10.0.0.2"));
        var entry = Assert.IsType<HostsEntryResource>(plan.Find("hosts:" + host));
        Assert.Equal("/etc/hosts", entry.Path);
        Assert.Equal(["10.0.0.1", "10.0.0.2", "fd00::1"], entry.Addresses);
        Assert.Empty(bag.Items);
    }

    [Theory]
    [InlineData("https://10.0.0.1:443")]
    [InlineData("https://[fd00::1]:443")]
    public void An_endpoint_that_is_an_address_needs_no_entry(string endpoint)
    {
        var (plan, bag) = Planned(OnOutpost(endpoint));
        Assert.DoesNotContain(plan.Resources, r => r is HostsEntryResource);
        Assert.Contains($"server: {endpoint}\n", plan.ContentOf(NodePaths.BootstrapKubeconfig), StringComparison.Ordinal);
        Assert.Empty(bag.Items);
    }

    [Fact]
    public void When_DNS_fails_an_entry_stays_with_a_warning_that_says_why()
    {
        var (plan, bag) = Planned(OnOutpost(), Machine with { Cluster = new ClusterFacts { EndpointUnresolved = "SERVFAIL" } });
        Assert.Empty(Assert.IsType<HostsEntryResource>(plan.Find("hosts:my.outpost.example")).Addresses);
        var warning = bag.Only(DiagnosticCatalogue.EndpointUnresolved);
        Assert.Equal(Severity.Warning, warning.Severity);
        Assert.Contains("SERVFAIL", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_address_does_not_reach_the_hosts_file()
    {
        var (plan, bag) = Planned(OnOutpost(), Resolved("10.0.0.1", "1.2.3.4 evil\n5.6.7.8"));
        Assert.Equal(["10.0.0.1"], Assert.IsType<HostsEntryResource>(plan.Find("hosts:my.outpost.example")).Addresses);
        Assert.Equal(Severity.Error, bag.Only(DiagnosticCatalogue.FactMalformed).Severity);
    }

    [Fact]
    public void Elsewhere_there_is_no_hosts_entry() =>
        Assert.DoesNotContain(Planned(facts: Resolved("10.0.0.1")).Plan.Resources, r => r is HostsEntryResource or ReleasedResource { Path: NodePaths.Kubeconfig });
}
