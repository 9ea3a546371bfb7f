using System.Text;
using EksNode.Configuration.Text;
using EksNode.Planning.Image;
using EksNode.Planning.Plans;
using static EksNode.Planning.Tests.Image.ImagePlannerTests;

namespace EksNode.Planning.Tests.Image;

/// <summary><c>spec.bake</c>: what a join would write is in the image instead.</summary>
public sealed class BakeTests
{
    private const string Containerd = "file:/etc/containerd/config.toml";
    private const string Registries = "registries: {docker.io: {mirrors: [{url: \"https://mirror.example.com\"}]}, quay.io: {mirrors: [{url: \"https://mirror.example.com\"}]}}";

    [Fact]
    public void R15_Nothing_is_baked_that_is_not_named_and_the_plan_says_what_could_be()
    {
        var image = Planned($"node: {{{Registries}}}", out var bag);
        Assert.Empty(bag.Items);
        Assert.Empty(image.Baked);
        Assert.Equal(
            [
                "file:/etc/containerd/base-runtime-spec.json", Containerd, "file:/etc/containerd/certs.d/docker.io/hosts.toml", "file:/etc/containerd/certs.d/quay.io/hosts.toml",
                "symlink:/etc/eks/image-credential-provider/ecr-credential-provider", "file:/etc/eks/image-credential-provider/config.json",
            ],
            image.Bakeable);
    }

    [Theory]
    [InlineData(Containerd, Containerd)]
    [InlineData("registries", "file:/etc/containerd/certs.d/docker.io/hosts.toml", "file:/etc/containerd/certs.d/quay.io/hosts.toml")]
    [InlineData("file:*/quay.io/*", "file:/etc/containerd/certs.d/quay.io/hosts.toml")]
    [InlineData("*/config.toml", Containerd)]
    [InlineData("kubelet", "symlink:/etc/eks/image-credential-provider/ecr-credential-provider", "file:/etc/eks/image-credential-provider/config.json")]
    public void R15_A_resource_is_named_by_its_id_a_pattern_or_its_part_of_a_node(string entry, params string[] ids)
    {
        var image = Planned($"bake: [\"{entry}\"]\n  node: {{{Registries}}}", out var bag);
        Assert.Empty(bag.Items);
        Assert.Equal(ids, image.Baked);
        Assert.All(ids, id => Assert.Equal(Phase.Image, image.Plan.Find(id)!.Phase));
        Assert.All(ids, id => Assert.Empty(image.Plan.Find(id)!.Restarts));
        Assert.Empty(image.Baked.Intersect(image.Bakeable));
        Assert.Equal(6, image.Baked.Length + image.Bakeable.Length);
    }

    [Fact]
    public void What_two_entries_name_is_baked_once() =>
        Assert.Equal(["file:/etc/containerd/base-runtime-spec.json", Containerd], Planned($"bake: [containerd, \"{Containerd}\"]", out _).Baked);

