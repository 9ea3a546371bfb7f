using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Tests.NodeConfigs;

public sealed class NodeConfigWriterTests
{
    private const string Full = """
        apiVersion: node.eks.aws/v1alpha1
        kind: NodeConfig
        metadata: {name: workers, labels: {team: a}}
        spec:
          cluster: {name: demo, apiServerEndpoint: "https://example.com", cidr: 10.100.0.0/16, enableOutpost: false, id: x-1}
          kubelet:
            config: {maxPods: 20, evictionHard: {memory.available: 1Gi}, registerWithTaints: [{key: a, effect: NoSchedule}]}
            flags: [--v=2, "--node-labels=a=b"]
            maxPodsExpression: max_pods - 1
          containerd:
            config: |
              version = 3
              [plugins.'io.containerd.cri.v1.images']
              max_concurrent_downloads = 7
            baseRuntimeSpec: {process: {rlimits: [{type: RLIMIT_NOFILE, soft: 1024, hard: 4096}]}}
          instance:
            localStorage: {strategy: RAID0, mountPath: /mnt/disks, disabledMounts: [Containerd, SOCI]}
            environment: {default: {A: "1"}, containerd: {B: two}}
            network: {nameservers: [10.0.0.2], domains: [example.com]}
          featureGates: {FastImagePull: true, InstanceIdNodeName: false}
        """;

    private const string FullOwn = """
        apiVersion: eksnode.io/v1alpha1
        kind: NodeConfig
        spec:
          proxy: {http: "http://a:b@proxy.example.com:3128", https: "http://proxy.example.com", noProxy: [.example.com]}
          registries:
            docker.io:
              server: https://registry-1.docker.io
              mirrors:
                - {url: "https://m.example.com", capabilities: [Pull, Resolve], overridePath: true, skipVerify: false, certificateAuthority: /ca, clientCertificate: /crt, clientKey: /key, headers: {A: b}}
          trust: {certificateAuthorities: [{name: root, file: /etc/root.pem}]}
          credentialProviders: [{name: p, matchImages: ["*.example.com"], env: [{name: A, value: b}]}]
          readiness: {wait: Ready, timeout: 1h}
          images: {prefetch: [registry.example.com/app]}
        """;

    [Theory]
    [InlineData(Full)]
    [InlineData("apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  cluster:\n    name: demo\n")]
    [InlineData("apiVersion: eksnode.io/v1alpha1\nkind: NodeConfig\n")]
    [InlineData("apiVersion: eksnode.io/v1alpha1\nkind: NodeConfig\nspec:\n  maxPods: 40\n  preset: ml\n  labels: {a/b: 'x-${instance.type}'}\n  taints: [{key: k, value: $${v, effect: NoExecute}, {key: l, effect: NoSchedule}]\n")]
    [InlineData("apiVersion: eksnode.io/v1alpha1\nkind: NodeConfig\nspec:\n  maxPods: {expression: 'min(max_pods, 110)', cap: None}\n")]
    [InlineData("apiVersion: eksnode.io/v1alpha1\nkind: NodeConfig\nspec:\n  maxPods: {prefixDelegation: true, customNetworking: false, securityGroupsForPods: true, reservedEnis: 1, maxEnis: 4, cap: 99}\n")]
    [InlineData(FullOwn)]
    public void What_is_written_reads_as_the_same_configuration(string text)
    {
        var written = Write(Read(text));
        Assert.Equal(written, Write(Read(written)));
    }

