using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.Tests.ImageConfigs;

/// <summary>An ImageConfig: what is read, and what is refused with which code at which setting.</summary>
public sealed class ImageConfigReaderTests
{
    [Theory]
    [InlineData("kubernetes: 1.33", "EKN0270", "spec.kubernetes")]
    [InlineData("kubernetes: latest", "EKN0270", "spec.kubernetes")]
    [InlineData("architecture: amd64", "EKN0204", "spec.architecture")]
    [InlineData("architecture: [arm64]", "EKN0202", "spec.architecture")]
    [InlineData("architecture: 64", "EKN0203", "spec.architecture")]
    [InlineData("variant: gpu", "EKN0204", "spec.variant")]
    [InlineData("profile: cis", "EKN0204", "spec.profile")]
    [InlineData("fips: \"yes\"", "EKN0202", "spec.fips")]
    [InlineData("base: {distribution: al2}", "EKN0204", "spec.base.distribution")]
    [InlineData("base: {release: \"2023 11\"}", "EKN0270", "spec.base.release")]
    [InlineData("components: {docker: {version: \"27\"}}", "EKN0201", "spec.components.docker")]
    [InlineData("components: {containerd: {version: [2]}}", "EKN0202", "spec.components.containerd.version")]
    [InlineData("components: {containerd: {source: rpm}}", "EKN0271", "spec.components.containerd.source")]
    [InlineData("components: {containerd: {source: \"ftp://example.com/x\"}}", "EKN0271", "spec.components.containerd.source")]
    [InlineData("components: {containerd: {source: \"https://user:secret@example.com/x\"}}", "EKN0271", "spec.components.containerd.source")]
    [InlineData("components: {containerd: {source: \"http://example.com/x\"}}", "EKN0271", "spec.components.containerd.source")]
    [InlineData("components: {containerd: {source: \"https://example.com/x?X-Amz-Signature=secret\"}}", "EKN0271", "spec.components.containerd.source")]
    [InlineData("components: {containerd: {source: \"https://example.com/x\"}}", "EKN0272", "spec.components.containerd.sha256")]
    [InlineData("components: {containerd: {sha256: abc}}", "EKN0272", "spec.components.containerd.sha256")]
    [InlineData("mirror: mirror.example.com", "EKN0271", "spec.mirror")]
    [InlineData("images: [\"https://example.com/x\"]", "EKN0228", "spec.images[0]")]
    [InlineData("packages: {\"jq;reboot\": \"*\"}", "EKN0273", "spec.packages[\"jq;reboot\"]")]
    [InlineData("packages: {jq: 1.7}", "EKN0203", "spec.packages.jq")]
    [InlineData("packages: {jq: newest}", "EKN0270", "spec.packages.jq")]
    [InlineData("packages: [jq]", "EKN0202", "spec.packages")]
    [InlineData("files: {etc/motd: {content: x}}", "EKN0312", "spec.files[\"etc/motd\"]")]
    [InlineData("files: {/: {content: x}}", "EKN0312", "spec.files[\"/\"]")]
    [InlineData("files: {/etc/motd/: {content: x}}", "EKN0312", "spec.files[\"/etc/motd/\"]")]
    [InlineData("files: {/etc/motd: {content: x}, /etc/motd/more: {content: x}}", "EKN0312", "spec.files[\"/etc/motd/more\"]")]
    [InlineData("files: {/dev/shm/x: {content: x}}", "EKN0312", "spec.files[\"/dev/shm/x\"]")]
    [InlineData("files: {/proc/sys/vm/swappiness: {content: \"1\"}}", "EKN0312", "spec.files[\"/proc/sys/vm/swappiness\"]")]
    [InlineData("files: {/run/x: {content: x}}", "EKN0312", "spec.files[\"/run/x\"]")]
    [InlineData("files: {/sys/x: {content: x}}", "EKN0312", "spec.files[\"/sys/x\"]")]
    [InlineData("files: {/var/tmp/x: {content: x}}", "EKN0312", "spec.files[\"/var/tmp/x\"]")]
    [InlineData("files: {/tmp/x: {content: x}}", "EKN0312", "spec.files[\"/tmp/x\"]")]
    [InlineData("files: {/etc/eksnode/image.json: {content: x}}", "EKN0312", "spec.files[\"/etc/eksnode/image.json\"]")]
    [InlineData("files: {/etc/eksnode/image.lock.json: {content: x}}", "EKN0312", "spec.files[\"/etc/eksnode/image.lock.json\"]")]
    [InlineData("files: {/etc/motd: x}", "EKN0202", "spec.files[\"/etc/motd\"]")]
    [InlineData("files: {/etc/motd: {}}", "EKN0277", "spec.files[\"/etc/motd\"]")]
    [InlineData("files: {/etc/motd: {content: x, source: y.txt}}", "EKN0277", "spec.files[\"/etc/motd\"]")]
    [InlineData("files: {/etc/motd: {content: x, mode: \"4755\"}}", "EKN0276", "spec.files[\"/etc/motd\"].mode")]
    [InlineData("files: {/etc/motd: {content: x, mode: \"rw-\"}}", "EKN0276", "spec.files[\"/etc/motd\"].mode")]
    [InlineData("files: {/etc/motd: {content: x, owner: root}}", "EKN0201", "spec.files[\"/etc/motd\"].owner")]
    [InlineData("units: {auditd: enabled}", "EKN0274", "spec.units.auditd")]
    [InlineData("units: {../x.service: enabled}", "EKN0274", "spec.units[\"../x.service\"]")]
    [InlineData("units: {auditd.service: true}", "EKN0203", "spec.units[\"auditd.service\"]")]
    [InlineData("units: {auditd.service: started}", "EKN0204", "spec.units[\"auditd.service\"]")]
    [InlineData("kernel: {arguments: [\"audit=1 quiet\"]}", "EKN0275", "spec.kernel.arguments[0]")]
    [InlineData("kernel: {arguments: [\"a=$(id)\"]}", "EKN0275", "spec.kernel.arguments[0]")]
    [InlineData("kernel: {sysctls: {vm: 1}}", "EKN0232", "spec.kernel.sysctls.vm")]
    [InlineData("nvidia: {driver: newest}", "EKN0270", "spec.nvidia.driver")]
    [InlineData("nvidia: {modules: [closed]}", "EKN0204", "spec.nvidia.modules[0]")]
    [InlineData("nvidia: {archives: {grid: {source: \"https://example.com/x\"}}}", "EKN0272", "spec.nvidia.archives.grid")]
    [InlineData("nvidia: {archives: {grid: {source: package, sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}}}", "EKN0271", "spec.nvidia.archives.grid.source")]
    [InlineData("nvidia: {archives: {closed: {}}}", "EKN0201", "spec.nvidia.archives.closed")]
    [InlineData("proxy: {https: proxy.example.com}", "EKN0211", "spec.proxy.https")]
    [InlineData("proxy: {http: \"http://user:secret@bad host\"}", "EKN0211", "spec.proxy.http")]
    [InlineData("proxy: {noProxy: [\"a,b\"]}", "EKN0212", "spec.proxy.noProxy[0]")]
    [InlineData("proxy: {httpsProxy: \"http://proxy.example.com\"}", "EKN0201", "spec.proxy.httpsProxy")]
    [InlineData("volumes: {/dev/nvme1n1: {size: 10}}", "EKN0280", "spec.volumes[\"/dev/nvme1n1\"]")]
    [InlineData("volumes: {/dev/xvdb: {type: gp3}}", "EKN0280", "spec.volumes[\"/dev/xvdb\"].size")]
    [InlineData("volumes: {/dev/xvda: {size: 0}}", "EKN0280", "spec.volumes[\"/dev/xvda\"].size")]
    [InlineData("volumes: {/dev/xvda: {size: 20Gi}}", "EKN0280", "spec.volumes[\"/dev/xvda\"].size")]
    [InlineData("volumes: {/dev/xvda: {type: gp4}}", "EKN0204", "spec.volumes[\"/dev/xvda\"].type")]
    [InlineData("volumes: {/dev/xvdb: {size: 500, type: st1, iops: 3000}}", "EKN0280", "spec.volumes[\"/dev/xvdb\"].iops")]
    [InlineData("volumes: {/dev/xvdb: {size: 500, type: io2}}", "EKN0280", "spec.volumes[\"/dev/xvdb\"].iops")]
    [InlineData("volumes: {/dev/xvdb: {size: 500, type: io1, iops: 100, throughput: 125}}", "EKN0280", "spec.volumes[\"/dev/xvdb\"].throughput")]
    [InlineData("volumes: {/dev/xvdb: {size: 5, throughput: 9000}}", "EKN0280", "spec.volumes[\"/dev/xvdb\"].throughput")]
    [InlineData("volumes: {/dev/xvdb: {size: 5, encrypted: false, kmsKey: alias/nodes}}", "EKN0280", "spec.volumes[\"/dev/xvdb\"].kmsKey")]
    [InlineData("volumes: {/dev/xvdb: {size: 5, kmsKey: \"a key\"}}", "EKN0280", "spec.volumes[\"/dev/xvdb\"].kmsKey")]
    [InlineData("volumes: {/dev/xvdb: 100}", "EKN0202", "spec.volumes[\"/dev/xvdb\"]")]
    [InlineData("bake: containerd", "EKN0202", "spec.bake")]
    [InlineData("bake: [containerd, 7]", "EKN0203", "spec.bake[1]")]
    [InlineData("node: {clusters: {}}", "EKN0201", "spec.node.clusters")]
    [InlineData("kubernets: \"1.33\"", "EKN0201", "spec.kubernets")]
    public void What_is_wrong_is_reported_at_its_setting(string spec, string code, string path)
    {
        var bag = new DiagnosticBag();
        Read("spec:\n  " + spec + "\n", bag);
        var diagnostic = Assert.Single(bag.Items);
        Assert.Equal((code, path), (diagnostic.Code, diagnostic.Path));
        Assert.True(diagnostic.Origin is { Line: > 0 }, "no place");
        Assert.NotEmpty(diagnostic.Help);
        Assert.DoesNotContain("secret", diagnostic.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kubernetes: 1.30", "`spec.kubernetes` is a number, and a version is text: 1.30 as a number is 1.3.", "Write it in quotes: \"1.30\".")]
    [InlineData("nvidia: {driver: 580}", "`spec.nvidia.driver` is a number, and a version is text.", "Write it in quotes: \"580\".")]
    [InlineData("architecture: amd64", "`spec.architecture` must be `arm64` or `x86_64`, but it is `amd64`.", "Did you mean `x86_64`?")]
    [InlineData("packages: {jq: \">=1.6 <1\"}", "No version fits `>=1.6 <1`.", "All comparisons must hold at once: write a lower bound that is below the upper one (`>=2.1 <2.3`). `absent` removes the package.")]
    public void Words_quote_what_was_written(string spec, string message, string help)
    {
        var bag = new DiagnosticBag();
        Read("spec:\n  " + spec + "\n", bag);
        var item = Assert.Single(bag.Items);
        Assert.Equal((message, help), (item.Message, item.Help));
    }

