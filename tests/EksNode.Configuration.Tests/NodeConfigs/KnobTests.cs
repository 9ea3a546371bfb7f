using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.Tests.NodeConfigs;

/// <summary>Referenced files, kernel, limits and hooks: what is read, and what is refused with which code at which setting.</summary>
public sealed class KnobTests
{
    [Theory]
    [InlineData("kubelet: {configMode: merge}", "EKN0204", "spec.kubelet.configMode")]
    [InlineData("kubelet: {configFile: kubelet.yaml}", "EKN0307", "spec.kubelet.configFile")]
    [InlineData("kernel: {sysctls: {vm: 1}}", "EKN0232", "spec.kernel.sysctls.vm")]
    [InlineData("kernel: {sysctls: {net..core: 1}}", "EKN0232", "spec.kernel.sysctls[\"net..core\"]")]
    [InlineData("kernel: {sysctls: {net/../core: 1}}", "EKN0232", "spec.kernel.sysctls[\"net/../core\"]")]
    [InlineData("kernel: {sysctls: {net.ipv4.conf.*.rp_filter: 1}}", "EKN0232", "spec.kernel.sysctls[\"net.ipv4.conf.*.rp_filter\"]")]
    [InlineData("kernel: {sysctls: {vm.swappiness: \"1\\n2\"}}", "EKN0233", "spec.kernel.sysctls[\"vm.swappiness\"]")]
    [InlineData("kernel: {sysctls: {vm.swappiness: \" \"}}", "EKN0233", "spec.kernel.sysctls[\"vm.swappiness\"]")]
    [InlineData("kernel: {sysctls: {vm.swappiness: true}}", "EKN0202", "spec.kernel.sysctls[\"vm.swappiness\"]")]
    [InlineData("kernel: {sysctls: {vm.swappiness: 1, vm/swappiness: 2}}", "EKN0207", "spec.kernel.sysctls[\"vm/swappiness\"]")]
    [InlineData("kernel: {pidMax: 300}", "EKN0233", "spec.kernel.pidMax")]
    [InlineData("kernel: {pidMax: 4194305}", "EKN0233", "spec.kernel.pidMax")]
    [InlineData("kernel: {pidMax: 4096, sysctls: {kernel.pid_max: 8192}}", "EKN0207", "spec.kernel.pidMax")]
    [InlineData("kernel: {modules: [\"nf_conntrack hashsize=1\"]}", "EKN0234", "spec.kernel.modules[0]")]
    [InlineData("kernel: {modules: [../x]}", "EKN0234", "spec.kernel.modules[0]")]
    [InlineData("limits: {podPidsLimit: 0}", "EKN0235", "spec.limits.podPidsLimit")]
    [InlineData("limits: {podPidsLimit: all}", "EKN0235", "spec.limits.podPidsLimit")]
    [InlineData("limits: {rlimits: {nofiles: 1}}", "EKN0235", "spec.limits.rlimits.nofiles")]
    [InlineData("limits: {rlimits: {nofile: {soft: 2, hard: 1}}}", "EKN0235", "spec.limits.rlimits.nofile")]
    [InlineData("limits: {rlimits: {nofile: infinity}}", "EKN0235", "spec.limits.rlimits.nofile")]
    [InlineData("limits: {rlimits: {nproc: -1}}", "EKN0235", "spec.limits.rlimits.nproc")]
    [InlineData("limits: {rlimits: {nproc: {}}}", "EKN0235", "spec.limits.rlimits.nproc")]
    [InlineData("limits: {units: {kubelet.service: {tasksMax: 1}}}", "EKN0313", "spec.limits.units[\"kubelet.service\"]")]
    [InlineData("limits: {units: {kubelet: {taskMax: 1}}}", "EKN0235", "spec.limits.units.kubelet.taskMax")]
    [InlineData("limits: {units: {kubelet: {tasksMax: 101%}}}", "EKN0235", "spec.limits.units.kubelet.tasksMax")]
    [InlineData("limits: {units: {kubelet: {limitNOFILE: many}}}", "EKN0235", "spec.limits.units.kubelet.limitNOFILE")]
    [InlineData("hooks: {preStart: [{command: /bin/true}]}", "EKN0236", "spec.hooks.preStart[0].command")]
    [InlineData("hooks: {preStart: [{command: [bin/true]}]}", "EKN0236", "spec.hooks.preStart[0].command[0]")]
    [InlineData("hooks: {preStart: [{command: []}]}", "EKN0236", "spec.hooks.preStart[0].command")]
    [InlineData("hooks: {preStart: [{timeout: 1m}]}", "EKN0236", "spec.hooks.preStart[0]")]
    [InlineData("hooks: {preStart: [{command: [/bin/true], timeout: 0s}]}", "EKN0236", "spec.hooks.preStart[0].timeout")]
    [InlineData("hooks: {preStart: [{command: [/bin/true], onFailure: Ignore}]}", "EKN0204", "spec.hooks.preStart[0].onFailure")]
    [InlineData("hooks: {preStart: [{command: [/bin/true], environment: {EKSNODE_X: a}}]}", null, "spec.hooks.preStart[0].environment.EKSNODE_X")]
    [InlineData("hooks: {preStop: [{command: [/bin/true]}]}", "EKN0201", "spec.hooks.preStop")]
    public void What_is_wrong_is_reported_at_its_setting(string spec, string? code, string path)
    {
        var bag = new DiagnosticBag();
        Read(spec, bag);
        var diagnostic = Assert.Single(bag.Items);
        Assert.Equal(path, diagnostic.Path);
        Assert.True(code is null || code == diagnostic.Code || code[..5] == "EKN03" && diagnostic.Code[..5] == code[..5], diagnostic.ToString());
        Assert.True(diagnostic.Origin is { Line: > 0 }, "no place");
        Assert.NotEmpty(diagnostic.Help);
    }

