using EksNode.Configuration.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EksNode.Configuration;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Planning.Image;
using EksNode.Planning.Image.Hardening;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Tests.Image.Hardening;

/// <summary>What a profile makes of an image.</summary>
public sealed class ImageHardeningTests
{
    private const string Cis = "CIS Amazon Linux 2023 1.0.0 ";
    private const string Debian = "\n  base: {distribution: debian}";

    private static readonly List<string[]> Controls = Table("image-controls.tsv");
    private static readonly List<string[]> Rows = Table("image-hardening.tsv");

    // Every image that a profile is part of.
    public static TheoryData<string> Images =>
    [
        "profile: cis-l1",
        "profile: cis-l2",
        "profile: cis-l1\n  fips: true",
        "profile: cis-l2\n  fips: true\n  efa: true\n  architecture: arm64",
        "profile: none\n  fips: true",
        "profile: cis-l2\n  variant: nvidia\n  nvidia: {modules: [proprietary]}",
        "profile: cis-l2\n  variant: neuron",
        "profile: cis-l1" + Debian,
        "profile: cis-l2" + Debian,
        "profile: cis-l2\n  base: {distribution: ubuntu}",
    ];

    [Theory]
    [InlineData("al2023-cis-l1", "profile: cis-l1")]
    [InlineData("al2023-cis-l2", "profile: cis-l2")]
    [InlineData("al2023-arm64-cis-l2-fips", "profile: cis-l2\n  architecture: arm64\n  fips: true")]
    [InlineData("debian-cis-l1", "profile: cis-l1" + Debian)]
    public void R22_R25_An_image_has_the_files_that_were_reviewed(string name, string spec)
    {
        var path = Path.Combine(Repository.Root, "tests/EksNode.Planning.Tests/Image/Hardening/expected", name + ".txt");
        var actual = new StringBuilder();
        var plain = Planned("profile: none", out _);
        foreach (var resource in Planned(spec, out _).Plan.Resources)
        {
            if (!resource.Controls.IsEmpty || plain.Plan.Find(resource.Id) is null)
            {
                Write(actual, resource);
            }
        }

        if (Environment.GetEnvironmentVariable("EKSNODE_UPDATE") == "1")
        {
            File.WriteAllText(path, actual.ToString());
        }

        Assert.True(File.ReadAllText(path) == actual.ToString(), $"{path} is not what is planned: run EKSNODE_UPDATE=1 script/test and look at the difference");
    }

    [Fact]
    public void R22_The_table_has_every_control_of_the_benchmark_once()
    {
        Assert.Equal(Controls.Count, Controls.Select(c => c[1]).Distinct(StringComparer.Ordinal).Count());
        var cis = Controls.Where(c => c[0] == "cis-al2023").ToList();
        Assert.Equal((243, 179, 64), (cis.Count, cis.Count(c => c[2] == "1"), cis.Count(c => c[2] == "2")));
        Assert.All(Controls, c => Assert.True(c[3] == "apply" ? c.Length == 7 : c[5].Length > 0, $"{c[1]} is not applied, and no reason is said"));
    }

