using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Tests.Containerd;

/// <summary>The files without any user setting, for each containerd, kubelet and runtime.</summary>
public sealed class ContainerdFilesTests
{
    [Fact]
    public void R03_Containerd_2_gets_schema_3_with_what_differs_from_its_defaults()
    {
        Assert.Equal(
            """
            root = '/var/lib/containerd'
            state = '/run/containerd'
            version = 3

            [grpc]
            address = '/run/containerd/containerd.sock'

            [plugins]
            [plugins.'io.containerd.cri.v1.images']
            discard_unpacked_layers = true

            [plugins.'io.containerd.cri.v1.images'.pinned_images]
            sandbox = 'localhost/kubernetes/pause:latest'

            [plugins.'io.containerd.cri.v1.images'.registry]
            config_path = '/etc/containerd/certs.d:/etc/docker/certs.d'

            [plugins.'io.containerd.cri.v1.runtime']
            enable_cdi = true

            [plugins.'io.containerd.cri.v1.runtime'.cni]
            bin_dir = '/opt/cni/bin'
            conf_dir = '/etc/cni/net.d'

            [plugins.'io.containerd.cri.v1.runtime'.containerd]
            default_runtime_name = 'runc'

            [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes]
            [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
            base_runtime_spec = '/etc/containerd/base-runtime-spec.json'
            runtime_type = 'io.containerd.runc.v2'

            [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
            BinaryName = '/usr/sbin/runc'
            SystemdCgroup = true

            """,
            ContainerdPlan.Of("2.1.9").Toml);
    }

    [Fact]
    public void R03_Containerd_1_gets_schema_2_with_the_same_values()
    {
        Assert.Equal(
            """
            root = '/var/lib/containerd'
            state = '/run/containerd'
            version = 2

            [grpc]
            address = '/run/containerd/containerd.sock'

            [plugins]
            [plugins.'io.containerd.grpc.v1.cri']
            enable_cdi = true
            sandbox_image = 'localhost/kubernetes/pause:latest'

            [plugins.'io.containerd.grpc.v1.cri'.cni]
            bin_dir = '/opt/cni/bin'
            conf_dir = '/etc/cni/net.d'

            [plugins.'io.containerd.grpc.v1.cri'.containerd]
            default_runtime_name = 'runc'
            discard_unpacked_layers = true

            [plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes]
            [plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes.runc]
            base_runtime_spec = '/etc/containerd/base-runtime-spec.json'
            runtime_type = 'io.containerd.runc.v2'

            [plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes.runc.options]
            BinaryName = '/usr/sbin/runc'
            SystemdCgroup = true

            [plugins.'io.containerd.grpc.v1.cri'.registry]
            config_path = '/etc/containerd/certs.d:/etc/docker/certs.d'

            """,
            ContainerdPlan.Of("1.7.27").Toml);
    }

    [Theory]
    [InlineData("1.6.36", "2")]
    [InlineData("1.7.27", "2")]
    [InlineData("2.0.0", "3")]
    [InlineData("2.1.9", "3")]
    [InlineData("2.3.1", "3")]
    [InlineData("3.0.0", "3")]
    [InlineData("10.2.0", "3")]
    public void The_schema_follows_from_the_installed_containerd(string containerd, string schema) =>
        Assert.Equal(schema, ContainerdPlan.Of(containerd).Value("version"));

    [Theory]
    [InlineData("1.29.15", "false")]
    [InlineData("1.31.9", "false")]
    [InlineData("1.32.0", "true")]
    [InlineData("1.36.2", "true")]
    public void Cdi_is_on_from_kubernetes_1_32(string kubelet, string enabled)
    {
        Assert.Equal(enabled, ContainerdPlan.Of("2.1.9", kubelet: kubelet).Value("plugins.'io.containerd.cri.v1.runtime'.enable_cdi"));
        Assert.Equal(enabled, ContainerdPlan.Of("1.7.27", kubelet: kubelet).Value("plugins.'io.containerd.grpc.v1.cri'.enable_cdi"));
    }