    [Theory]
    [InlineData("net.ipv4.ip_forward", "net.ipv4.ip_forward", "/proc/sys/net/ipv4/ip_forward")]
    [InlineData("net/ipv4/ip_forward", "net.ipv4.ip_forward", "/proc/sys/net/ipv4/ip_forward")]
    [InlineData("/proc/sys/net/ipv4/ip_forward", "net.ipv4.ip_forward", "/proc/sys/net/ipv4/ip_forward")]
    [InlineData("net.ipv4.conf.eth0/100.rp_filter", "net/ipv4/conf/eth0.100/rp_filter", "/proc/sys/net/ipv4/conf/eth0.100/rp_filter")]
    [InlineData("net/ipv4/conf/eth0.100/rp_filter", "net/ipv4/conf/eth0.100/rp_filter", "/proc/sys/net/ipv4/conf/eth0.100/rp_filter")]
    public void A_kernel_setting_has_one_name(string given, string name, string path)
    {
        Assert.True(SysctlName.Parse(given).TryGet(out var parsed, out _));
        Assert.Equal((name, path), (parsed, SysctlName.PathOf(parsed!)));
    }

    [Fact]
    public void The_settings_belong_to_the_own_group_alone()
    {
        var bag = new DiagnosticBag();
        var config = Read("kernel: {pidMax: 4096}\n  limits: {podPidsLimit: 10}\n  hooks: {preStart: [{command: [/bin/true]}]}\n  kubelet: {configMode: Replace}", bag, "node.eks.aws/v1alpha1");
        Assert.Equal(4, bag.Items.Count);
        Assert.True(config is { Kernel.IsSet: false, Limits.IsSet: false, Hooks.ByStage.IsEmpty: true, Kubelet.Replaces: false });
    }

    [Fact]
    public void What_is_written_reads_back()
    {
        const string spec = """
            kernel: {pidMax: 4096, modules: [a, b], sysctls: {vm.swappiness: 1}}
              limits: {podPidsLimit: Auto, rlimits: {nofile: {soft: 1, hard: 2}, memlock: infinity}, units: {kubelet: {tasksMax: infinity, limitNOFILE: "1:2"}}}
              hooks: {preStart: [{command: [/bin/true, a b], timeout: 90s, onFailure: Continue, environment: {A: b}}], postStart: [{command: [/bin/false]}]}
              kubelet: {configMode: Replace, configFile: /a.yaml}
              containerd: {configFile: /b.toml, dropIns: /c}
            """;
        var bag = new DiagnosticBag();
        var written = NodeConfigWriter.Document(Read(spec, bag));
        var again = NodeConfigWriter.Document(NodeConfigReader.Read(written, bag));
        Assert.Empty(bag.Items);
        Assert.Equal(YamlWriter.Write(written), YamlWriter.Write(again));
        Assert.Contains("timeout: \"90s\"", YamlWriter.Write(written), StringComparison.Ordinal);
        Assert.Contains("eksnode.io", YamlWriter.Write(written), StringComparison.Ordinal);
    }