    [Fact]
    public void Every_setting_of_the_network_is_in_it()
    {
        var written = Write(Read(FullOwn));
        foreach (var part in new[]
        {
            "eksnode.io/v1alpha1", "a:b@proxy", "\"https\":\"http://proxy.example.com\"", "\"noProxy\":[\".example.com\"]", "registry-1", "\"capabilities\":[\"Pull\",\"Resolve\"]",
            "\"overridePath\":true", "\"skipVerify\":false", "\"certificateAuthority\":\"/ca\"", "\"clientCertificate\":\"/crt\"", "\"clientKey\":\"/key\"",
            "\"headers\":{\"A\":\"b\"}", "/etc/root.pem", "\"env\":[{\"name\":\"A\",\"value\":\"b\"}]", "\"wait\":\"Ready\"", "3600000000000ns", "registry.example.com/app",
        })
        {
            Assert.Contains(part, written, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_setting_is_in_it()
    {
        var written = Write(Read(Full));
        foreach (var part in new[]
        {
            "\"metadata\":{\"labels\":{\"team\":\"a\"},\"name\":\"workers\"}", "\"cidr\":\"10.100.0.0/16\"", "\"enableOutpost\":false", "\"id\":\"x-1\"",
            "\"maxPods\":20", "\"flags\":[\"--v=2\",\"--node-labels=a=b\"]", "\"maxPodsExpression\":\"max_pods - 1\"", "max_concurrent_downloads = 7",
            "\"soft\":1024", "\"strategy\":\"RAID0\"", "\"mountPath\":\"/mnt/disks\"", "\"disabledMounts\":[\"Containerd\",\"SOCI\"]",
            "\"environment\":{\"containerd\":{\"B\":\"two\"},\"default\":{\"A\":\"1\"}}", "\"nameservers\":[\"10.0.0.2\"]", "\"domains\":[\"example.com\"]",
            "\"featureGates\":{\"FastImagePull\":true,\"InstanceIdNodeName\":false}",
        })
        {
            Assert.Contains(part, written, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Sections_in_which_nothing_is_set_are_left_out_and_hooks_are_in_the_order_in_which_they_run()
    {
        var written = Write(Read("apiVersion: eksnode.io/v1alpha1\nkind: NodeConfig\nspec: {hooks: {postStart: [{command: [/c]}], preStart: [{command: [/b]}], preConfigure: [{command: [/a]}]}}\n"));
        Assert.Equal(
            """{"apiVersion":"eksnode.io/v1alpha1","kind":"NodeConfig","spec":{"hooks":{"preConfigure":[{"command":["/a"]}],"preStart":[{"command":["/b"]}],"postStart":[{"command":["/c"]}]}}}""",
            JsonWriter.Write(NodeConfigWriter.Document(Read(written)), indent: 0, sortKeys: false));
    }

    [Fact]
    public void A_dump_has_the_order_of_nodeadm() => Assert.StartsWith(
        """{"kind":"NodeConfig","apiVersion":"node.eks.aws/v1alpha1",""" + "\"",
        JsonWriter.Write(NodeConfigWriter.Dump(Read(Full)), indent: 0, sortKeys: false),
        StringComparison.Ordinal);

    [Fact]
    public void The_form_of_the_sources_does_not_matter()
    {
        const string json = """{"kind":"NodeConfig",   "apiVersion":"node.eks.aws/v1alpha1","spec":{"kubelet":{"config":{"b":  2,"a":1}}}}""";
        const string yaml = "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec: {kubelet: {config: {a: 1, b: 2}}}\n";
        Assert.Equal(Write(Read(yaml)), Write(Read(json)));
    }

    [Fact]
    public void A_certificate_authority_keeps_its_bytes()
    {
        var bytes = Encoding.UTF8.GetBytes("-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n");
        var config = new NodeConfig
        {
            Cluster = new ClusterSettings { CertificateAuthority = new Sourced<System.Collections.Immutable.ImmutableArray<byte>>([.. bytes], Origin.Default("test")) },
        };
        Assert.Contains(Convert.ToBase64String(bytes), Write(config), StringComparison.Ordinal);
    }

    private static string Write(NodeConfig config) => JsonWriter.Write(NodeConfigWriter.Document(config), indent: 0);

    private static NodeConfig Read(string text) =>
        ConfigurationReader.Read([new SourceContent("test", Encoding.UTF8.GetBytes(text), IsUserData: false)], new DiagnosticBag()).Configuration;
}
