using EksNode.Host.Engine;
using EksNode.Host.Tests.Engine;
using EksNode.Host.Tests.Files;
using EksNode.Planning.Plans;
using EksNode.Simulation.Systemd;

namespace EksNode.Host.Tests.Hardening;

/// <summary>The files of a profile, as the programs that they are for read them.</summary>
public sealed class HardenedFileTests : IDisposable
{
    private const string Level1 = "{profile: cis-l1}";
    private const string Level2 = "{profile: cis-l2}";

    private readonly TestRoot host = new();

    public void Dispose() => host.Dispose();

    [Theory]
    [InlineData(Level1, "yes")]
    [InlineData(Level2, "no")]
    public void R22_sshd_takes_the_drop_in_and_keeps_the_command_of_EC2_Instance_Connect(string spec, string forwarding)
    {
        const string DropIn = "/etc/ssh/sshd_config.d/00-eksnode.conf";
        HardenedImages.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", host.Write("/etc/ssh/empty", "").At("/etc/ssh/key"));
        host.Write(DropIn, HardenedImages.Files(spec).Text(DropIn), 0x180);

        // As Amazon Linux has it: the drop-ins come first, and of two values the first counts.
        host.Write("/etc/ssh/sshd_config", $"Include {host.At("/etc/ssh/sshd_config.d/*.conf")}\nHostKey {host.At("/etc/ssh/key")}\nPermitRootLogin yes\nX11Forwarding yes\nMaxAuthTries 9\n");
        Directory.CreateDirectory("/run/sshd");
        string[] arguments = ["-f", host.At("/etc/ssh/sshd_config"), "-o", "AuthorizedKeysCommand /opt/aws/bin/eic_run_authorized_keys %u %f", "-o", "AuthorizedKeysCommandUser nobody"];
        Assert.Equal((0, ""), HardenedImages.Run("sshd", ["-t", .. arguments]));
        var (exit, output) = HardenedImages.Run("sshd", ["-T", .. arguments]);
        Assert.Equal(0, exit);
        var settings = output.Split('\n');
        Assert.All(
            [
                "authorizedkeyscommand /opt/aws/bin/eic_run_authorized_keys %u %f", "authorizedkeyscommanduser nobody", "pubkeyauthentication yes", "permitrootlogin no", "maxauthtries 4",
                "loglevel VERBOSE", "usepam yes", "banner /etc/issue.net", "maxstartups 10:30:60", "logingracetime 60", "clientaliveinterval 300", "ignorerhosts yes",
                "allowtcpforwarding " + forwarding, "x11forwarding " + forwarding,
            ],
            line => Assert.Contains(line, settings));
    }

    [Fact]
    public void R22_sudo_takes_the_drop_in()
    {
        host.Write("/sudoers", HardenedImages.Files(Level1).Text("/etc/sudoers.d/60-eksnode"), 0x120);
        var (exit, output) = HardenedImages.Run("visudo", "-c", "-f", host.At("/sudoers"));
        Assert.True(exit == 0, output);
    }

    [Fact]
    public void R22_sysctl_reads_every_setting_as_it_is_meant()
    {
        var text = HardenedImages.Files(Level2).Text("/etc/sysctl.d/70-eksnode-hardening.conf");
        host.Write("/sysctl.conf", text);
        var (exit, output) = HardenedImages.Run("sysctl", "--dry-run", "-e", "-p", host.At("/sysctl.conf"));
        Assert.True(exit == 0, output);
        Assert.All(text.TrimEnd('\n').Split('\n'), l => Assert.True(output.Split('\n').Contains(l) || !File.Exists("/proc/sys/" + l.Split(" = ")[0].Replace('.', '/')), l));
    }

    [Fact]
    public void R22_modprobe_refuses_the_modules()
    {
        host.Write("/modprobe.d/60-eksnode-hardening.conf", HardenedImages.Files(Level2).Text("/etc/modprobe.d/60-eksnode-hardening.conf"));
        var (exit, output) = HardenedImages.Run("modprobe", "-c", "-C", host.At("/modprobe.d"));
        Assert.True(exit == 0, output);
        Assert.All(["cramfs", "usb_storage", "squashfs", "sctp"], m => Assert.Contains($"install {m} /bin/false", output, StringComparison.Ordinal));
        Assert.Contains("blacklist usb_storage", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{profile: cis-l2}")]
    [InlineData("{profile: cis-l2, architecture: arm64}")]
    [InlineData("{profile: cis-l2, base: {distribution: debian}}")]
    public void R22_auditctl_understands_every_rule(string spec)
    {
        // In a user namespace it reads a rule and reaches no kernel. The architecture of this machine's tables is not that of every rule.
        const string Read = "The audit system is disabled\n";
        Assert.SkipUnless(HardenedImages.Run("unshare", "-U", "-r", "true").Exit == 0, "user namespaces cannot be made here");
        Assert.NotEqual(Read, HardenedImages.Run("unshare", "-U", "-r", "auditctl", "-a", "always,exit", "-F", "arch=b64", "-S", "nosuchcall").Output);
        var plan = HardenedImages.Files(spec);
        var convention = spec.Contains("arm64", StringComparison.Ordinal) ? "arch=aarch64" : "arch=b64";
        var rules = plan.Text("/etc/audit/rules.d/50-eksnode.rules").TrimEnd('\n').Split('\n').Where(r => r != "-c").ToList();
        Assert.True(rules.Count > 30);
        foreach (var rule in rules)
        {
            var words = rule.Replace("arch=b64", convention, StringComparison.Ordinal).Split(' ');
            var (exit, output) = HardenedImages.Run("unshare", ["-U", "-r", "/usr/sbin/auditctl", .. words]);
            Assert.True(exit == 0 && output == Read, $"{rule}: {output}");
        }

        Assert.Equal("-D\n-b 8192\n-f 1\n", plan.Text("/etc/audit/rules.d/audit.rules"));
        Assert.Equal("-e 2\n", plan.Text("/etc/audit/rules.d/99-eksnode.rules"));
    }

    [Fact]
    public async Task R22_Units_of_mounts_give_the_options_on_a_real_systemd()
    {
        Assert.SkipUnless(RealSystemd.Missing is null, RealSystemd.Missing ?? "");
        string[] names = ["tmp.mount", "var-tmp.mount", "eksnode-dev-shm.service"];
        var plan = HardenedImages.Files(Level1);
        await using var systemd = new RealSystemd();
        foreach (var name in names)
        {
            var path = "/etc/systemd/system/" + name;
            systemd.Write(path, plan.Text(path));
            var target = plan.Text(path).Split('\n').Single(l => l.StartsWith("WantedBy=", StringComparison.Ordinal))["WantedBy=".Length..];
            systemd.Link($"/etc/systemd/system/{target}.wants/{name}", path);
        }

        await systemd.BootAsync();
        Assert.Equal("", (await systemd.RunAsync(["systemd-analyze", "verify", "--man=no", .. names.Select(n => "/etc/systemd/system/" + n)])).Error);
        foreach (var target in new[] { "/tmp", "/var/tmp", "/dev/shm" })
        {
            var options = (await systemd.RunAsync("findmnt", "-rno", "OPTIONS", target)).Output.Trim().Split('\n')[^1].Split(',');
            Assert.All(["nodev", "noexec", "nosuid"], o => Assert.Contains(o, options));
        }

        Assert.Equal(Enumerable.Repeat("active", names.Length), (await systemd.RunAsync(["systemctl", "is-active", .. names])).Output.Trim().Split('\n'));
    }

    [Fact]
    public void R22_Files_of_an_AL2023_shaped_root_become_as_planned_and_a_second_apply_changes_nothing()
    {
        host.Write("/usr/lib/issue", "\\S\nKernel \\r on an \\m\n").Link("/etc/issue", "../usr/lib/issue").Link("/etc/motd", "../var/lib/update-motd/motd")
            .Write("/etc/audit/rules.d/audit.rules", "-D\n-a never,task\n", 0x180).Write("/etc/audit/auditd.conf", "max_log_file = 8\n")
            .Write("/boot/grub2/grub.cfg", "x").Write("/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\n").Write("/etc/passwd", "x").Write("/etc/shadow", "x", 0)
            .Write("/etc/selinux/config", "SELINUX=disabled\n").Link("/etc/crypto-policies/back-ends/openssl.config", "/usr/share/crypto-policies/LEGACY/openssl.txt");
        var plan = HardenedImages.Files("{profile: cis-l2, fips: true}");
        Assert.NotEmpty(Apply(plan));
        Assert.Equal(("\\S\nKernel \\r on an \\m\n", "Authorized users only. All activity may be monitored and reported.\n"), (host.Read("/usr/lib/issue"), host.Read("/etc/issue")));
        Assert.Equal("Authorized users only. All activity may be monitored and reported.\n", host.Read("/etc/motd"));
        Assert.DoesNotContain("never,task", host.Read("/etc/audit/rules.d/audit.rules"), StringComparison.Ordinal);
        Assert.Equal((0x1A0, 0x180, 0x180, 0x1A4, 0), (host.Mode("/etc/audit/auditd.conf"), host.Mode("/boot/grub2/grub.cfg"), host.Mode("/etc/ssh/sshd_config"), host.Mode("/etc/passwd"), host.Mode("/etc/shadow")));
        Assert.Equal((0x120, 0x180), (host.Mode("/etc/sudoers.d/60-eksnode"), host.Mode("/etc/ssh/sshd_config.d/00-eksnode.conf")));
        Assert.Equal("/usr/share/crypto-policies/FIPS/openssl.txt", new FileInfo(host.At("/etc/crypto-policies/back-ends/openssl.config")).LinkTarget);
        Assert.Equal("SELINUX=permissive\nSELINUXTYPE=targeted\n", host.Read("/etc/selinux/config"));

        var tree = host.TreeWithTimes();
        Assert.Empty(Apply(plan));
        Assert.Equal(tree, host.TreeWithTimes());
    }

    private List<Change> Apply(Plan plan)
    {
        using var root = host.Open();
        var state = AppliedState.Load(root, ApplyPolicy.Preserve, new Configuration.Text.DiagnosticBag());
        var changes = Differ.Diff(plan, root, state, new DiffOptions(Engines.Instance, Phase: Phase.Image));
        Applier.Apply(root, changes);
        return [.. changes.Actions];
    }
}
