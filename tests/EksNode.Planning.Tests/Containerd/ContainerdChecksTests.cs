using EksNode.Configuration.Text;

namespace EksNode.Planning.Tests.Containerd;

/// <summary>Mistakes in a user's containerd settings: what is said of them, and that they are written as asked.</summary>
public sealed class ContainerdChecksTests
{
    private const string Two = "plugins.'io.containerd.grpc.v1.cri'";
    private const string Runtime = "plugins.'io.containerd.cri.v1.runtime'";
    private const string Images = "plugins.'io.containerd.cri.v1.images'";

    [Theory]
    [InlineData("1.7.27", "1")]
    [InlineData("2.1.9", "1")]
    [InlineData("2.1.9", "0")]
    [InlineData("1.7.27", "4")]
    [InlineData("2.2.4", "4")]
    [InlineData("2.3.0", "5")]
    [InlineData("2.1.9", "'3'")]
    [InlineData("2.1.9", "3.0")]
    [InlineData("2.1.9", "[3]")]
    public void A_version_that_containerd_cannot_be_given_is_an_error(string containerd, string version)
    {
        var plan = ContainerdPlan.Of(containerd, $"oom_score = 1\nversion = {version}\n");

        var diagnostic = Assert.Single(plan.Diagnostics);
        Assert.Equal(("EKN0501", Severity.Error, "spec.containerd.config.version", 2, 11), (diagnostic.Code, diagnostic.Severity, diagnostic.Path, diagnostic.Origin?.Line, diagnostic.Origin?.Column));
        Assert.DoesNotContain(plan.Resources, r => r.Path == ContainerdPlan.Config);
    }

    [Fact]
    public void Schema_4_is_written_where_it_is_asked_for_and_read()
    {
        var plan = ContainerdPlan.Of("2.3.1", "version = 4\n[plugins.'io.containerd.server.v1.grpc']\nmax_recv_message_size = 5\n");

        Assert.Equal("4", plan.Value("version"));
        Assert.Equal("{address: \"/run/containerd/containerd.sock\", max_recv_message_size: 5}", plan.Value("plugins.'io.containerd.server.v1.grpc'"));
        Assert.Null(plan.Value("grpc"));
        Assert.Equal("\"/opt/cni/bin\"", plan.Value(Runtime + ".cni.bin_dir"));
        Assert.All(plan.Diagnostics, d => Assert.Equal(Severity.Info, d.Severity));
    }