    [Theory]
    [InlineData("2.1.9", "plugins.'io.containerd.cri.v1.runtime'.containerd")]
    [InlineData("1.7.27", "plugins.'io.containerd.grpc.v1.cri'.containerd")]
    public void The_nvidia_runtime_takes_the_place_of_runc(string containerd, string section)
    {
        var plan = ContainerdPlan.Of(containerd, nvidia: true);

        Assert.Equal("\"nvidia\"", plan.Value(section + ".default_runtime_name"));
        Assert.Equal("\"/usr/bin/nvidia-container-runtime\"", plan.Value(section + ".runtimes.nvidia.options.BinaryName"));
        Assert.Equal("true", plan.Value(section + ".runtimes.nvidia.options.SystemdCgroup"));
        Assert.Null(plan.Value(section + ".runtimes.runc"));
    }

    [Fact]
    public void Neuron_devices_change_nothing()
    {
        var facts = new NodeFacts
        {
            Instance = new InstanceFacts { Type = "inf2.xlarge" },
            Host = new HostFacts { PciDevices = [new PciDevice("0000:00:1f.0", "1d0f", "7264", "088000")], NvidiaContainerRuntime = false },
        };

        Assert.Equal(ContainerdPlan.Of("2.1.9").Toml, ContainerdPlan.Of("2.1.9", facts: facts).Toml);
    }

    // The environment of processes and hooks can hold a user's secret.
    [Fact]
    public void A_runtime_spec_with_a_users_part_is_for_root_alone()
    {
        var spec = ContainerdPlan.Of(spec: """{"process": {"env": ["API_TOKEN=x"]}}""").File(ContainerdPlan.RuntimeSpec);
        Assert.Equal((FileModes.Secret, true), (spec.Mode, spec.Sensitive));
    }

    [Fact]
    public void The_files_have_the_modes_order_and_restarts_that_a_node_needs()
    {
        var plan = ContainerdPlan.Of("2.1.9", fast: true);

        var config = plan.File(ContainerdPlan.Config);
        Assert.Equal("0600", Convert.ToString(config.Mode, 8).PadLeft(4, '0'));
        Assert.True(config.Sensitive);
        Assert.Equal(["containerd.service"], config.Restarts);
        Assert.Contains("file:" + ContainerdPlan.RuntimeSpec, config.DependsOn);
        Assert.All(config.DependsOn, id => Assert.Contains(plan.Resources, r => r.Id == id));

        var spec = plan.File(ContainerdPlan.RuntimeSpec);
        Assert.Equal("0644", Convert.ToString(spec.Mode, 8).PadLeft(4, '0'));
        Assert.False(spec.Sensitive);
        Assert.Equal(["containerd.service"], spec.Restarts);

        Assert.Equal(["soci-snapshotter.service"], plan.File("/etc/soci-snapshotter-grpc/config.toml").Restarts);
        Assert.Equal(["containerd.service"], plan.File("/etc/systemd/system/containerd.service.d/10-soci-snapshotter.conf").Restarts);
        Assert.All(plan.Resources, r => Assert.Equal(Phase.Boot, r.Phase));
    }

    [Fact]
    public void Fast_image_pull_configures_the_soci_snapshotter()
    {
        var plan = ContainerdPlan.Of("2.1.9", fast: true);

        Assert.Equal(
            """
            debug = false

            [content_store]
            type = 'containerd'

            [cri_keychain]
            enable_keychain = true
            image_service_path = '/run/containerd/containerd.sock'

            [pull_modes]
            [pull_modes.parallel_pull_unpack]
            concurrent_download_chunk_size = '16mb'
            discard_unpacked_layers = true
            enable = true
            max_concurrent_downloads = -1
            max_concurrent_downloads_per_image = 20
            max_concurrent_unpacks = -1
            max_concurrent_unpacks_per_image = 12

            [pull_modes.parallel_pull_unpack.decompress_streams]
            [pull_modes.parallel_pull_unpack.decompress_streams.gzip]
            args = ['-d', '-c']
            path = '/usr/bin/unpigz'

            """,
            plan.Text("/etc/soci-snapshotter-grpc/config.toml"));
        Assert.Equal(
            "[Unit]\nRequires=soci-snapshotter.service\nAfter=soci-snapshotter.service\n",
            plan.Text("/etc/systemd/system/containerd.service.d/10-soci-snapshotter.conf"));
    }

