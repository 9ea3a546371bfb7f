using System.Text.Json;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;
using static EksNode.Planning.Tests.Samples;

namespace EksNode.Planning.Tests.Components;

public sealed class KubeletTests
{
    private static List<string> Arguments(NodeConfig? config = null, NodeFacts? facts = null) =>
        SystemdReader.Words(SystemdReader.EnvironmentFile(FileText(NodePaths.KubeletEnvironment, config, facts))["NODEADM_KUBELET_ARGS"]);

    private static JsonElement Json(string path, NodeConfig? config = null, NodeFacts? facts = null) =>
        JsonDocument.Parse(FileText(path, config, facts)).RootElement;

    [Theory]
    [InlineData("1.29.0", false, false, false)]
    [InlineData("1.32.9", false, false, false)]
    [InlineData("1.33.0", true, false, false)]
    [InlineData("1.34.0", true, true, true)]
    [InlineData("1.36.1", true, true, true)]
    public void Gates_and_graceful_shutdown_come_with_their_version(string version, bool resources, bool csi, bool shutdown)
    {
        var config = Json(NodePaths.KubeletConfig, facts: WithKubelet(version));
        var gates = config.GetProperty("featureGates");
        Assert.True(gates.GetProperty("RotateKubeletServerCertificate").GetBoolean());
        Assert.Equal(resources, gates.TryGetProperty("DynamicResourceAllocation", out _));
        Assert.Equal(csi, gates.TryGetProperty("MutableCSINodeAllocatableCount", out _));
        Assert.Equal(shutdown, config.TryGetProperty("shutdownGracePeriod", out var period) && period.GetString() == "2m30s");
        Assert.Equal(shutdown, config.TryGetProperty("shutdownGracePeriodCriticalPods", out period) && period.GetString() == "30s");
    }

    [Fact]
    public void The_configuration_carries_what_was_decided()
    {
        var config = Json(NodePaths.KubeletConfig);
        Assert.Equal("10.100.0.10", Assert.Single(config.GetProperty("clusterDNS").EnumerateArray()).GetString());
        Assert.Equal(29, config.GetProperty("maxPods").GetInt32());
        Assert.Equal("70m", config.GetProperty("kubeReserved").GetProperty("cpu").GetString());
        Assert.Equal("574Mi", config.GetProperty("kubeReserved").GetProperty("memory").GetString());
        Assert.Equal("1Gi", config.GetProperty("kubeReserved").GetProperty("ephemeral-storage").GetString());
        Assert.Equal("aws:///us-west-2a/i-0123456789abcdef0", config.GetProperty("providerID").GetString());
        Assert.False(config.TryGetProperty("imageServiceEndpoint", out _));
    }

    [Fact]
    public void Images_come_from_the_SOCI_snapshotter_with_fast_image_pull()
    {
        var facts = Machine with { Host = Machine.Host with { CpuCount = 8, MemoryBytes = 32L << 30 } };
        Assert.Equal(
            "unix:///run/soci-snapshotter-grpc/soci-snapshotter-grpc.sock",
            Json(NodePaths.KubeletConfig, WithGate("FastImagePull"), facts).GetProperty("imageServiceEndpoint").GetString());
    }

    [Fact]
    public void Every_value_of_the_configuration_has_a_reason()
    {
        var file = Planned().Plan.File(NodePaths.KubeletConfig);
        Assert.Equal("29", Assert.Single(file.Reasons, r => r.Setting == "kubelet.maxPods").Value);
        Assert.Equal(Leaves("kubelet", Json(NodePaths.KubeletConfig)).Order(), file.Reasons.Select(r => r.Setting).Order());
        Assert.All(file.Reasons, r => Assert.False(string.IsNullOrEmpty(r.Origin.Note)));
    }

    private static IEnumerable<string> Leaves(string prefix, JsonElement element) => element.ValueKind == JsonValueKind.Object
        ? element.EnumerateObject().SelectMany(p => Leaves(prefix + "." + p.Name, p.Value))
        : [prefix];

    [Theory]
    [InlineData(null, 0x1A4)]
    [InlineData("cis-l1", 0x180)]
    [InlineData("stig", 0x180)]
    public void The_generated_configuration_is_readable_but_under_a_hardening_profile(string? profile, int mode) =>
        Assert.Equal(mode, Planned(facts: Machine with { Image = Machine.Image with { Profile = profile } }).Plan.File(NodePaths.KubeletConfig).Mode);

    [Fact]
    public void The_users_configuration_is_a_drop_in_with_sorted_keys_that_names_its_kind()
    {
        var (plan, _) = Planned(WithKubeletConfig(("maxPods", Number(29)), ("evictionSoft", Map(("b", Text("2")), ("a", Text("")))), ("cgroupRoot", Text(""))));
        var file = plan.File(NodePaths.KubeletUserConfig);
        Assert.Equal(
            """
            {
                "apiVersion": "kubelet.config.k8s.io/v1beta1",
                "cgroupRoot": "",
                "evictionSoft": {
                    "a": "",
                    "b": "2"
                },
                "kind": "KubeletConfiguration",
                "maxPods": 29
            }
            """,
            plan.ContentOf(NodePaths.KubeletUserConfig));
        Assert.True(file.Sensitive);
        Assert.Equal(0x180, file.Mode);
        Assert.Equal(["kubelet.service"], file.Restarts);
    }