    [Theory]
    [InlineData("1.7.27", "root = 5", "root", "a string")]
    [InlineData("2.1.9", "oom_score = '1'", "oom_score", "an integer")]
    [InlineData("2.1.9", "oom_score = 1.0", "oom_score", "an integer")]
    [InlineData("2.1.9", "imports = 'x'", "imports", "a list of strings")]
    [InlineData("2.1.9", "imports = [1]", "imports", "a list of strings")]
    [InlineData("2.1.9", "grpc = 5", "grpc", "a table")]
    [InlineData("2.1.9", "plugins = 5", "plugins", "a table")]
    [InlineData("2.1.9", "root.x = 5", "root", "a string")]
    [InlineData("2.1.9", Runtime + ".enable_selinux = 'true'", Runtime + ".enable_selinux", "a boolean")]
    [InlineData("2.1.9", Runtime + ".unset_seccomp_profile = 2026-01-01", Runtime + ".unset_seccomp_profile", "a string")]
    [InlineData("2.1.9", Runtime + ".containerd = []", Runtime + ".containerd", "a table")]
    [InlineData("2.1.9", Runtime + ".containerd.runtimes.x.pod_annotations = 'a'", Runtime + ".containerd.runtimes.x.pod_annotations", "a list of strings")]
    [InlineData("2.1.9", Two + ".enable_selinux = 'true'", Two + ".enable_selinux", "a boolean")]
    [InlineData("2.1.9", Two + ".cni.bin_dir = ['/a']", Two + ".cni.bin_dir", "a string")]
    [InlineData("1.7.27", "plugins.'io.containerd.gc.v1.scheduler'.pause_threshold = 0", "plugins.'io.containerd.gc.v1.scheduler'.pause_threshold", "a number with a fraction")]
    [InlineData("1.7.27", "plugins.'io.containerd.gc.v1.scheduler'.startup_delay = 5", "plugins.'io.containerd.gc.v1.scheduler'.startup_delay", "a duration")]
    [InlineData("2.1.9", "plugins.'io.containerd.gc.v1.scheduler'.startup_delay = '5'", "plugins.'io.containerd.gc.v1.scheduler'.startup_delay", "a duration")]
    [InlineData("2.1.9", "timeouts.x = 'soon'", "timeouts.x", "a duration")]
    [InlineData("2.1.9", Two + ".stream_idle_timeout = '4 hours'", Two + ".stream_idle_timeout", "a duration")]
    [InlineData("2.1.9", "plugins.'io.containerd.transfer.v1.local'.unpack_config = ['a']", "plugins.'io.containerd.transfer.v1.local'.unpack_config", "a list of tables")]
    public void A_wrong_type_is_a_predicted_refusal(string containerd, string toml, string path, string expected)
    {
        var plan = ContainerdPlan.Of(containerd, toml + "\n");

        var diagnostic = plan.Only(DiagnosticCatalogue.ContainerdTypeWrong);
        Assert.Equal((Severity.Warning, "spec.containerd.config." + path.Replace('\'', '"'), 1), (diagnostic.Severity, diagnostic.Path, diagnostic.Origin?.Line));
        Assert.Contains(expected, diagnostic.Message, StringComparison.Ordinal);
        Assert.Contains(plan.Resources, r => r.Path == ContainerdPlan.Config);
    }

    [Theory]
    [InlineData("plugins.'io.containerd.gc.v1.scheduler'.pause_threshold = 0")]
    [InlineData("plugins.'io.containerd.gc.v1.scheduler'.startup_delay = 5")]
    [InlineData("timeouts.x = '1h30m'")]
    [InlineData(Runtime + ".drain_exec_sync_io_timeout = ''")]
    public void Containerd_2_takes_more_types(string toml) => Assert.Empty(ContainerdPlan.Of("2.1.9", "version = 3\n" + toml).Diagnostics);

    [Theory]
    [InlineData("2.1.9", "oom_scor = 1", "oom_scor", "oom_score")]
    [InlineData("2.1.9", "grpc.adress = 'x'", "grpc.adress", "address")]
    [InlineData("2.1.9", Runtime + ".enable_sellinux = true", Runtime + ".enable_sellinux", "enable_selinux")]
    [InlineData("2.1.9", Two + ".enable_sellinux = true", Two + ".enable_sellinux", "enable_selinux")]
    [InlineData("1.7.27", Two + ".enable_sellinux = true", Two + ".enable_sellinux", "enable_selinux")]
    [InlineData("2.1.9", Two + ".containerd.runtimes.a.runtimetype = 'x'", Two + ".containerd.runtimes.a.runtimetype", "runtime_type")]
    [InlineData("2.1.9", Runtime + ".containerd.runtimes.a.base_spec = 'x'", Runtime + ".containerd.runtimes.a.base_spec", null)]
    [InlineData("2.1.9", "proxy_plugins.x = {type = 'snapshot', adress = 'y'}", "proxy_plugins.x.adress", "address")]
    [InlineData("2.1.9", "plugins.'io.containerd.cri.v1.image'.snapshotter = 'native'", "plugins.\"io.containerd.cri.v1.image\"", "io.containerd.cri.v1.images")]
    [InlineData("2.1.9", "plugins.cri.sandbox_image = 'x'", "plugins.cri", "io.containerd.grpc.v1.cri")]
    public void An_unknown_name_is_a_warning_with_a_suggestion(string containerd, string toml, string path, string? suggestion)
    {
        var plan = ContainerdPlan.Of(containerd, toml + "\n");

        var diagnostic = plan.Only(DiagnosticCatalogue.ContainerdSettingUnknown);
        Assert.Equal((Severity.Warning, "spec.containerd.config." + path.Replace('\'', '"'), 1), (diagnostic.Severity, diagnostic.Path, diagnostic.Origin?.Line));
        if (suggestion is not null)
        {
            Assert.Equal($"Did you mean `{suggestion}`?", diagnostic.Help);
        }

        Assert.Contains(plan.Resources, r => r.Path == ContainerdPlan.Config);
    }

