using CsCheck;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Planning.Containerd;

namespace EksNode.Planning.Tests.Containerd;

/// <summary>User settings of one schema where the installed containerd reads the other.</summary>
public sealed class ContainerdConversionTests
{
    private const string Cri = "plugins.'io.containerd.grpc.v1.cri'";
    private const string Images = "plugins.'io.containerd.cri.v1.images'";
    private const string Runtime = "plugins.'io.containerd.cri.v1.runtime'";

    /// <summary>A schema 2 path, its schema 3 path, and the value in either.</summary>
    public static TheoryData<string, string, string, string> Places => new()
    {
        { Cri + ".sandbox_image", Images + ".pinned_images.sandbox", "'x'", "'x'" },
        { Cri + ".max_concurrent_downloads", Images + ".max_concurrent_downloads", "7", "7" },
        { Cri + ".image_pull_progress_timeout", Images + ".image_pull_progress_timeout", "'1m'", "'1m'" },
        { Cri + ".image_pull_with_sync_fs", Images + ".image_pull_with_sync_fs", "true", "true" },
        { Cri + ".stats_collect_period", Images + ".stats_collect_period", "5", "5" },
        { Cri + ".image_decryption.key_model", Images + ".image_decryption.key_model", "''", "''" },
        { Cri + ".registry.config_path", Images + ".registry.config_path", "''", "''" },
        { Cri + ".registry.mirrors.'docker.io'.endpoint", Images + ".registry.mirrors.'docker.io'.endpoint", "['https://m']", "['https://m']" },
        { Cri + ".registry.configs.'r'.auth.username", Images + ".registry.configs.'r'.auth.username", "'u'", "'u'" },
        { Cri + ".registry.headers.'X-A'", Images + ".registry.headers.'X-A'", "['b']", "['b']" },
        { Cri + ".containerd.snapshotter", Images + ".snapshotter", "'native'", "'native'" },
        { Cri + ".containerd.disable_snapshot_annotations", Images + ".disable_snapshot_annotations", "false", "false" },
        { Cri + ".containerd.discard_unpacked_layers", Images + ".discard_unpacked_layers", "false", "false" },
        { Cri + ".containerd.default_runtime_name", Runtime + ".containerd.default_runtime_name", "'runc'", "'runc'" },
        { Cri + ".containerd.ignore_rdt_not_enabled_errors", Runtime + ".containerd.ignore_rdt_not_enabled_errors", "true", "true" },
        { Cri + ".containerd.runtimes.kata.runtime_type", Runtime + ".containerd.runtimes.kata.runtime_type", "'io.containerd.kata.v2'", "'io.containerd.kata.v2'" },
        { Cri + ".containerd.runtimes.kata.sandbox_mode", Runtime + ".containerd.runtimes.kata.sandboxer", "'shim'", "'shim'" },
        { Cri + ".containerd.runtimes.kata.snapshotter", Runtime + ".containerd.runtimes.kata.snapshotter", "'devmapper'", "'devmapper'" },
        { Cri + ".containerd.runtimes.kata.options.ConfigPath", Runtime + ".containerd.runtimes.kata.options.ConfigPath", "'/c'", "'/c'" },
        { Cri + ".cni.conf_dir", Runtime + ".cni.conf_dir", "'/c'", "'/c'" },
        { Cri + ".cni.bin_dir", Runtime + ".cni.bin_dirs", "'/b'", "['/b']" },
        { Cri + ".cni.max_conf_num", Runtime + ".cni.max_conf_num", "2", "2" },
        { Cri + ".enable_selinux", Runtime + ".enable_selinux", "true", "true" },
        { Cri + ".selinux_category_range", Runtime + ".selinux_category_range", "9", "9" },
        { Cri + ".max_container_log_line_size", Runtime + ".max_container_log_line_size", "-1", "-1" },
        { Cri + ".enable_cdi", Runtime + ".enable_cdi", "false", "false" },
        { Cri + ".cdi_spec_dirs", Runtime + ".cdi_spec_dirs", "['/etc/cdi']", "['/etc/cdi']" },
        { Cri + ".device_ownership_from_security_context", Runtime + ".device_ownership_from_security_context", "true", "true" },
        { Cri + ".enable_unprivileged_ports", Runtime + ".enable_unprivileged_ports", "true", "true" },
        { Cri + ".unset_seccomp_profile", Runtime + ".unset_seccomp_profile", "'p'", "'p'" },
        { Cri + ".drain_exec_sync_io_timeout", Runtime + ".drain_exec_sync_io_timeout", "'3s'", "'3s'" },
        { "plugins.'io.containerd.internal.v1.restart'.interval", "plugins.'io.containerd.monitor.container.v1.restart'.interval", "'20s'", "'20s'" },
        { "plugins.'io.containerd.monitor.v1.cgroups'.no_prometheus", "plugins.'io.containerd.monitor.task.v1.cgroups'.no_prometheus", "true", "true" },
        { "plugins.'io.containerd.runtime.v2.task'.sched_core", "plugins.'io.containerd.shim.v1.manager'.env", "true", "['SCHED_CORE=1']" },
    };