    [Theory]
    [InlineData("2.1.9", "plugins.'io.containerd.cri.v1.images'")]
    [InlineData("1.7.27", "plugins.'io.containerd.grpc.v1.cri'.containerd")]
    public void Fast_image_pull_makes_the_snapshotter_known_to_containerd(string containerd, string section)
    {
        var plan = ContainerdPlan.Of(containerd, fast: true);

        Assert.Equal("\"soci\"", plan.Value(section + ".snapshotter"));
        Assert.Equal("false", plan.Value(section + ".disable_snapshot_annotations"));
        Assert.Equal("true", plan.Value(section + ".discard_unpacked_layers"));
        Assert.Equal(
            "{address: \"/run/soci-snapshotter-grpc/soci-snapshotter-grpc.sock\", exports: {root: \"/var/lib/soci-snapshotter-grpc\"}, type: \"snapshot\"}",
            plan.Value("proxy_plugins.soci"));
        Assert.Null(ContainerdPlan.Of(containerd).Value("proxy_plugins"));
    }

    [Fact]
    public void Without_fast_image_pull_the_files_of_an_earlier_join_are_given_up() =>
        Assert.Equal(
            ["released:/etc/soci-snapshotter-grpc/config.toml", "released:/etc/systemd/system/containerd.service.d/10-soci-snapshotter.conf"],
            ContainerdPlan.Of("2.1.9").Resources.OfType<ReleasedResource>().Select(r => r.Id));

    [Theory]
    [InlineData("1.7.27")]
    [InlineData("2.1.9")]
    public void Every_value_has_its_reason(string containerd)
    {
        var plan = ContainerdPlan.Of(containerd, fast: true, toml: "[debug]\nlevel = 'debug'\n");
        var reasons = plan.File(ContainerdPlan.Config).Reasons;

        Assert.Equal(
            EksNode.Planning.Containerd.TreeLeaves.Of(plan.Tree).Select(l => "containerd." + EksNode.Planning.Containerd.TomlPath.Format(l.Path)).Order(),
            reasons.Select(r => r.Setting).Order());
        var level = Assert.Single(reasons, r => r.Setting == "containerd.debug.level");
        Assert.Equal(("debug", "user-data:2:9"), (level.Value, level.Origin.ToString()));
        var cdi = Assert.Single(reasons, r => r.Setting.EndsWith(".enable_cdi", StringComparison.Ordinal));
        Assert.Equal("fact image.kubeletVersion", cdi.Origin.ToString());
        Assert.NotNull(cdi.Origin.Note);
    }

    [Fact]
    public void A_setting_in_a_plugin_is_named_with_quotes() =>
        Assert.Contains(
            ContainerdPlan.Of("2.1.9").File(ContainerdPlan.Config).Reasons,
            r => r.Setting == "containerd.plugins.\"io.containerd.cri.v1.runtime\".enable_cdi");

    [Fact]
    public void Reasons_hold_no_credential()
    {
        const string toml =
            """
            version = 2
            [plugins."io.containerd.grpc.v1.cri".registry]
            config_path = ""
            [plugins."io.containerd.grpc.v1.cri".registry.configs."r.example.com".auth]
            username = "alice"
            password = "hunter2hunter2"
            auth = "YWxpY2U6aHVudGVyMg=="
            [plugins."io.containerd.grpc.v1.cri".registry.headers]
            X-Custom = ["c4n4ry-header"]
            [plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]
            endpoint = ["https://bob:c4n4ry-url@mirror.example.com"]
            [stream_processors.x]
            path = "p"
            env = ["MY_TOKEN=c4n4ry-env"]
            """;
        foreach (var containerd in (string[])["1.7.27", "2.1.9"])
        {
            var plan = ContainerdPlan.Of(containerd, toml);
            Assert.Contains("hunter2hunter2", plan.Toml, StringComparison.Ordinal);
            var shown = string.Join('\n', plan.File(ContainerdPlan.Config).Reasons.Select(r => $"{r.Setting}={r.Value} {r.Origin}"))
                + string.Join('\n', plan.Diagnostics.Select(d => d.Message + d.Help));
            Assert.All(
                (string[])["hunter2hunter2", "YWxpY2U6aHVudGVyMg", "c4n4ry", "alice"],
                secret => Assert.DoesNotContain(secret, shown, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_same_input_gives_the_same_bytes()
    {
        const string toml = "[debug]\nlevel = 'info'\n[timeouts]\n'b' = '1s'\n'a' = '2s'\n";
        Assert.Equal(
            ContainerdPlan.Of("2.1.9", toml, fast: true).Resources.OfType<FileResource>().Select(f => Convert.ToHexString(f.Content.AsSpan())),
            ContainerdPlan.Of("2.1.9", toml, fast: true).Resources.OfType<FileResource>().Select(f => Convert.ToHexString(f.Content.AsSpan())));
    }
}