    [Theory]
    [InlineData("proxy_plugins.anything = {type = 'snapshot', address = '/x', exports = {any = 'y'}}")]
    [InlineData("timeouts.'io.containerd.timeout.of.somebody' = '1s'")]
    [InlineData("stream_processors.'any.thing' = {path = 'x'}")]
    [InlineData(Runtime + ".containerd.runtimes.wasm.options.AnyThing = 5")]
    [InlineData(Images + ".registry.headers.X-Any = ['a']")]
    [InlineData(Images + ".registry = {config_path = '', mirrors = {'any.example.com' = {endpoint = ['https://a']}}}")]
    [InlineData(Images + ".pinned_images.any = 'x'")]
    [InlineData(Images + ".runtime_platforms.any = {platform = 'linux/amd64', snapshotter = 'native'}")]
    public void Where_any_name_is_allowed_none_is_questioned(string toml) => Assert.Empty(ContainerdPlan.Of("2.1.9", "version = 3\n" + toml).Diagnostics);

    [Theory]
    [InlineData("2.2.0", Runtime + ".enable_criu = false")]
    [InlineData("2.4.1", Runtime + ".enable_sellinux = true")]
    [InlineData("3.0.0", "something_new = true")]
    [InlineData("2.1.9", "plugins.'com.example.snapshotter.v1.own'.a = 1")]
    public void A_name_that_may_be_newer_than_the_table_or_of_somebody_else_is_information(string containerd, string toml) =>
        Assert.Equal(Severity.Info, ContainerdPlan.Of(containerd, "version = 3\n" + toml).Only(DiagnosticCatalogue.ContainerdSettingUnknown).Severity);

    [Theory]
    [InlineData("1.7.27", Two + ".registry.mirrors.'docker.io'.endpoint = ['https://m']", Two + ".registry.mirrors")]
    [InlineData("2.1.9", Two + ".registry.mirrors.'docker.io'.endpoint = ['https://m']", Images + ".registry.mirrors")]
    [InlineData("2.1.9", Images + ".registry.mirrors.'docker.io'.endpoint = ['https://m']", Images + ".registry.mirrors")]
    [InlineData("1.7.27", Two + ".registry.configs.r.tls.ca_file = '/x'", Two + ".registry.configs.r.tls")]
    [InlineData("1.7.27", Two + ".containerd.default_runtime_name = 'kata'", Two + ".containerd.default_runtime_name")]
    [InlineData("2.1.9", Runtime + ".containerd.default_runtime_name = 'kata'", Runtime + ".containerd.default_runtime_name")]
    [InlineData("1.7.27", Two + ".containerd.snapshotter = 'stargz'", Two + ".containerd.snapshotter")]
    [InlineData("2.1.9", Images + ".snapshotter = 'stargz'", Images + ".snapshotter")]
    [InlineData("2.1.9", Runtime + ".cni = {bin_dir = '/a', bin_dirs = ['/b']}", Runtime + ".cni.bin_dir")]
    [InlineData("2.1.9", "disabled_plugins = ['zfs']", "disabled_plugins")]
    [InlineData("1.7.27", "required_plugins = ['cri']", "required_plugins")]
    [InlineData("2.1.9", "proxy_plugins.x.address = '/x'", "proxy_plugins.x")]
    [InlineData("1.7.27", "plugins.cri.sandbox_image = 'x'", "plugins.cri")]
    public void Settings_that_containerd_refuses_together_are_named(string containerd, string toml, string path)
    {
        var plan = ContainerdPlan.Of(containerd, toml + "\n");

        var diagnostic = plan.Only(DiagnosticCatalogue.ContainerdSettingsContradict);
        Assert.Equal((Severity.Warning, "spec.containerd.config." + path.Replace('\'', '"'), 1), (diagnostic.Severity, diagnostic.Path, diagnostic.Origin?.Line));
        Assert.Contains(plan.Resources, r => r.Path == ContainerdPlan.Config);
    }