    [Fact]
    public void A_bad_name_does_not_hide_what_is_wrong_below_it()
    {
        var bag = new DiagnosticBag();
        Read("spec:\n  units: {rpcbind: mask}\n  files: {etc/issue: {content: x, mode: \"999\"}}\n", bag);
        Assert.Equal(["EKN0204", "EKN0274", "EKN0276", "EKN0312"], bag.Items.Select(i => i.Code).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(">=1.6 <1")]
    [InlineData("1.2 1.3")]
    [InlineData(">2.2 <2.3")]
    [InlineData("<0")]
    public void A_constraint_that_no_version_fits_is_refused(string text) => Assert.False(VersionConstraint.Parse(text).TryGet(out _, out _));

    [Theory]
    [InlineData(">=1.6 <2")]
    [InlineData(">1 <=2")]
    [InlineData(">2.2.3 <2.2.5")]
    [InlineData("<1")]
    [InlineData("1.2 >=1.2.7")]
    [InlineData("*")]
    public void A_constraint_that_some_version_fits_is_read(string text) => Assert.True(VersionConstraint.Parse(text).TryGet(out _, out _));

    [Fact]
    public void Unknown_keys_have_suggestions_of_this_kind()
    {
        var bag = new DiagnosticBag();
        Read("spec:\n  kubernets: \"1.33\"\n  clusterName: demo\nspecs: {}\n", bag);
        Assert.Equal(["Did you mean `kubernetes`?", "Did you mean `spec`?"], bag.Items.Where(d => d.Path != "spec.clusterName").Select(d => d.Help));
        Assert.DoesNotContain("spec.cluster.name", bag.Items.Single(d => d.Path == "spec.clusterName").Help, StringComparison.Ordinal);
        Assert.StartsWith("An ImageConfig has no setting", bag.Items.Single(d => d.Path == "specs").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_that_it_may_say_is_read()
    {
        var bag = new DiagnosticBag();
        var config = Read(
            """
            spec:
              kubernetes: "1.33"
              architecture: arm64
              variant: nvidia
              efa: true
              profile: none
              fips: true
              base: {distribution: al2023, release: 2023.11.20260526, kernel: "6.12"}
              nvidia: {driver: "580", modules: [open]}
              components:
                runc: {version: 1.3.*, source: upstream}
                crictl: {enabled: false}
                containerd: {source: file:///srv/containerd.tgz, sha256: 0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef}
              mirror: https://mirror.example.com/files/
              images: [registry.example.com/app:1]
              packages: {jq: "*", telnet: absent, tmux: ">=3.2 <4"}
              files:
                /etc/motd: {content: "hello\n", mode: "0640"}
                /etc/issue: {source: issue.txt}
              units: {auditd.service: enabled, rpcbind.socket: masked, chronyd.service: disabled}
              kernel: {sysctls: {vm.swappiness: 10}, modules: [sctp], arguments: [audit=1], pidMax: 65536}
              proxy: {https: "http://builder:secret@proxy.example.com:3128", noProxy: [.example.com]}
              volumes: {/dev/xvda: {size: 40}, /dev/sdf: {size: 100, type: io2, iops: 5000, encrypted: true, kmsKey: alias/nodes}, /dev/xvdc: {size: 1, throughput: 250, encrypted: false}}
              node: {kubelet: {config: {maxPods: 50}}}

            """,
            bag);
        Assert.Empty(bag.Items);
        Assert.Equal("1.33", config.Kubernetes!.Value.Text);
        Assert.Equal((Architecture.Arm64, ImageVariant.Nvidia, true, "none", true), (config.Architecture!.Value, config.Variant!.Value, config.Efa!.Value, config.Profile!.Value, config.Fips!.Value));
        Assert.Equal(("al2023", "2023.11.20260526", "6.12"), (config.Base.Distribution!.Value, config.Base.Release!.Value, config.Base.Kernel!.Value));
        Assert.Equal(["open"], config.Nvidia.Modules!.Value);
        Assert.Equal("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", config.Components["containerd"].Sha256!.Value);
        Assert.False(config.Components["crictl"].Enabled!.Value);
        Assert.Equal("https://mirror.example.com/files", config.Mirror!.Value);
        Assert.Null(config.Packages["telnet"].Version);
        Assert.Equal(">=3.2 <4", config.Packages["tmux"].Version!.Text);
        Assert.Equal((416, "issue.txt"), (config.Files["/etc/motd"].Mode!.Value, config.Files["/etc/issue"].Source!.Value));
        Assert.Equal([UnitState.Enabled, UnitState.Disabled, UnitState.Masked], config.Units.Values.Select(u => u.Value));
        Assert.Equal(["audit=1"], config.KernelArguments!.Value);
        Assert.Equal(["kernel.pid_max", "vm.swappiness"], config.Kernel.Sysctls.Keys);
        Assert.NotNull(config.Node);

        // Credentials of a proxy of the build are no warning: no service of a node gets them.
        Assert.Equal("http://builder:secret@proxy.example.com:3128", config.Proxy.Https!.Value.Reveal());
        Assert.Null(config.Proxy.Http);
        Assert.Equal([".example.com"], config.Proxy.NoProxy!.Value);
        Assert.Equal(["/dev/sdf", "/dev/xvda", "/dev/xvdc"], config.Volumes.Keys);
        var (extra, root, plain) = (config.Volumes["/dev/sdf"], config.Volumes["/dev/xvda"], config.Volumes["/dev/xvdc"]);
        Assert.Equal(("100", "io2", "5000", null, true, "alias/nodes"), (extra.Size, extra.Type, extra.Iops, extra.Throughput, extra.Encrypted, extra.KmsKey));
        Assert.Equal(("40", "gp3", null, true), (root.Size, root.Type, root.Iops, root.Encrypted));
        Assert.Equal(("250", false), (plain.Throughput, plain.Encrypted));
    }

    [Fact]
    public void An_included_document_is_below_the_one_that_includes_it()
    {
        var bag = new DiagnosticBag();
        var lower = Document("spec: {kubernetes: \"1.32\", packages: {jq: \"*\", tmux: \"*\"}, images: [a.example/x]}\n", bag);
        var middle = Document("spec: {packages: {tmux: absent}}\n", bag);
        var upper = Document("include: [a.yaml]\nspec: {kubernetes: \"1.33\", images: [b.example/y]}\n", bag);
        var config = ImageConfigReader.Read(ImageIncludes.Merge([lower, middle], upper), bag);
        Assert.Empty(bag.Items);
        Assert.Equal("1.33", config.Kubernetes!.Value.Text);
        Assert.Equal(["jq", "tmux"], config.Packages.Keys);
        Assert.Null(config.Packages["tmux"].Version);
        Assert.Equal(["b.example/y"], config.Images!.Value);
        Assert.Equal(["a.yaml"], ImageIncludes.Of(upper, bag).Select(i => i.Value));
    }

    [Theory]
    [InlineData("include: a.yaml\n", "EKN0202", "include")]
    [InlineData("include: [a.yaml, 2]\n", "EKN0203", "include[1]")]
    public void An_include_that_is_none_is_reported(string text, string code, string path)
    {
        var bag = new DiagnosticBag();
        ImageIncludes.Of(Document(text, bag), bag);
        var diagnostic = Assert.Single(bag.Items);
        Assert.Equal((code, path), (diagnostic.Code, diagnostic.Path));
    }

    private static TreeMap Document(string text, DiagnosticBag bag) => SourceReader.Read(
        new SourceContent("image.yaml", Encoding.UTF8.GetBytes("apiVersion: eksnode.io/v1alpha1\nkind: ImageConfig\n" + text), IsUserData: false), bag).Documents[0].Document;

    private static ImageConfig Read(string text, DiagnosticBag bag) => ImageConfigReader.Read(Document(text, bag), bag);
}
