using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Planning.Containerd;

namespace EksNode.Planning.Tests.Containerd;

/// <summary>
/// What real containerd executables say of the planned files: <c>EKSNODE_CONTAINERD_1</c> names one of 1.7,
/// <c>EKSNODE_CONTAINERD_2</c> one of 2.1. Skipped without them.
/// </summary>
public sealed class ContainerdOracleTests
{
    private const string Cri = "plugins.'io.containerd.grpc.v1.cri'";
    private const string Images = "plugins.'io.containerd.cri.v1.images'";
    private const string Runtime = "plugins.'io.containerd.cri.v1.runtime'";

    // One key in so many is asked about; the tables have some hundreds, and each question starts a program.
    private const int KeyStride = 5;

    private static readonly string[] Values = ["'x'", "7", "1.5", "true", "['a']", "{}", "[{}]", "[1]", "2026-01-01"];

    /// <summary>User settings as people write them for an EKS node, of either schema and of none.</summary>
    public static TheoryData<string> UserSettings =>
    [
        "",
        "[grpc]\nmax_recv_message_size = 33554432\n",
        "version = 2\n[debug]\nlevel = 'debug'\n[metrics]\naddress = '127.0.0.1:1338'\n",
        $"[{Cri}.registry]\nconfig_path = '/own'\n",
        $"[{Cri}.containerd]\ndiscard_unpacked_layers = false\n",
        $"version = 2\n[{Cri}]\nsandbox_image = 'r.example.com/pause:3.9'\nmax_concurrent_downloads = 10\nenable_selinux = true\nstream_server_port = '10010'\n"
            + "image_pull_progress_timeout = '10m'\nsystemd_cgroup = false\n",
        $"[{Cri}.registry]\nconfig_path = ''\n[{Cri}.registry.mirrors.'docker.io']\nendpoint = ['https://mirror.example.com', 'https://registry-1.docker.io']\n"
            + $"[{Cri}.registry.configs.'mirror.example.com'.auth]\nusername = 'u'\npassword = 'p'\n",
        $"[{Cri}.containerd.runtimes.kata]\nruntime_type = 'io.containerd.kata.v2'\nprivileged_without_host_devices = true\npod_annotations = ['io.katacontainers.*']\n"
            + $"sandbox_mode = 'shim'\nsnapshotter = 'devmapper'\n[{Cri}.containerd.runtimes.kata.options]\nConfigPath = '/opt/kata.toml'\n",
        $"[{Cri}.containerd.runtimes.runc.options]\nSystemdCgroup = false\nShimCgroup = '/x'\n",
        $"[{Cri}.cni]\nbin_dir = '/own/bin'\nconf_dir = '/own/net.d'\nmax_conf_num = 2\n",
        $"[{Cri}.containerd]\nsnapshotter = 'stargz'\ndisable_snapshot_annotations = false\n[proxy_plugins.stargz]\ntype = 'snapshot'\naddress = '/run/s.sock'\n",
        $"[{Cri}.x509_key_pair_streaming]\ntls_cert_file = '/c'\ntls_key_file = '/k'\n[{Cri}]\nenable_tls_streaming = true\n",
        "[plugins.'io.containerd.internal.v1.restart']\ninterval = '20s'\n[plugins.'io.containerd.monitor.v1.cgroups']\nno_prometheus = true\n"
            + "[plugins.'io.containerd.runtime.v2.task']\nsched_core = true\n",
        "oom_score = -999\nimports = []\n[timeouts]\n'io.containerd.timeout.shim.load' = '9s'\n[plugins.'io.containerd.gc.v1.scheduler']\npause_threshold = 0.5\n",
        $"[{Cri}.image_decryption]\nkey_model = ''\n[stream_processors.x]\naccepts = ['a']\nreturns = 'b'\npath = 'c'\n",
    ];

    /// <summary>Settings of schema 3 for containerd 2.</summary>
    public static TheoryData<string> Schema3Settings =>
    [
        $"[{Images}]\nmax_concurrent_downloads = 9\nuse_local_image_pull = true\n[{Images}.pinned_images]\nsandbox = 'p'\nother = 'q'\n",
        $"[{Runtime}.cni]\nbin_dirs = ['/a', '/b']\n",
        $"version = 3\n[{Runtime}.containerd.runtimes.runc]\ncgroup_writable = true\n[{Cri}]\nstream_server_port = '10010'\n",
        $"[{Images}.runtime_platforms.kata]\nplatform = 'linux/amd64'\nsnapshotter = 'native'\n",
    ];

    [Theory]
    [MemberData(nameof(UserSettings))]
    public void Settings_of_schema_2_have_the_effect_that_containerds_own_migration_gives_them(string settings)
    {
        var containerd = ContainerdExecutable.Find(2);
        foreach (var (nvidia, fast) in ((bool, bool)[])[(false, false), (true, true)])
        {
            // A schema 2 file, as eksnode plans it for containerd 1, migrated by containerd 2 itself. No settings are no migration.
            var planned = ContainerdPlan.Of(containerd.Version, settings, nvidia: nvidia, fast: fast).Toml;
            var peer = settings.Length == 0 ? planned : containerd.Config("migrate", ContainerdPlan.Of("1.7.27", settings, nvidia: nvidia, fast: fast).Toml).Output;

            Assert.Equal(Effective(containerd, peer), Effective(containerd, planned));
        }
    }