    [Theory]
    [InlineData("1.7.27", Two + ".registry = {config_path = '', mirrors = {'docker.io' = {endpoint = ['https://m']}}}", false)]
    [InlineData("2.1.9", Runtime + ".containerd = {default_runtime_name = 'kata', runtimes = {kata = {runtime_type = 'io.containerd.kata.v2'}}}", false)]
    [InlineData("2.1.9", Runtime + ".containerd.default_runtime_name = 'runc'", true)]
    [InlineData("2.1.9", Images + ".snapshotter = 'stargz'\nproxy_plugins.stargz = {type = 'snapshot', address = '/x'}", false)]
    [InlineData("2.1.9", Images + ".snapshotter = 'stargz'\nimports = ['/etc/containerd/conf.d/*.toml']", false)]
    [InlineData("2.1.9", Images + ".snapshotter = 'devmapper'", false)]
    [InlineData("2.1.9", Images + ".registry.configs.r.auth.username = 'x'", false)]
    public void Settings_that_go_together_are_not_questioned(string containerd, string toml, bool nvidia) =>
        Assert.DoesNotContain(ContainerdPlan.Of(containerd, toml + "\n", nvidia: nvidia).Diagnostics, d => d.Severity != Severity.Info);

    [Fact]
    public void On_an_nvidia_node_containerd_1_has_no_runc_to_be_the_default() =>
        Assert.Contains(
            "default_runtime_name",
            ContainerdPlan.Of("1.7.27", Two + ".containerd.default_runtime_name = 'runc'\n", nvidia: true).Only(DiagnosticCatalogue.ContainerdSettingsContradict).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("disabled_plugins = ['io.containerd.grpc.v1.cri']", "disabled_plugins")]
    [InlineData("disabled_plugins = ['io.containerd.cri.v1.images']", "disabled_plugins")]
    [InlineData("grpc.address = '/run/other.sock'", "grpc.address")]
    public void What_hides_containerd_from_the_kubelet_is_named(string toml, string path) =>
        Assert.Equal("spec.containerd.config." + path, ContainerdPlan.Of("2.1.9", toml + "\n").Only(DiagnosticCatalogue.ContainerdOutOfReach).Path);

    [Fact]
    public void A_users_value_wins_over_the_template()
    {
        var plan = ContainerdPlan.Of(
            "2.1.9",
            """
            [plugins.'io.containerd.cri.v1.images']
            discard_unpacked_layers = false
            [plugins.'io.containerd.cri.v1.images'.registry]
            config_path = '/own'
            [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
            SystemdCgroup = false
            """);

        Assert.Empty(plan.Diagnostics);
        Assert.Equal("false", plan.Value(Images + ".discard_unpacked_layers"));
        Assert.Equal("\"/own\"", plan.Value(Images + ".registry.config_path"));
        Assert.Equal("{BinaryName: \"/usr/sbin/runc\", SystemdCgroup: false}", plan.Value(Runtime + ".containerd.runtimes.runc.options"));
    }

    [Fact]
    public void An_empty_configuration_is_none() => Assert.Equal(ContainerdPlan.Of("2.1.9").Toml, ContainerdPlan.Of("2.1.9", "# nothing\n").Toml);
}