    /// <summary>Settings that both schemas have at the same place.</summary>
    public static TheoryData<string, string> SharedPlaces => new()
    {
        { "root", "'/data'" },
        { "oom_score", "-999" },
        { "imports", "['/etc/containerd/conf.d/*.toml']" },
        { "grpc.max_recv_message_size", "1" },
        { "debug.level", "'debug'" },
        { "metrics.address", "'127.0.0.1:1338'" },
        { "cgroup.path", "'/x'" },
        { "ttrpc.uid", "5" },
        { "timeouts.'io.containerd.timeout.shim.load'", "'9s'" },
        { "stream_processors.x.args", "['a']" },
        { "proxy_plugins.stargz", "{address = '/s', type = 'snapshot'}" },
        { Cri + ".stream_server_port", "'10010'" },
        { Cri + ".stream_server_address", "'0.0.0.0'" },
        { Cri + ".stream_idle_timeout", "'1h'" },
        { Cri + ".enable_tls_streaming", "true" },
        { Cri + ".disable_tcp_service", "false" },
        { Cri + ".x509_key_pair_streaming.tls_key_file", "'/k'" },
        { "plugins.'io.containerd.gc.v1.scheduler'.startup_delay", "'1s'" },
        { "plugins.'io.containerd.nri.v1.nri'.disable", "true" },
        { "plugins.'io.containerd.snapshotter.v1.overlayfs'.upperdir_label", "true" },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void A_schema_2_setting_stands_at_its_schema_3_place(string two, string three, string value2, string value3)
    {
        var plan = ContainerdPlan.Of("2.1.9", Set(two, value2));

        Assert.Equal(Literal(value3), plan.Value(three));
        Assert.Null(plan.Value(two));
        var diagnostic = Assert.Single(plan.Diagnostics, d => d.Code is "EKN0502" or "EKN0503" or "EKN0507" or "EKN0506");
        Assert.Equal(("EKN0502", Severity.Info), (diagnostic.Code, diagnostic.Severity));
        Assert.Equal("spec.containerd.config." + TomlPath.Format(TomlPath.Parse(two)), diagnostic.Path);
        Assert.Equal(1, diagnostic.Origin?.Line);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void A_schema_3_setting_stands_at_its_schema_2_place(string two, string three, string value2, string value3)
    {
        var plan = ContainerdPlan.Of("1.7.27", Set(three, value3));

        Assert.Equal(Literal(value2), plan.Value(two));
        Assert.Null(plan.Value(three));
        Assert.Equal("2", plan.Value("version"));
        var diagnostic = Assert.Single(plan.Diagnostics, d => d.Code is "EKN0502" or "EKN0504" or "EKN0507" or "EKN0506");
        Assert.Equal(("EKN0502", Severity.Info), (diagnostic.Code, diagnostic.Severity));
    }

    [Theory]
    [MemberData(nameof(SharedPlaces))]
    public void A_shared_setting_stays(string path, string value)
    {
        foreach (var (containerd, declared) in ((string, string)[])[("1.7.27", "3"), ("1.7.27", "2"), ("2.1.9", "2"), ("2.1.9", "3"), ("3.0.0", "3")])
        {
            var plan = ContainerdPlan.Of(containerd, $"version = {declared}\n{Set(path, value)}");

            Assert.Equal(Literal(value), plan.Value(path));
            Assert.DoesNotContain(plan.Diagnostics, d => d.Severity != Severity.Info || d.Code == "EKN0502");
        }
    }

    [Fact]
    public void A_converted_value_keeps_the_users_line_as_its_reason()
    {
        var plan = ContainerdPlan.Of("2.1.9", "version = 2\n\n[plugins.\"io.containerd.grpc.v1.cri\"]\n  sandbox_image = \"x\"\n");

        var reason = Assert.Single(plan.File(ContainerdPlan.Config).Reasons, r => r.Setting.EndsWith("pinned_images.sandbox", StringComparison.Ordinal));
        Assert.Equal(("x", "user-data:4:19"), (reason.Value, reason.Origin.ToString()));
        Assert.Equal("schema 2 has it at plugins.\"io.containerd.grpc.v1.cri\".sandbox_image", reason.Origin.Note);
    }

    [Theory]
    [InlineData(Cri + ".systemd_cgroup", "true", "SystemdCgroup")]
    [InlineData(Cri + ".disable_cgroup", "true", "always manages cgroups")]
    [InlineData(Cri + ".containerd.no_pivot", "true", "no longer has")]
    [InlineData(Cri + ".containerd.untrusted_workload_runtime.runtime_type", "'x'", "untrusted")]
    [InlineData(Cri + ".containerd.default_runtime.runtime_type", "'x'", "default_runtime_name")]
    [InlineData(Cri + ".containerd.runtimes.a.runtime_engine", "'x'", "BinaryName")]
    [InlineData(Cri + ".containerd.runtimes.a.runtime_root", "'x'", "Root")]
    [InlineData(Cri + ".registry.configs.'r'.tls.ca_file", "'x'", "hosts.toml")]
    [InlineData("plugins.'io.containerd.runtime.v1.linux'.shim", "'x'", "io.containerd.runc.v2")]
    [InlineData("plugins.'io.containerd.snapshotter.v1.aufs'.root_path", "'x'", "overlayfs")]
    [InlineData("plugin_dir", "'/x'", "proxy_plugins")]
    [InlineData("plugins.'io.containerd.runtime.v2.task'.sched_core", "'x'", "`true` or `false`")]
    public void A_setting_that_containerd_2_lost_is_left_out_with_a_warning(string path, string value, string help)
    {
        var plan = ContainerdPlan.Of("2.1.9", Set(path, value));

        var diagnostic = plan.Only(DiagnosticCatalogue.ContainerdSettingNotConverted);
        Assert.Equal((Severity.Warning, "spec.containerd.config." + TomlPath.Format(TomlPath.Parse(path)), 1), (diagnostic.Severity, diagnostic.Path, diagnostic.Origin?.Line));
        Assert.Contains(help, diagnostic.Help, StringComparison.Ordinal);
        Assert.Equal(ContainerdPlan.Of("2.1.9", "version = 2\n").Toml, plan.Toml);
    }

    [Theory]
    [InlineData(Cri + ".systemd_cgroup", "false")]
    [InlineData(Cri + ".containerd.no_pivot", "false")]
    [InlineData(Cri + ".containerd.runtimes.a.runtime_engine", "''")]
    [InlineData("plugin_dir", "''")]
    [InlineData("plugins.'io.containerd.runtime.v2.task'.sched_core", "false")]
    public void A_lost_setting_that_changes_nothing_needs_no_word(string path, string value) =>
        Assert.Empty(ContainerdPlan.Of("2.1.9", Set(path, value)).Diagnostics);

    [Theory]
    [InlineData(Images + ".use_local_image_pull", "true")]
    [InlineData(Images + ".pinned_images.other", "'x'")]
    [InlineData(Images + ".runtime_platforms.kata.snapshotter", "'x'")]
    [InlineData(Runtime + ".containerd.runtimes.runc.cgroup_writable", "true")]
    [InlineData(Runtime + ".cni.use_internal_loopback", "true")]
    [InlineData(Runtime + ".cni.bin_dirs", "['/a', '/b']")]
    [InlineData("plugins.'io.containerd.image-verifier.v1.bindir'.bin_dir", "'/x'")]
    [InlineData("plugins.'io.containerd.shim.v1.manager'.env", "['A=1']")]
    public void A_setting_that_containerd_1_lacks_is_an_error_with_its_path(string path, string value)
    {
        var plan = ContainerdPlan.Of("1.7.27", "version = 3\n" + Set(path, value));

        var diagnostic = plan.Only(DiagnosticCatalogue.ContainerdSettingTooNew);
        Assert.Equal((Severity.Error, "spec.containerd.config." + TomlPath.Format(TomlPath.Parse(path)), 2), (diagnostic.Severity, diagnostic.Path, diagnostic.Origin?.Line));
        Assert.DoesNotContain(plan.Resources, r => r.Path == ContainerdPlan.Config);
    }

    [Fact]
    public void Of_two_schemas_for_one_setting_the_installed_one_counts_with_a_warning()
    {
        var plan = ContainerdPlan.Of("2.1.9", $"{Set(Cri + ".sandbox_image", "'old'")}{Set(Images + ".pinned_images.sandbox", "'new'")}");

        Assert.Equal("\"new\"", plan.Value(Images + ".pinned_images.sandbox"));
        var diagnostic = plan.Only(DiagnosticCatalogue.ContainerdSettingTwice);
        Assert.Equal((Severity.Warning, 1), (diagnostic.Severity, diagnostic.Origin?.Line));
    }

    [Fact]
    public void Sources_that_speak_different_schemas_are_one_configuration()
    {
        var plan = ContainerdPlan.Of("2.1.9", $"{Set(Cri + ".registry.mirrors.a.endpoint", "['x']")}{Set(Images + ".registry.mirrors.b.endpoint", "['y']")}{Set(Images + ".registry.config_path", "''")}");

        Assert.Equal("{a: {endpoint: [\"x\"]}, b: {endpoint: [\"y\"]}}", plan.Value(Images + ".registry.mirrors"));
    }

    [Fact]
    public void Names_of_plugins_are_converted_too()
    {
        const string old = "disabled_plugins = ['io.containerd.internal.v1.restart', 'io.containerd.snapshotter.v1.aufs', 'io.containerd.snapshotter.v1.zfs']\n";
        var plan = ContainerdPlan.Of("2.1.9", old);
        Assert.Equal("[\"io.containerd.monitor.container.v1.restart\", \"io.containerd.snapshotter.v1.zfs\"]", plan.Value("disabled_plugins"));
        Assert.Equal("[\"io.containerd.internal.v1.restart\"]", ContainerdPlan.Of("1.7.27", "required_plugins = ['io.containerd.monitor.container.v1.restart']\n").Value("required_plugins"));
        Assert.Equal(Literal(old.Split('=')[1].Trim()), ContainerdPlan.Of("1.7.27", old).Value("disabled_plugins"));
    }

    [Theory]
    [InlineData("2.0.5", "version = 2\n", "\"/opt/cni/bin\"", null)]
    [InlineData("2.1.0", "version = 2\n", null, "[\"/opt/cni/bin\"]")]
    [InlineData("2.1.9", "[debug]\nlevel = 'info'\n", null, "[\"/opt/cni/bin\"]")]
    [InlineData("2.1.9", "version = 3\n", "\"/opt/cni/bin\"", null)]
    [InlineData("2.1.9", "[plugins.'io.containerd.cri.v1.runtime']\nenable_selinux = true\n", "\"/opt/cni/bin\"", null)]
    [InlineData("2.1.9", "[plugins.'io.containerd.cri.v1.runtime'.cni]\nbin_dirs = ['/a', '/b']\n", null, "[\"/a\", \"/b\"]")]
    [InlineData("2.1.9", "version = 2\n[plugins.'io.containerd.cri.v1.runtime'.cni]\nbin_dir = '/a'\n", "\"/a\"", null)]
    [InlineData("2.1.9", "[plugins.'io.containerd.grpc.v1.cri'.cni]\nbin_dir = '/a'\n", null, "[\"/a\"]")]
    [InlineData("2.0.5", "[plugins.'io.containerd.grpc.v1.cri'.cni]\nbin_dir = '/a'\n", "\"/a\"", null)]
    public void Of_the_two_settings_for_cni_directories_one_is_written(string containerd, string toml, string? directory, string? directories)
    {
        var plan = ContainerdPlan.Of(containerd, toml);

        Assert.Equal(directory, plan.Value(Runtime + ".cni.bin_dir"));
        Assert.Equal(directories, plan.Value(Runtime + ".cni.bin_dirs"));
        Assert.DoesNotContain(plan.Diagnostics, d => d.Severity != Severity.Info);
    }

    [Fact]
    public void Converting_and_converting_back_gives_the_same_settings() =>
        Settings.Sample(
            settings =>
            {
                var user = ContainerdPlan.Parse(settings);
                var there = ContainerdConversion.ToSchema3(user, ContainerdPlan.Version("2.1.9"));
                var back = ContainerdConversion.ToSchema2(there.Tree);

                Assert.All(there.Steps.Concat(back.Steps), s => Assert.Equal(ConversionOutcome.Moved, s.Outcome));
                Assert.Equal(ContainerdPlan.Show(user), ContainerdPlan.Show(back.Tree));
            },
            iter: 300);

    [Fact]
    public void Any_document_is_planned_or_diagnosed_and_what_is_written_reads_back() =>
        Documents.Select(OneOf("1.7.27", "2.0.5", "2.1.9", "2.3.0", "3.1.0")).Sample(
            (toml, containerd) =>
            {
                var diagnostics = new DiagnosticBag();
                if (TomlReader.Read(toml, "user-data", diagnostics) is not { } user)
                {
                    return;
                }

                var plan = ContainerdPlan.Of(containerd, toml);
                if (plan.Resources.All(r => r.Path != ContainerdPlan.Config))
                {
                    Assert.Contains(plan.Diagnostics, d => d.Severity == Severity.Error);
                    return;
                }

                Assert.Equal(plan.Toml, TomlWriter.Write(plan.Tree));
                Assert.Equal(plan.Toml, ContainerdPlan.Of(containerd, toml).Toml);
            },
            iter: 700);

    // Schema 2 documents of known settings, each with its own value.
    private static Gen<string> Settings =>
        Gen.Int[0, int.MaxValue].Array[1, 12].Select(picks =>
        {
            var rows = Places.Select(row => (Path: row.Data.Item1, Value: row.Data.Item3)).ToArray();
            return string.Concat(picks.Select(p => rows[p % rows.Length]).DistinctBy(r => r.Path).Select(r => Set(r.Path, r.Value)));
        });

    // Documents of either schema, of both, and of neither, with values of any type.
    private static Gen<string> Documents
    {
        get
        {
            string[] heads = ["", "root", "version", "plugins", "grpc", "proxy_plugins.x", "disabled_plugins", "required_plugins", "timeouts", Cri, Images, Runtime,
                Cri + ".containerd", Cri + ".containerd.runtimes.a", Cri + ".cni", Cri + ".registry.configs.r", Runtime + ".cni", Runtime + ".containerd.runtimes.a",
                Images + ".pinned_images", "plugins.'io.containerd.runtime.v2.task'", "plugins.'io.containerd.shim.v1.manager'", "plugins.x", "nonsense"];
            string[] tails = ["", "containerd", "bin_dir", "bin_dirs", "sched_core", "env", "sandbox_image", "sandbox", "tls", "sandbox_mode", "sandboxer", "runtimes",
                "registry", "mirrors", "snapshotter", "type", "'a b'", "\"\\u0007\"", "root"];
            string[] values = ["'x'", "5", "-1", "1.5", "true", "false", "[]", "['a']", "[1, 'a']", "{}", "{a = 1}", "[{a = 'b'}]", "2026-01-01", "''", "2", "3", "['SCHED_CORE=1']", "inf"];
            return Gen.Select(OneOf(heads), OneOf(tails), OneOf(values))
                .Select((head, tail, value) => (Path: head.Length == 0 ? tail : tail.Length == 0 ? head : $"{head}.{tail}", Value: value))
                .Where(line => line.Path.Length > 0)
                .Array[1, 8]
                .Select(lines => string.Concat(lines.Select(line => Set(line.Path, line.Value))));
        }
    }

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static string Set(string path, string value) => $"{path} = {value}\n";

    private static string? Literal(string value) => ContainerdPlan.Show(ContainerdPlan.Parse("v = " + value)["v"]);
}