    [Fact]
    public void A_later_configuration_wins_per_setting_and_a_list_of_hooks_as_a_whole()
    {
        var bag = new DiagnosticBag();
        var merged = NodeConfigMerge.Merge(
            Read("kernel: {sysctls: {vm.swappiness: 1, vm.max_map_count: 2}}\n  limits: {units: {kubelet: {tasksMax: 1, limitCORE: 0}}}\n  hooks: {preStart: [{command: [/a]}, {command: [/b]}]}", bag),
            Read("kernel: {sysctls: {vm.swappiness: 3}}\n  limits: {units: {kubelet: {tasksMax: 2}}}\n  hooks: {preStart: [{command: [/c]}]}", bag));
        Assert.Empty(bag.Items);
        Assert.Equal(("3", "2"), (merged.Kernel.Sysctls["vm.swappiness"].Value, merged.Kernel.Sysctls["vm.max_map_count"].Value));
        Assert.Equal(("2", "0"), (merged.Limits.Units["kubelet"]["TasksMax"].Value, merged.Limits.Units["kubelet"]["LimitCORE"].Value));
        Assert.Equal("/c", Assert.Single(merged.Hooks.Of("preStart")).Value.Command[0]);
    }

    [Theory]
    [InlineData("maxPods: 3\nx: [", "EKN01")]
    [InlineData("- a\n", "EKN0231")]
    [InlineData("a: 1\n---\nb: 2\n", "EKN0231")]
    [InlineData("apiVersion: eksnode.io/v1alpha1\nkind: NodeConfig\n", "EKN0231")]
    [InlineData("", "EKN0231")]
    public void A_kubelet_file_that_is_none_is_an_error_in_the_file(string text, string code)
    {
        var bag = new DiagnosticBag();
        Enter(Read("kubelet: {configFile: /etc/k.yaml}", bag), "/etc/k.yaml", text, bag);
        var error = Assert.Single(bag.Items);
        Assert.StartsWith(code, error.Code, StringComparison.Ordinal);
        Assert.Equal("/etc/k.yaml", error.Origin?.Source);
    }

    [Fact]
    public void A_kubelet_file_is_below_every_document_and_its_values_know_their_line()
    {
        var bag = new DiagnosticBag();
        var config = Enter(Read("kubelet: {configFile: /etc/k.yaml, config: {maxPods: 40}}", bag), "/etc/k.yaml", "maxPods: 30\nregistryPullQPS: 20\n", bag);
        Assert.Empty(bag.Items);
        Assert.Null(config.Kubelet.ConfigFile);
        Assert.Equal("40", ((TreeScalar)config.Kubelet.Config!["maxPods"]!).Text);
        var rate = config.Kubelet.Config["registryPullQPS"]!;
        Assert.Equal(("/etc/k.yaml", 2), (rate.Origin.Source, rate.Origin.Line));
    }

    [Fact]
    public void Secrets_of_hooks_are_known()
    {
        var secrets = NodeConfigSecrets.Of(Read("hooks: {preStart: [{command: [/bin/x, --password, s3cr3t-one], environment: {API_TOKEN: s3cr3t-two}}]}", new DiagnosticBag())).Select(s => s.Reveal()).ToList();
        Assert.Contains("s3cr3t-one", secrets);
        Assert.Contains("s3cr3t-two", secrets);
    }

    private static NodeConfig Enter(NodeConfig config, string path, string text, DiagnosticBag bag) => ReferencedFiles.Enter(
        config,
        [new ReferencedContent { Reference = ReferencedFiles.Of(config)[0], Files = [new SourceContent(path, Encoding.UTF8.GetBytes(text), IsUserData: false)] }],
        bag);

    private static NodeConfig Read(string spec, DiagnosticBag bag, string apiVersion = "eksnode.io/v1alpha1")
    {
        var document = Assert.Single(YamlReader.Read($"apiVersion: {apiVersion}\nkind: NodeConfig\nspec:\n  {spec}\n", "config.yaml", 0, bag));
        return NodeConfigReader.Read((TreeMap)document, bag);
    }
}