    [Fact]
    public void It_is_planned_for_the_programs_of_the_image()
    {
        var old = Planned($"kubernetes: \"1.33\"\n  components: {{containerd: {{version: 1.7.*}}}}\n  bake: [\"{Containerd}\"]", out _);
        Assert.Contains("version = 2\n", Text(old, "/etc/containerd/config.toml"), StringComparison.Ordinal);
        var gpu = Planned($"variant: nvidia\n  bake: [\"{Containerd}\"]", out _);
        Assert.Contains("version = 3\n", Text(gpu, "/etc/containerd/config.toml"), StringComparison.Ordinal);
        Assert.Contains("/usr/bin/nvidia-container-runtime", Text(gpu, "/etc/containerd/config.toml"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_cluster_decides_can_be_baked_when_the_image_says_the_cluster()
    {
        const string Id = "file:" + NodePaths.CertificateAuthority;
        var refused = Refused($"bake: [\"{Id}\"]");
        Assert.Equal(("EKN0648", "spec.bake"), (refused.Code, refused.Path));
        Assert.Contains("follows from cluster.certificateAuthority, which", refused.Message, StringComparison.Ordinal);
        Assert.Contains("`spec.node.cluster`", refused.Help, StringComparison.Ordinal);

        var encoded = Convert.ToBase64String(Encoding.ASCII.GetBytes(Samples.Authority));
        var image = Planned($"bake: [\"{Id}\"]\n  node: {{cluster: {{name: mine, certificateAuthority: {encoded}}}}}", out _);
        Assert.Equal(Samples.Authority, Text(image, NodePaths.CertificateAuthority));
    }

    [Theory]
    [InlineData("file:/etc/kubernetes/kubelet/config.json", "", "instance.type")]
    [InlineData("file:/etc/eks/kubelet/environment", "", "instance.privateDnsName")]
    [InlineData("kubeconfig", "", "instance.region")]
    [InlineData("file:/etc/systemd/system/kubelet.service.d/10-proxy.conf", "proxy: {https: \"http://proxy:3128\"}", "instance.vpcCidrs")]
    [InlineData(Containerd, "featureGates: {FastImagePull: true}", "host.cpuCount, host.memoryBytes")]
    [InlineData(Containerd, "containerd: {configFile: /etc/mine.toml}", "spec.containerd.configFile")]
    [InlineData("file:/etc/kubernetes/kubelet/config.json.d/40-nodeadm.conf", "kubelet: {configFile: /etc/mine.json}", "spec.kubelet.configFile")]
    [InlineData("file:/etc/soci-snapshotter-grpc/config.toml", "featureGates: {FastImagePull: true}", "host.cpuCount")]
    [InlineData("file:/run/systemd/resolved.conf.d/40-eks.conf", "instance: {network: {nameservers: [10.0.0.2]}}", "/run is empty after every boot")]
    [InlineData("sysctl:vm.max_map_count", "kernel: {sysctls: {vm.max_map_count: 99999}}", "only the running kernel")]
    public void R15_What_follows_from_an_instance_is_refused_with_the_facts(string entry, string node, string words)
    {
        var diagnostic = Refused($"bake: [\"{entry}\"]\n  node: {{{node}}}");
        Assert.Equal(("EKN0648", "spec.bake", Severity.Error), (diagnostic.Code, diagnostic.Path, diagnostic.Severity));
        Assert.Contains(words, diagnostic.Message, StringComparison.Ordinal);
        Assert.Equal(4, diagnostic.Origin!.Line);
    }

    [Theory]
    [InlineData("file:/etc/containerd/confg.toml", "`file:/etc/containerd/config.toml`")]
    [InlineData("registrie", "`registries`")]
    [InlineData("", "ends with what can be baked")]
    [InlineData("file:/var/none/*", "ends with what can be baked")]
    public void R15_What_nothing_plans_is_refused_with_what_was_meant(string entry, string words)
    {
        var diagnostic = Refused($"bake: [\"{entry}\"]");
        Assert.Equal(("EKN0647", "spec.bake"), (diagnostic.Code, diagnostic.Path));
        Assert.Contains(words, diagnostic.Help, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bake: [\"file:/etc/crictl.yaml\"]", "is in the image anyway")]
    [InlineData("bake: [\"file:/etc/own\"]\n  files: {/etc/own: {content: x}}", "is in the image anyway")]
    [InlineData("bake: [registries]", "plans nothing of it")]
    [InlineData("bake: [\"file:/etc/containerd/config.toml\"]\n  files: {/etc/containerd/config.toml: {content: x}}", "a file of its own there")]
    public void An_entry_without_an_effect_is_a_warning(string spec, string words)
    {
        var image = Planned(spec, out var bag);
        var diagnostic = Assert.Single(bag.Items);
        Assert.Equal(("EKN0649", Severity.Warning), (diagnostic.Code, diagnostic.Severity));
        Assert.Contains(words, diagnostic.Message, StringComparison.Ordinal);
        Assert.Empty(image.Baked);
    }

    [Fact]
    public void A_program_of_the_document_gives_credentials_in_the_place_of_eksnode()
    {
        var image = Planned("bake: [kubelet]\n  files: {/etc/eks/image-credential-provider/ecr-credential-provider: {content: x, mode: \"0755\"}}", out var bag);
        Assert.Empty(bag.Items);
        Assert.Equal(["file:/etc/eks/image-credential-provider/config.json"], image.Baked);
    }

    [Fact]
    public void A_mistake_in_the_configuration_of_the_node_is_said_once()
    {
        var diagnostic = Refused("bake: [containerd]\n  node: {kubelet: {config: {maxPods: lots}}}");
        Assert.Equal("spec.node.kubelet.config.maxPods", diagnostic.Path);
    }
}