    [Fact]
    public void Every_row_names_controls_of_the_table_or_says_what_it_is_for()
    {
        var numbers = Controls.Select(c => c[1]).ToHashSet(StringComparer.Ordinal);
        Assert.All(Rows, r => Assert.True(r[0].Length > 0 ? r[0].Split(' ').All(numbers.Contains) : r[7].Length > 0, string.Join(' ', r)));
        Assert.All(Controls.Where(c => c[3] == "apply"), c => Assert.Contains(Rows, r => r[0].Split(' ').Contains(c[1]) && r[2] != "debian"));

        // A sentence of the table must not promise what no row does.
        Assert.All(Controls.Where(c => c[3] == "apply" && c[6].Length == 0), c => Assert.Contains(Rows, r => r[0].Split(' ').Contains(c[1]) && r[2] != "al2023"));
        Assert.All(Controls.Where(c => c[6].Length > 0), c => Assert.DoesNotContain(Rows, r => r[0].Split(' ').Contains(c[1]) && r[2] != "al2023"));
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void R22_Every_control_of_the_profile_is_said_once_and_what_is_applied_has_its_resources(string spec)
    {
        var image = Planned(spec, out var bag);
        Assert.Empty(bag.Items);
        var level = spec.Contains("cis-l2", StringComparison.Ordinal) ? 243 : spec.Contains("cis-l1", StringComparison.Ordinal) ? 179 : 0;
        Assert.Equal(level + (spec.Contains("fips", StringComparison.Ordinal) ? 1 : 0), image.Controls.Length);
        Assert.Equal(image.Controls.Length, image.Controls.Select(c => c.Id).Distinct(StringComparer.Ordinal).Count());
        foreach (var control in image.Controls)
        {
            Assert.Equal(control.Status == ControlStatus.Applied, !control.Resources.IsEmpty);
            Assert.Equal(control.Status == ControlStatus.Applied, control.Reason.Length == 0);
            Assert.All(control.Resources, id => Assert.Contains(control.Id, image.Plan.Find(id)!.Controls));
            Assert.Equal(control.Resources, image.Plan.Resources.Where(r => r.Controls.Contains(control.Id)).Select(r => r.Id).Order(StringComparer.Ordinal));
        }

        Assert.All(image.Plan.Resources, r => Assert.False(r.Reasons.IsEmpty, r.Id));
        Assert.All(image.Plan.Resources.SelectMany(r => r.Reasons), r => Assert.True(r.Origin.Kind != OriginKind.Profile || r.Origin.Note is { Length: > 0 }, r.Setting));
    }

    [Fact]
    public void R22_Without_a_profile_nothing_is_hardened()
    {
        var image = Planned("profile: none", out var bag);
        Assert.Empty(bag.Items);
        Assert.Empty(image.Controls);
        Assert.All(image.Plan.Resources, r => Assert.Empty(r.Controls));
        Assert.DoesNotContain(image.Plan.Resources, r => r is PermissionsResource || r.Id.Contains("harden", StringComparison.Ordinal));
    }

    [Fact]
    public void R22_The_profile_is_cis_l1_when_nothing_is_said() =>
        Assert.Equal(ControlStatus.Applied, Control(Planned("kubernetes: \"1.33\"", out _), "3.3.8").Status);

    [Theory]
    [InlineData("stig")]
    [InlineData("fedramp-moderate")]
    public void R23_R24_Profiles_that_are_not_there_yet_are_refused(string profile)
    {
        var bag = new DiagnosticBag();
        ImageConfigReader.Read(Source("profile: " + profile, bag).Documents[0].Document, bag);
        Assert.True(bag.HasErrors);
    }

    [Theory]
    [InlineData("net.ipv4.ip_forward", "1")]
    [InlineData("net.ipv6.conf.all.forwarding", "1")]
    [InlineData("net.bridge.bridge-nf-call-iptables", "1")]
    [InlineData("net.bridge.bridge-nf-call-ip6tables", "1")]
    [InlineData("vm.overcommit_memory", "1")]
    [InlineData("vm.panic_on_oom", "0")]
    [InlineData("kernel.panic", "10")]
    [InlineData("kernel.panic_on_oops", "1")]
    [InlineData("kernel.keys.root_maxkeys", "1000000")]
    [InlineData("kernel.keys.root_maxbytes", "25000000")]
    [InlineData("kernel.pid_max", "4194304")]
    public void R22_What_the_kubelet_and_pods_need_of_the_kernel_stays(string name, string value)
    {
        foreach (var spec in Images)
        {
            // systemd-sysctl reads the files in the order of their names, and the last value counts.
            var set = Planned(spec, out _).Plan.Resources.OfType<FileResource>()
                .Where(f => f.Path.StartsWith("/etc/sysctl.d/", StringComparison.Ordinal))
                .OrderBy(f => f.Path, StringComparer.Ordinal)
                .SelectMany(f => Text(f).Split('\n'))
                .Last(l => l.StartsWith(name + " =", StringComparison.Ordinal));
            Assert.Equal($"{name} = {value}", set);
        }
    }

    [Fact]
    public void R22_No_module_that_nodes_and_pods_use_is_kept_from_loading()
    {
        string[] needed =
        [
            "overlay", "br_netfilter", "bridge", "veth", "vxlan", "ipip", "geneve", "nf_conntrack", "nf_nat", "nf_tables", "nft_chain_nat", "ip_tables", "iptable_nat", "iptable_filter",
            "ip6_tables", "ip_set", "ip_vs", "ip_vs_rr", "xt_conntrack", "ext4", "xfs", "vfat", "fat", "isofs", "fuse", "nfs", "nfsv4", "loop", "dm_mod", "md_mod", "raid0", "raid10", "nvme",
            "ena", "efa", "ib_uverbs", "ib_umad", "tls", "wireguard", "tcp_bbr", "sch_fq", "act_bpf", "nvidia", "neuron", "ipvlan", "macvlan", "tun",
        ];
        var text = Content("/etc/modprobe.d/60-eksnode-hardening.conf", Planned("profile: cis-l2", out _));
        Assert.Contains("install cramfs /bin/false\nblacklist cramfs\n", text, StringComparison.Ordinal);
        Assert.All(needed, m => Assert.DoesNotContain(text.Split('\n'), l => l.Replace('-', '_') == "blacklist " + m));
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void R22_No_package_and_no_unit_of_the_image_is_taken_away(string spec)
    {
        var hardened = Planned(spec, out _).Plan.Resources;
        var plain = Planned(System.Text.RegularExpressions.Regex.Replace(spec, "cis-l.", "none"), out _).Plan;
        foreach (var resource in hardened)
        {
            if (resource is PackageResource { Version: null } or UnitStateResource { State: UnitState.Masked })
            {
                Assert.Null(plain.Find(resource.Id));
            }
        }

        Assert.All(plain.Resources, r => Assert.Contains(hardened, h => h.Id == r.Id));
        Assert.DoesNotContain(hardened.OfType<UnitStateResource>().Where(u => u.State == UnitState.Masked), u => u.Name.StartsWith("sshd", StringComparison.Ordinal) || u.Name.StartsWith("systemd-networkd", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("AuthorizedKeysCommand")]
    [InlineData("AuthorizedKeysCommandUser")]
    [InlineData("AuthorizedKeysFile")]
    [InlineData("PubkeyAuthentication")]
    [InlineData("AllowUsers")]
    [InlineData("AllowGroups")]
    [InlineData("DenyUsers")]
    [InlineData("DenyGroups")]
    [InlineData("Ciphers")]
    [InlineData("MACs")]
    [InlineData("KexAlgorithms")]
    public void R22_EC2_Instance_Connect_and_the_crypto_policy_decide_what_sshd_takes(string keyword)
    {
        var text = Content("/etc/ssh/sshd_config.d/00-eksnode.conf", Planned("profile: cis-l2", out _));
        Assert.DoesNotContain(text.Split('\n'), l => l.StartsWith(keyword + " ", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("3.2.1", ControlStatus.Exception)]
    [InlineData("3.4.1.2", ControlStatus.Exception)]
    [InlineData("4.2.4", ControlStatus.Exception)]
    [InlineData("4.6.6", ControlStatus.Exception)]
    [InlineData("5.2.2.3", ControlStatus.Exception)]
    [InlineData("5.2.3.6", ControlStatus.Later)]
    [InlineData("1.8", ControlStatus.Manual)]
    [InlineData("2.1.2", ControlStatus.Base)]
    [InlineData("3.3.4", ControlStatus.Applied)]
    public void R22_What_is_not_applied_has_its_reason(string number, ControlStatus status) =>
        Assert.Equal(status, Control(Planned("profile: cis-l2", out _), number).Status);

    [Theory]
    [InlineData("profile: cis-l1", "3.3.4")]
    [InlineData("profile: cis-l1\n  efa: true", "1.5.2")]
    public void R22_A_control_that_this_image_leaves_out_is_an_exception(string spec, string number) =>
        Assert.Equal(ControlStatus.Exception, Control(Planned(spec, out _), number).Status);

    [Theory]
    [InlineData("kernel: {sysctls: {net.ipv4.tcp_syncookies: 0}}", "spec.kernel.sysctls[\"net.ipv4.tcp_syncookies\"]", "3.3.8", "net.ipv4.tcp_syncookies = 1")]
    [InlineData("node: {kernel: {sysctls: {net.ipv4.conf.all.rp_filter: 2}}}", "spec.node.kernel.sysctls[\"net.ipv4.conf.all.rp_filter\"]", "3.3.7", "net.ipv4.conf.all.rp_filter = 1")]
    [InlineData("kernel: {modules: [sctp]}", "spec.kernel.modules", "3.1.3", "blacklist sctp")]
    [InlineData("node: {kernel: {modules: [usb_storage]}}", "spec.node.kernel.modules", "1.1.9", "blacklist usb-storage")]
    [InlineData("packages: {telnet: \"*\"}", "spec.packages.telnet", "2.3.1", "telnet absent")]
    [InlineData("packages: {audit: absent}", "spec.packages.audit", "5.2.1.1", "audit *")]
    [InlineData("units: {rpcbind.socket: enabled}", "spec.units[\"rpcbind.socket\"]", "2.2.17", "rpcbind.socket Masked")]
    [InlineData("kernel: {arguments: [selinux=0]}", "spec.kernel.arguments", "1.6.1.2", "no such text")]
    [InlineData("kernel: {arguments: [enforcing=0]}", "spec.kernel.arguments", "1.6.1.2", "no such text")]
    [InlineData("kernel: {arguments: [audit=1, audit=0]}", "spec.kernel.arguments", "5.2.1.2", "no such text")]
    [InlineData("files: {/etc/issue: {content: \"Mine.\\n\"}}", "spec.files[\"/etc/issue\"]", "1.7.2", "no such text")]
    [InlineData("files: {/etc/ssh/sshd_config: {content: x, mode: \"0644\"}}", "spec.files[\"/etc/ssh/sshd_config\"]", "4.2.1", "no such text")]
    [InlineData("files: {/etc/systemd/system/tmp.mount: {content: x}}", "spec.files[\"/etc/systemd/system/tmp.mount\"]", "1.1.2.3", "no such text")]
    [InlineData("files: {/etc/sysctl.d/70-eksnode-hardening.conf: {content: x}}", "spec.files[\"/etc/sysctl.d/70-eksnode-hardening.conf\"]", "3.3.8", "net.ipv4.tcp_syncookies = 1")]
    [InlineData("files: {/etc/crypto-policies/back-ends/bind.config: {content: x}}", "spec.files[\"/etc/crypto-policies/back-ends/bind.config\"]", "1.9", "no such text")]
    public void R22_A_setting_of_the_document_wins_and_is_told(string spec, string path, string number, string gone)
    {
        var image = Planned("profile: cis-l2\n  " + spec, out var bag);
        var diagnostic = Assert.Single(bag.Items, d => d.Code == "EKN0650");
        Assert.Equal((Severity.Warning, path, true), (diagnostic.Severity, diagnostic.Path, diagnostic.Message.Contains(number, StringComparison.Ordinal)));
        var control = Control(image, number);
        Assert.Equal((ControlStatus.Replaced, true), (control.Status, control.Reason.Contains(path, StringComparison.Ordinal)));
        Assert.All(image.Plan.Resources, r => Assert.DoesNotContain(Cis + number, r.Controls));
        Assert.DoesNotContain(image.Plan.Resources, r => Line(r).Contains(gone, StringComparison.Ordinal));

        Planned(spec, out bag);
        Assert.All(bag.Items, d => Assert.Equal(Severity.Info, d.Severity));
    }

    [Theory]
    [InlineData("kernel: {sysctls: {net.ipv4.tcp_syncookies: 1}}", "3.3.8")]
    [InlineData("packages: {telnet: absent}", "2.3.1")]
    [InlineData("packages: {audit: 4.*}", "5.2.1.1")]
    [InlineData("units: {rpcbind.socket: masked}", "2.2.17")]
    [InlineData("kernel: {arguments: [audit=1]}", "5.2.1.2")]
    [InlineData("files: {/etc/ssh/sshd_config: {content: x, mode: \"0600\"}}", "4.2.1")]
    public void R22_A_setting_of_the_document_that_says_the_same_satisfies_the_control(string spec, string number)
    {
        var image = Planned("profile: cis-l2\n  " + spec, out var bag);
        Assert.Empty(bag.Items);
        Assert.Equal(ControlStatus.Applied, Control(image, number).Status);
    }

    [Theory]
    [InlineData("x86_64", true)]
    [InlineData("arm64", false)]
    public void Audit_rules_have_the_calls_that_the_processor_has(string architecture, bool hasOld)
    {
        var rules = Content("/etc/audit/rules.d/50-eksnode.rules", Planned($"profile: cis-l2\n  architecture: {architecture}", out _));
        Assert.Contains("arch=b64 -S ", rules, StringComparison.Ordinal);
        Assert.Equal(hasOld, rules.Contains("arch=b32", StringComparison.Ordinal));
        var calls = rules.Split('\n').Where(l => l.Contains(" -S ", StringComparison.Ordinal)).SelectMany(l => l.Split(" -S ")[1].Split(' ')[0].Split(',')).ToHashSet(StringComparer.Ordinal);
        Assert.All(["openat", "fchmodat", "fchownat", "unlinkat", "renameat", "mount"], c => Assert.Contains(c, calls));
        Assert.All(["open", "creat", "chmod", "chown", "lchown", "unlink", "rename"], c => Assert.Equal(hasOld, calls.Contains(c)));
        Assert.DoesNotContain("", calls);
    }

    [Fact]
    public void R25_FIPS_mode_has_its_crypto_policy_with_every_profile()
    {
        foreach (var profile in ImageConfigReader.Profiles)
        {
            var image = Planned($"profile: {profile}\n  fips: true", out var bag);
            Assert.Empty(bag.Items);
            Assert.Equal("FIPS\n", Content("/etc/crypto-policies/config", image));
            Assert.Equal("FIPS\n", Content("/etc/crypto-policies/state/current", image));
            var links = image.Plan.Resources.OfType<SymlinkResource>().Where(l => l.Path.StartsWith("/etc/crypto-policies/", StringComparison.Ordinal)).ToList();
            Assert.Equal(12, links.Count);
            Assert.All(links, l => Assert.Equal($"/usr/share/crypto-policies/FIPS/{Path.GetFileNameWithoutExtension(l.Path)}.txt", l.Target));
            Assert.Contains("NIST SP 800-53 r5 SC-13", image.Plan.Find("kernel-argument:fips=1")!.Controls);
            Assert.Equal(profile != "none", image.Controls.Any(c => c.Number == "1.9"));
        }

        Assert.Equal("DEFAULT\n", Content("/etc/crypto-policies/config", Planned("profile: cis-l1", out _)));
    }

    internal static ImagePlan Planned(string spec, out DiagnosticBag bag)
    {
        bag = new DiagnosticBag();
        var config = ImageConfigReader.Read(Source(spec, bag).Documents[0].Document, bag);
        Assert.Empty(bag.Items);
        var plan = ImagePlanner.Plan(config, SortedMap.Empty<ImmutableArray<byte>>(), bag);
        Assert.False(bag.HasErrors, string.Join('\n', bag.Items));
        return plan!;
    }

    private static SourceResult Source(string spec, DiagnosticBag bag) => SourceReader.Read(
        new SourceContent("image.yaml", Encoding.UTF8.GetBytes($"apiVersion: eksnode.io/v1alpha1\nkind: ImageConfig\nspec:\n  {spec}\n"), IsUserData: false), bag);

    private static List<string[]> Table(string name) =>
        [.. File.ReadLines(Path.Combine(Repository.Root, "data", name)).Where(l => l[0] != '#').Skip(1).Select(l => l.Split('\t'))];

    private static ImageControl Control(ImagePlan image, string number) => Assert.Single(image.Controls, c => c.Number == number);

    private static string Content(string path, ImagePlan image) => Text((FileResource)image.Plan.Find("file:" + path)!);

    private static string Text(FileResource file) => Encoding.UTF8.GetString(file.Content.AsSpan());

    private static string Line(Resource resource) => resource switch
    {
        FileResource file => Text(file),
        PackageResource package => $"{package.Name} {package.Version?.Text ?? "absent"}",
        UnitStateResource unit => $"{unit.Name} {unit.State}",
        _ => "",
    };

    private static void Write(StringBuilder text, Resource resource)
    {
        text.Append(resource.Id);
        switch (resource)
        {
            case FileResource file:
                text.Append(' ').Append(Octal(file.Mode));
                break;
            case PermissionsResource permissions:
                text.Append(" at most ").Append(Octal(permissions.Mode));
                break;
            case SymlinkResource link:
                text.Append(" → ").Append(link.Target);
                break;
            case UnitStateResource unit:
                text.Append(' ').Append(unit.State.ToString().ToLowerInvariant());
                break;
            case PackageResource package:
                text.Append(' ').Append(package.Version?.Text ?? "absent");
                break;
        }

        text.Append('\n');
        foreach (var control in resource.Controls)
        {
            text.Append(CultureInfo.InvariantCulture, $"  control {control}\n");
        }

        foreach (var line in resource is FileResource content ? Text(content).TrimEnd('\n').Split('\n') : [])
        {
            text.Append($"  | {line}".TrimEnd()).Append('\n');
        }
    }

    private static string Octal(int mode) => Convert.ToString(mode, 8).PadLeft(4, '0');
}
