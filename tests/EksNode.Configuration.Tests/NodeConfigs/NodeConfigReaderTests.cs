using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.Tests.NodeConfigs;

/// <summary>What valid documents become, and the rules of what counts as set.</summary>
public sealed class NodeConfigReaderTests
{
    public static TheoryData<string> Examples =>
        [.. Directory.GetFiles(TestFiles.Folder("NodeConfigs", "good")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Examples))]
    public void A_good_input_gives_no_diagnostic(string name)
    {
        var bag = new DiagnosticBag();
        var config = Load(name, bag);
        foreach (var version in (string?[])["1.33.4", "1.36.0", null])
        {
            Judge(config, version is null ? null : SemanticVersion.Find(version), bag);
        }

        Assert.Empty(bag.Items);
    }

    [Fact]
    public void Every_setting_of_a_complete_document_is_read_with_its_place()
    {
        var config = Load("complete.yaml", new DiagnosticBag());

        Assert.Equal("demo", config.Cluster.Name?.Value);
        Assert.Equal("user-data:9:11", config.Cluster.Name?.Origin.ToString());
        Assert.Equal("https://0123456789ABCDEF.gr7.us-west-2.eks.amazonaws.com", config.Cluster.ApiServerEndpoint?.Value);
        Assert.StartsWith("-----BEGIN CERTIFICATE-----", Encoding.ASCII.GetString(config.Cluster.CertificateAuthority!.Value.AsSpan()), StringComparison.Ordinal);
        Assert.Equal("10.100.0.0/16", config.Cluster.Cidr?.Value);
        Assert.True(config.Cluster.EnableOutpost?.Value);
        Assert.Equal("0f1e2d3c", config.Cluster.Id?.Value);
        Assert.Equal("x", (config.Metadata?["name"] as TreeScalar)?.Text);

        Assert.Equal("58", (config.Kubelet.Config?["maxPods"] as TreeScalar)?.Text);
        Assert.Equal(["--node-labels=team=a,example.com/b=c", "--v", "2"], config.Kubelet.Flags.Select(f => f.Value));
        Assert.Equal("max_pods > 110 ? 110 : max_pods", config.Kubelet.MaxPodsExpression?.Value);

        Assert.Equal("2", (config.Containerd.Config?["version"] as TreeScalar)?.Text);
        Assert.NotNull(config.Containerd.BaseRuntimeSpec?["process"]);

        var instance = config.Instance;
        Assert.Equal(LocalStorageStrategy.Raid10, instance.LocalStorage.Strategy?.Value);
        Assert.Equal("/mnt/fast", instance.LocalStorage.MountPath?.Value);
        Assert.Equal([DisabledMount.Containerd, DisabledMount.PodLogs, DisabledMount.Soci], instance.LocalStorage.DisabledMounts?.Value);
        Assert.Equal("ext4", instance.Volumes[0].Value.FileSystem);
        Assert.Equal("xfs", instance.Volumes[1].Value.FileSystem);
        Assert.Equal("/dev/xvdb", instance.Volumes[0].Value.Match.Device);
        Assert.Equal(["/var/lib/containerd", "/var/log/pods"], instance.Volumes[0].Value.MountTargets);
        Assert.Equal("", instance.Environment["default"]["EMPTY"].Value.Reveal());
        Assert.Equal("http://user:hunter2@proxy.example.com:3128", instance.Environment["default"]["HTTPS_PROXY"].Value.Reveal());
        Assert.Equal("a\nb", instance.Environment["kubelet"]["LINES"].Value.Reveal());
        Assert.Equal(["10.0.0.2", "fd00:ec2::253"], instance.Nameservers?.Value);
        Assert.Equal(["example.com", "~corp.example.com"], instance.Domains?.Value);
        Assert.True(config.Gate("InstanceIdNodeName"));
        Assert.False(config.Gate("FastImagePull"));
        Assert.False(config.FeatureGates["FastImagePull"].Value);
    }

    [Fact]
    public void Both_api_versions_have_the_same_settings()
    {
        var text = File.ReadAllText(TestFiles.Folder("NodeConfigs", "good", "complete.yaml"));
        var theirs = ConfigurationReader.Read([Content(text)], new DiagnosticBag()).Configuration;
        var bag = new DiagnosticBag();
        var ours = ConfigurationReader.Read([Content(text.Replace("node.eks.aws/v1alpha1", "eksnode.io/v1alpha1", StringComparison.Ordinal))], bag).Configuration;

        Assert.Empty(bag.Items);
        Assert.Equal(theirs.Cluster.Name, ours.Cluster.Name);
        Assert.Equal(theirs.Instance.LocalStorage.Strategy, ours.Instance.LocalStorage.Strategy);
        Assert.Equal(theirs.Kubelet.Flags, ours.Kubelet.Flags);
    }

    [Theory]
    [InlineData("spec:")]
    [InlineData("spec: {}")]
    [InlineData("spec: {cluster: , kubelet: null, containerd: ~, instance: , featureGates: }")]
    [InlineData("spec: {cluster: {name: '', apiServerEndpoint: '', certificateAuthority: '', cidr: '', id: '', enableOutpost: null}}")]
    [InlineData("spec: {kubelet: {flags: [], maxPodsExpression: '', config: null}, containerd: {config: '', baseRuntimeSpec: null}}")]
    [InlineData("spec: {instance: {localStorage: {strategy: '', mountPath: '', disabledMounts: []}, network: {nameservers: [], domains: []}}}")]
    [InlineData("spec: {instance: {environment: {default: , kubelet: {}}, storage: {volumes: []}}}")]
    public void What_is_empty_counts_as_not_set(string text)
    {
        var bag = new DiagnosticBag();
        var config = Read(text, bag);

        Assert.Empty(bag.Items);
        Assert.Equal(NodeConfig.Empty.Cluster, config.Cluster);
        Assert.Null(config.Kubelet.Config);
        Assert.Empty(config.Kubelet.Flags);
        Assert.Null(config.Kubelet.MaxPodsExpression);
        Assert.Null(config.Containerd.Config);
        Assert.Equal(NodeConfig.Empty.Instance.LocalStorage, config.Instance.LocalStorage);
        Assert.Empty(config.Instance.Environment);
        Assert.Null(config.Instance.Nameservers);
        Assert.Empty(config.FeatureGates);
    }

    [Fact]
    public void A_bad_value_is_left_out_and_the_rest_is_read()
    {
        var bag = new DiagnosticBag();
        var config = Read(
            """
            spec:
              cluster: {name: demo, cidr: nonsense}
              instance:
                network: {nameservers: [10.0.0.2, nonsense]}
                environment: {default: {GOOD: a, BAD-NAME: b, NUMBER: 1}}
              featureGates: {InstanceIdNodeName: true, FastImagePull: maybe}
            """,
            bag);

        Assert.Equal(5, bag.Items.Count);
        Assert.Equal("demo", config.Cluster.Name?.Value);
        Assert.Null(config.Cluster.Cidr);
        Assert.Equal(["10.0.0.2"], config.Instance.Nameservers?.Value);
        Assert.Equal(["GOOD"], config.Instance.Environment["default"].Keys);
        Assert.Equal(["InstanceIdNodeName"], config.FeatureGates.Keys);
    }

    [Fact]
    public void The_path_of_a_value_in_toml_is_its_place_in_the_user_data()
    {
        var config = Load("complete.yaml", new DiagnosticBag());
        var lines = File.ReadAllLines(TestFiles.Folder("NodeConfigs", "good", "complete.yaml"));
        var version = config.Containerd.Config?.Find("version");
        Assert.NotNull(version);
        Assert.StartsWith("version = 2", lines[version.KeyOrigin.Line - 1][(version.KeyOrigin.Column - 1)..], StringComparison.Ordinal);
    }

    [Fact]
    public void Any_value_in_the_place_of_any_other_is_read_and_judged_without_an_exception()
    {
        var complete = Assert.IsType<TreeMap>(
            YamlReader.Read(File.ReadAllText(TestFiles.Folder("NodeConfigs", "good", "complete.yaml")), "t", 0, new DiagnosticBag())[0]);
        var here = Origin.At("t", 1, 1);
        string[] texts =
        [
            "", "x", "=", "--", "--a", "--max-pods", "10.0.0.0/8", "https://", "30s", "-1s", "1Gi", "99999999999999999999999999999999", "5%", "%", "0-3",
            "/a", "..", "max_pods +", "LS0tLS1CRUdJTi", "a = ", "\u0000", "\ud800", "a\nb", "true",
        ];
        TreeNode[] others =
        [
            TreeScalar.Null(here), TreeScalar.Of(true, here), TreeScalar.Of(long.MinValue, here), new TreeScalar(ScalarKind.Float, "1e+999", here),
            new TreeScalar(ScalarKind.Integer, new string('9', 60), here), new TreeScalar(ScalarKind.DateTime, "2026-01-01", here),
            new TreeMap([], here), new TreeMap([new TreeEntry("", here, TreeScalar.Null(here))], here), new TreeList([], here),
            new TreeList([TreeScalar.Null(here), new TreeList([], here), new TreeMap([], here)], here),
            .. texts.Select(t => TreeScalar.Of(t, here)),
        ];

        var count = 0;
        foreach (var other in others)
        {
            foreach (var changed in Replaced(complete, other))
            {
                var bag = new DiagnosticBag();
                var config = NodeConfigReader.Read(Assert.IsType<TreeMap>(changed), bag);
                Judge(config, new SemanticVersion(1, 33, 0), bag);
                _ = NodeConfigSecrets.Of(config).Count();
                Assert.All(bag.Items, d => Assert.False(d.Origin is null && d.Code != DiagnosticCatalogue.MissingSetting.Code, d.ToString()));
                count++;
            }
        }

        Assert.True(count > 2_000, $"Only {count} documents were made.");
    }

    // The tree once for each of its nodes but the root, with that node replaced.
    private static IEnumerable<TreeNode> Replaced(TreeNode node, TreeNode other)
    {
        if (node is TreeMap map)
        {
            foreach (var entry in map.Entries)
            {
                foreach (var value in Replaced(entry.Value, other).Prepend(other))
                {
                    yield return map.With(entry.Key, value);
                }
            }
        }
        else if (node is TreeList list)
        {
            for (var i = 0; i < list.Items.Length; i++)
            {
                foreach (var value in Replaced(list.Items[i], other).Prepend(other))
                {
                    yield return new TreeList(list.Items.SetItem(i, value), list.Origin);
                }
            }
        }
    }

    private static NodeConfig Load(string name, DiagnosticBag bag) =>
        ConfigurationReader.Read([new SourceContent("user-data", File.ReadAllBytes(TestFiles.Folder("NodeConfigs", "good", name)), true)], bag).Configuration;

    private static SourceContent Content(string text) => new("user-data", Encoding.UTF8.GetBytes(text), IsUserData: true);

    private static NodeConfig Read(string text, DiagnosticBag bag) =>
        NodeConfigReader.Read(Assert.IsType<TreeMap>(YamlReader.Read(text, "t", 0, bag)[0]), bag);

    private static void Judge(NodeConfig config, SemanticVersion? version, DiagnosticBag bag)
    {
        NodeConfigRules.CheckRequired(config, bag, new KnownClusterDetails(true, true, true, true));
        NodeConfigRules.CheckUnused(config, bag);
        KubeletConfigRules.Check(config.Kubelet.Config ?? new TreeMap([], Origin.Default("empty")), version, bag);
        KubeletFlagRules.Check(config.Kubelet.Flags, version, bag);
    }
}