    [Theory]
    [MemberData(nameof(UserSettings))]
    [MemberData(nameof(Schema3Settings))]
    public void Containerd_2_takes_what_is_planned_for_it_and_knows_every_setting(string settings)
    {
        var containerd = ContainerdExecutable.Find(2);
        var answer = containerd.Config("dump", ContainerdPlan.Of(containerd.Version, settings, fast: true).Toml);

        Assert.Equal(0, answer.ExitCode);
        Assert.DoesNotContain("unknown key", answer.Errors, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [MemberData(nameof(UserSettings))]
    public void Containerd_1_takes_what_is_planned_for_it(string settings)
    {
        var containerd = ContainerdExecutable.Find(1);
        var planned = ContainerdPlan.Of(containerd.Version, settings, nvidia: true).Toml;
        var effective = ContainerdPlan.Parse(containerd.Config("dump", planned).Output);

        Assert.All(
            TreeLeaves.Of(ContainerdPlan.Parse(planned)).Where(l => l.Value is TreeScalar),
            leaf => Assert.Equal(ContainerdPlan.Show(leaf.Value), ContainerdPlan.Show(TreeLeaves.Find(effective, [.. leaf.Path]))));
    }

    [Fact]
    public void Settings_of_schema_3_have_their_effect_in_containerd_1_too()
    {
        var containerd = ContainerdExecutable.Find(1);
        const string three =
            $"[{Images}]\nmax_concurrent_downloads = 9\nsnapshotter = 'native'\n[{Images}.pinned_images]\nsandbox = 'p'\n"
            + $"[{Runtime}]\nenable_selinux = true\n[{Runtime}.cni]\nbin_dirs = ['/a']\n[{Runtime}.containerd.runtimes.kata]\nruntime_type = 'k'\nsandboxer = 'shim'\n";
        const string two =
            $"[{Cri}]\nmax_concurrent_downloads = 9\nsandbox_image = 'p'\nenable_selinux = true\n[{Cri}.cni]\nbin_dir = '/a'\n"
            + $"[{Cri}.containerd]\nsnapshotter = 'native'\n[{Cri}.containerd.runtimes.kata]\nruntime_type = 'k'\nsandbox_mode = 'shim'\n";

        Assert.Equal(
            Effective(containerd, ContainerdPlan.Of(containerd.Version, two).Toml),
            Effective(containerd, ContainerdPlan.Of(containerd.Version, three).Toml));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Predicted_refusals_of_types_are_those_of_containerd(int release)
    {
        var containerd = ContainerdExecutable.Find(release);
        var wrong = new List<string>();
        var questions = 0;
        foreach (var row in Keys(release))
        {
            // Some are read as text here and parsed only when containerd starts; an entry of proxy plugins without a type panics by itself;
            // Debian builds containerd 2 without zfs.
            if (row[2] is "durationText"
                || row[1] is "version" or "imports"
                || row[1].StartsWith("proxy_plugins", StringComparison.Ordinal)
                || row[1].Contains(".zfs'", StringComparison.Ordinal))
            {
                continue;
            }

            // The decoders take an empty table for these two, as for a struct without settings.
            var value = Values[(questions + (questions / Values.Length)) % Values.Length];
            if (value == "{}" && (row[2] == "tables" || row[1].EndsWith(".interval", StringComparison.Ordinal)))
            {
                continue;
            }

            var toml = $"version = {release + 1}\n{row[1].Replace("*", "'any'", StringComparison.Ordinal)} = {value}\n";
            var plan = ContainerdPlan.Of(containerd.Version, toml);
            var predicted = plan.Diagnostics.Any(d => d.Code is "EKN0506" || (d.Code is "EKN0508" && row[1].EndsWith("_plugins", StringComparison.Ordinal)));
            var refused = containerd.Config("dump", plan.Toml).ExitCode != 0;
            questions++;
            if (predicted != refused)
            {
                wrong.Add($"{row[1]} = {value}: predicted {predicted}, refused {refused}");
            }
        }

        Assert.Empty(wrong);
        Assert.True(questions > 30, "the table of keys was not asked about");
    }

    private static IEnumerable<string[]> Keys(int release)
    {
        var rows = File.ReadLines(Path.Combine(Repository(), "data", "containerd-config-keys.tsv"))
            .Select(line => line.Split('\t'))
            .Where(row => row[0] == (release == 1 ? "2" : "3"))
            .ToList();
        for (var i = 0; i < rows.Count; i += KeyStride)
        {
            yield return rows[i];
        }
    }

    private static string? Effective(ContainerdExecutable containerd, string toml)
    {
        var answer = containerd.Config("dump", toml);
        Assert.True(answer.ExitCode == 0, answer.Errors);

        // containerd 1 lists the file itself among the imports.
        return ContainerdPlan.Show(ContainerdPlan.Parse(answer.Output).Without("imports"));
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "eksnode.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("The repository is not above the test assembly.");
    }

}