    [Fact]
    public void The_users_kind_and_version_stay() =>
        Assert.Equal("v1", Json(NodePaths.KubeletUserConfig, WithKubeletConfig(("apiVersion", Text("v1")))).GetProperty("apiVersion").GetString());

    [Fact]
    public void A_value_that_the_kubelet_will_refuse_is_written_as_asked_with_a_warning()
    {
        var (plan, bag) = Planned(WithKubeletConfig(("maxPods", Text("many"))));
        Assert.Contains("\"many\"", plan.ContentOf(NodePaths.KubeletUserConfig), StringComparison.Ordinal);
        Assert.Equal(Severity.Warning, bag.Only(DiagnosticCatalogue.KubeletFieldType).Severity);
    }

    [Fact]
    public void Without_a_user_configuration_there_is_no_drop_in_and_no_folder_of_them()
    {
        Assert.Null(Planned(WithKubeletConfig()).Plan.Find("file:" + NodePaths.KubeletUserConfig));
        Assert.DoesNotContain(Arguments(WithKubeletConfig()), a => a.StartsWith("--config-dir", StringComparison.Ordinal));
        Assert.Contains("--config-dir=/etc/kubernetes/kubelet/config.json.d", Arguments(WithKubeletConfig(("maxPods", Number(5)))));
    }

    [Theory]
    [InlineData("1.29.4", true, true)]
    [InlineData("1.29.4", false, false)]
    [InlineData("1.30.0", true, false)]
    public void A_kubelet_before_1_30_is_told_to_read_drop_ins(string version, bool userConfig, bool told)
    {
        var text = FileText(NodePaths.KubeletEnvironment, userConfig ? WithKubeletConfig(("maxPods", Number(29))) : Config, WithKubelet(version));
        Assert.Equal(told, SystemdReader.EnvironmentFile(text).TryGetValue("KUBELET_CONFIG_DROPIN_DIR_ALPHA", out var on) && on == "on");
    }

    [Fact]
    public void The_arguments_have_a_fixed_order_and_the_users_come_last() =>
        Assert.Equal(
            [
                "--config=/etc/kubernetes/kubelet/config.json",
                "--kubeconfig=/var/lib/kubelet/kubeconfig",
                "--cloud-provider=external",
                "--hostname-override=ip-10-0-1-20.us-west-2.compute.internal",
                "--node-ip=10.0.1.20",
                "--image-credential-provider-bin-dir=/etc/eks/image-credential-provider",
                "--image-credential-provider-config=/etc/eks/image-credential-provider/config.json",
                "--runtime-cgroups=/runtime.slice/containerd.service",
                "--v=4",
                "--node-labels=a=b,c=d",
            ],
            Arguments(WithFlags("--v=4", "--node-labels=a=b,c=d")));

    [Theory]
    [InlineData("1.34.9", "10de", false)]
    [InlineData("1.35.0", "10de", true)]
    [InlineData("1.35.0", "1d0f", false)]
    public void A_node_with_an_NVIDIA_device_has_its_label_since_1_35(string version, string vendor, bool labelled)
    {
        var facts = WithKubelet(version) with { Host = Machine.Host with { PciDevices = [new PciDevice("0000:00:1e.0", vendor, "2237", "030200")] } };
        Assert.Equal(labelled, Arguments(facts: facts).Contains("--node-labels=nvidia.com/gpu.present=true"));
    }

    [Fact]
    public void On_an_Outpost_the_kubelet_makes_its_kubeconfig_from_a_bootstrap_kubeconfig()
    {
        var config = Config with { Cluster = Config.Cluster with { EnableOutpost = Given(true), Id = Given("an-id") } };
        var arguments = Arguments(config);
        Assert.Contains("--kubeconfig=/var/lib/kubelet/kubeconfig", arguments);
        Assert.Contains("--bootstrap-kubeconfig=/var/lib/kubelet/bootstrap-kubeconfig", arguments);
    }

    [Theory]
    [InlineData("1.31.9", false)]
    [InlineData("1.32.0", true)]
    public void The_dual_stack_public_registry_is_known_since_1_32(string version, bool known)
    {
        var (plan, _) = Planned(facts: WithKubelet(version));
        var provider = Assert.Single(JsonDocument.Parse(plan.ContentOf(NodePaths.ImageCredentialProviderConfig)).RootElement.GetProperty("providers").EnumerateArray());
        var images = provider.GetProperty("matchImages").EnumerateArray().Select(i => i.GetString()).ToList();
        Assert.Equal(known ? 13 : 12, images.Count);
        Assert.Equal(known, images.Contains("ecr-public.aws.com"));
        Assert.Equal("ecr-credential-provider", provider.GetProperty("name").GetString());
        Assert.Equal(0x180, plan.File(NodePaths.ImageCredentialProviderConfig).Mode);
    }
}
