using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Migration;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Tests.Migration;

/// <summary>Calls of AL2's bootstrap.sh as user data holds them.</summary>
public sealed class BootstrapConversionTests
{
    /// <summary>As managed node groups wrote it for AL2.</summary>
    private const string ManagedNodeGroup = """
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="//"

        --//
        Content-Type: text/x-shellscript; charset="us-ascii"
        #!/bin/bash
        set -ex
        B64_CLUSTER_CA=LS0tLS1C
        export API_SERVER_URL="https://ABC.gr7.us-west-2.eks.amazonaws.com"
        K8S_CLUSTER_DNS_IP=10.100.0.10
        # /etc/eks/bootstrap.sh is called below
        chmod +x /etc/eks/bootstrap.sh
        /etc/eks/bootstrap.sh my-cluster --kubelet-extra-args '--node-labels=a=b,c=d --max-pods=58' \
          --b64-cluster-ca $B64_CLUSTER_CA --apiserver-endpoint ${API_SERVER_URL} \
          --dns-cluster-ip $K8S_CLUSTER_DNS_IP --use-max-pods false || exit 1
        echo done

        --//--
        """;

    [Fact]
    public void User_data_of_a_managed_node_group_becomes_the_same_node()
    {
        var (yaml, diagnostics) = Script(ManagedNodeGroup);
        Assert.Equal(
            """
            apiVersion: node.eks.aws/v1alpha1
            kind: NodeConfig
            spec:
              cluster:
                name: my-cluster
                apiServerEndpoint: "https://ABC.gr7.us-west-2.eks.amazonaws.com"
                certificateAuthority: LS0tLS1C
              kubelet:
                config:
                  clusterDNS:
                  - "10.100.0.10"
                  maxPods: 58
                flags:
                - "--node-labels=a=b,c=d"

            """,
            yaml);
        var missing = Assert.Single(diagnostics);
        Assert.Equal((DiagnosticCatalogue.ClusterDetailMissing.Code, "ud:13:23"), (missing.Code, missing.Origin?.ToString()));
        Assert.Contains("spec.cluster.cidr", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encoded_user_data_is_decoded()
    {
        var (yaml, _) = Script(Convert.ToBase64String(Encoding.UTF8.GetBytes(ManagedNodeGroup)));
        Assert.Contains("name: my-cluster", yaml, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""/etc/eks/bootstrap.sh c --kubelet-extra-args "--node-labels=x=1 --register-with-taints='k=v:NoSchedule'" """, "--node-labels=x=1|--register-with-taints=k=v:NoSchedule")]
    [InlineData("""/etc/eks/bootstrap.sh c --kubelet-extra-args "--v 4 --fail-swap-on" """, "--v=4|--fail-swap-on")]
    [InlineData("/etc/eks/bootstrap.sh c --kubelet-extra-args '--eviction-hard=memory.available<5%,nodefs.available<10%'", "--eviction-hard=memory.available<5%,nodefs.available<10%")]
    [InlineData("/etc/eks/bootstrap.sh c --kubelet-extra-args '--node-labels=a=$b --x=#1'", "--node-labels=a=$b|--x=#1")]
    [InlineData("bash /etc/eks/bootstrap.sh c --kubelet-extra-args=nothing", null)]
    [InlineData("""LABELS=a=b; /etc/eks/bootstrap.sh c --kubelet-extra-args "--node-labels=$LABELS" """, "--node-labels=a=b")]
    [InlineData("  sudo '/etc/eks/bootstrap.sh' c --kubelet-extra-args --v=2 # --v=3", "--v=2")]
    [InlineData("/etc/eks/bootstrap.sh c --kubelet-extra-args '--v=2\n --w=3'", "--v=2|--w=3")]
    public void Kubelet_arguments_are_split_as_the_node_splits_them(string script, string? flags)
    {
        var (yaml, diagnostics) = Script(script);
        Assert.Equal(flags is null, yaml is null);
        if (yaml is null)
        {
            Assert.Contains(diagnostics, d => d.Code == DiagnosticCatalogue.BootstrapArgumentWrong.Code);
            return;
        }

        var read = ConfigurationReader.Read([new SourceContent("x", Encoding.UTF8.GetBytes(yaml), false)], new DiagnosticBag());
        Assert.Equal(flags!.Split('|'), read.Configuration.Kubelet.Flags.Select(f => f.Value));
    }

    [Theory]
    [InlineData("c --local-disks raid0", "strategy: RAID0")]
    [InlineData("c --local-disks raid10", "strategy: RAID10")]
    [InlineData("c --local-disks mount", "strategy: Mount")]
    [InlineData("c --ip-family ipv6 --service-ipv6-cidr fd00::/108", "cidr: \"fd00::/108\"")]
    [InlineData("c --enable-local-outpost true --cluster-id abc-1", "enableOutpost: true")]
    [InlineData("c --enable-local-outpost true --cluster-id abc-1", "id: abc-1")]
    [InlineData("c --dns-cluster-ip 172.20.0.10", "clusterDNS:")]
    [InlineData("c --use-max-pods false", "maxPods: 110")]
    [InlineData("c --use-max-pods false --kubelet-extra-args --max-pods=20", "maxPods: 20")]
    public void What_has_a_counterpart_is_there(string arguments, string line)
    {
        var (yaml, _) = Arguments(arguments.Split(' '));
        Assert.Contains(line, yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_written_that_was_not_asked_for()
    {
        var (yaml, diagnostics) = Arguments(["c", "--use-max-pods", "true", "--container-runtime", "containerd", "--ip-family", "ipv4", "--mount-bpf-fs", "true", "--enable-docker-bridge", "false"]);
        Assert.Equal("apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  cluster:\n    name: c\n", yaml);
        Assert.Equal(DiagnosticCatalogue.ClusterDetailMissing.Code, Assert.Single(diagnostics).Code);
    }

    [Theory]
    [InlineData("--container-runtime dockerd")]
    [InlineData("--docker-config-json {}")]
    [InlineData("--enable-docker-bridge true")]
    [InlineData("--containerd-config-file /etc/c.toml")]
    [InlineData("--pause-container-account 602401143452")]
    [InlineData("--pause-container-version 3.5")]
    [InlineData("--aws-api-retry-attempts 5")]
    [InlineData("--mount-bpf-fs false")]
    [InlineData("--ip-family ipv6")]
    [InlineData("--use-max-pods maybe")]
    [InlineData("--enable-local-outpost yes")]
    public void What_has_none_is_said_with_what_to_do(string argument)
    {
        var (yaml, diagnostics) = Arguments(["c", .. argument.Split(' ')]);
        Assert.NotNull(yaml);
        var dropped = Assert.Single(diagnostics, d => d.Code == DiagnosticCatalogue.BootstrapArgumentDropped.Code);
        Assert.StartsWith(argument.Split(' ')[0] + " ", dropped.Message, StringComparison.Ordinal);
        Assert.NotEmpty(dropped.Help);
    }

    [Theory]
    [InlineData("", "names no cluster")]
    [InlineData("c --frobnicate 1", "`--frobnicate`")]
    [InlineData("c --dns-cluster-ip", "has no value")]
    [InlineData("c d", "`d` stands where")]
    [InlineData("c --local-disks raid5", "`raid5`")]
    public void A_mistake_gives_no_NodeConfig(string arguments, string text)
    {
        var (yaml, diagnostics) = Arguments(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Null(yaml);
        Assert.Contains(diagnostics, d => d.Severity == Severity.Error && d.Message.Contains(text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("#!/bin/sh\necho hello\n")]
    [InlineData("sed -i s/a/b/ /etc/eks/bootstrap.sh\n")]
    [InlineData("/etc/eks/bootstrap.sh a\n/etc/eks/bootstrap.sh b\n")]
    [InlineData("/opt/my-bootstrap.sh a\n")]
    public void There_must_be_one_call(string script)
    {
        var (yaml, diagnostics) = Script(script);
        Assert.Null(yaml);
        Assert.Equal(DiagnosticCatalogue.NothingToConvert.Code, Assert.Single(diagnostics).Code);
    }

    [Theory]
    [InlineData("/etc/eks/bootstrap.sh ${ClusterName} --dns-cluster-ip 10.0.0.10", "${ClusterName}")]
    [InlineData("/etc/eks/bootstrap.sh c --apiserver-endpoint $(aws eks describe-cluster --query x)", "$(aws eks describe-cluster --query x)")]
    [InlineData("N=$(hostname)\n/etc/eks/bootstrap.sh c --kubelet-extra-args \"--node-labels=n=$N\"", "$N")]
    public void What_the_shell_computes_stays_and_is_said(string script, string expression)
    {
        var (yaml, diagnostics) = Script(script);
        Assert.Contains(expression, yaml, StringComparison.Ordinal);
        Assert.Contains(diagnostics, d => d.Code == DiagnosticCatalogue.ShellExpressionKept.Code && d.Message.Contains($"`{expression}`", StringComparison.Ordinal));
    }

    [Fact]
    public void The_version_is_the_one_that_is_asked_for()
    {
        var bag = new DiagnosticBag();
        Assert.StartsWith(
            "apiVersion: eksnode.io/v1alpha1\n",
            YamlWriter.Write(BootstrapConversion.OfArguments(["c"], ApiGroups.EksNodeV1Alpha1, bag)!),
            StringComparison.Ordinal);
    }

    /// <summary>Half a quote, a backslash at the end, an open brace: whatever is cut off ends.</summary>
    [Fact]
    public void Every_beginning_of_a_script_ends_in_a_result_or_a_diagnostic()
    {
        const string script = "A='x y'\n/etc/eks/bootstrap.sh c \\\n --kubelet-extra-args \"--a=\\\"1\\\" $A ${B:-`c`} $(d (e))\" --local-disks 'raid0'";
        for (var length = 0; length <= script.Length; length++)
        {
            var (yaml, diagnostics) = Script(script[..length]);
            Assert.True(yaml is not null || diagnostics.Count > 0, script[..length]);
        }
    }

    private static (string? Yaml, IReadOnlyList<Diagnostic> Diagnostics) Script(string script)
    {
        var bag = new DiagnosticBag();
        var map = BootstrapConversion.OfScript(Encoding.UTF8.GetBytes(script), "ud", ApiGroups.NodeEksV1Alpha1, bag);
        return (map is null ? null : YamlWriter.Write(map), bag.Items);
    }

    private static (string? Yaml, IReadOnlyList<Diagnostic> Diagnostics) Arguments(string[] arguments)
    {
        var bag = new DiagnosticBag();
        var map = BootstrapConversion.OfArguments(arguments, ApiGroups.NodeEksV1Alpha1, bag);
        return (map is null ? null : YamlWriter.Write(map), bag.Items);
    }
}
