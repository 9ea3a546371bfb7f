using EksNode.Configuration.Collections;
using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration;
using EksNode.Configuration.Documents;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Decisions;
using EksNode.Planning.Image;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Tests.Image;

public sealed class ImagePlannerTests
{
    [Theory]
    [InlineData("1.30", "6.1")]
    [InlineData("1.32", "6.1")]
    [InlineData("1.33", "6.12")]
    [InlineData("1.35", "6.12")]
    [InlineData("1.36", "6.18")]
    public void R01_The_kernel_stream_follows_from_the_minor_and_the_lock_is_the_same_on_every_run(string minor, string kernel)
    {
        // No kubelet of 1.30 is in the tables: it is named exactly.
        var spec = $"kubernetes: \"{(minor == "1.30" ? "1.30.14" : minor)}\"\n  architecture: arm64";
        var image = Planned(spec, out _);
        Assert.Equal(kernel, image.Decisions.Kernel!.Value);
        Assert.Contains($"-kernel-{kernel}-arm64", ImageLock.Write(image), StringComparison.Ordinal);
        Assert.Equal(ImageLock.Write(image), ImageLock.Write(Planned(spec, out _)));
    }

    [Fact]
    public void R01_A_minor_that_EKS_does_not_have_is_refused()
    {
        var diagnostic = Refused("kubernetes: \"1.29\"");
        Assert.Equal(("EKN0640", "spec.kubernetes"), (diagnostic.Code, diagnostic.Path));
        Assert.Contains("1.30 to 1.36", diagnostic.Help, StringComparison.Ordinal);
    }

    [Fact]
    public void R01_Another_major_is_no_minor_of_this_one() => Assert.Equal("EKN0640", Refused("kubernetes: \"2.33.0\"").Code);

    [Theory]
    [InlineData("x86_64", true)]
    [InlineData("arm64", false)]
    public void R26_Sleep_states_of_Intel_processors_are_for_them_alone(string architecture, bool has) =>
        Assert.Equal(has, Planned($"efa: true\n  architecture: {architecture}", out _).Plan.Find("kernel-argument:intel_idle.max_cstate=1") is not null);

    [Fact]
    public void R36_The_pause_image_has_the_name_that_a_join_gives_containerd()
    {
        var pause = Assert.Single(Planned("kubernetes: \"1.33\"", out _).Plan.Resources.OfType<ContainerImageResource>());
        Assert.Equal([SandboxImage.Local], pause.Tags);
    }

    [Theory]
    [InlineData("\"1.33\"", "1.33.13")]
    [InlineData("\"1.33.4\"", "1.33.4")]
    [InlineData("\"<1.33.4 >=1.33\"", "1.33.3")]
    public void R16_The_newest_kubelet_that_fits_is_taken(string constraint, string version) =>
        Assert.Equal(version, Planned("kubernetes: " + constraint, out _).Decisions.Kubernetes.Value.ToString());

    [Fact]
    public void R16_A_download_has_url_checksum_and_signer()
    {
        var kubelet = (BinaryResource)Planned("kubernetes: \"1.33.4\"", out _).Plan.Find("binary:kubelet")!;
        Assert.Equal("https://dl.k8s.io/release/v1.33.4/bin/linux/amd64/kubelet", kubelet.Url);
        Assert.Equal("109bd2607b054a477ede31c55ae814eae8e75543126dc4cea40b04424d843489", kubelet.Sha256);
        Assert.Equal("cosign", kubelet.Signature);
        Assert.Equal([new InstalledFile("kubelet", "/usr/bin/kubelet")], kubelet.Files);
    }

    [Fact]
    public void R16_Kubernetes_136_with_containerd_1_is_refused_with_the_reason()
    {
        var diagnostic = Refused("kubernetes: \"1.36\"\n  components: {containerd: {version: 1.7.*}}");
        Assert.Equal(("EKN0642", "spec.components.containerd.version"), (diagnostic.Code, diagnostic.Path));
        Assert.Contains("works with containerd 2.0 and newer only", diagnostic.Message, StringComparison.Ordinal);
        Assert.Equal("EKN0642", Refused("kubernetes: \"1.36\"\n  components: {containerd: {version: 1.7.32, source: upstream}}").Code);
        Planned("kubernetes: \"1.35\"\n  components: {containerd: {version: 1.7.*}}", out _);
        Planned("kubernetes: \"1.36\"\n  components: {containerd: {version: \">=1.7\"}}", out _);
    }

    [Fact]
    public void R16_A_checksum_that_is_not_known_is_marked_and_never_invented()
    {
        var image = Planned("components: {sociSnapshotter: {source: upstream, version: 0.11.1}}", out var bag);
        var diagnostic = Assert.Single(bag.Items);
        Assert.Equal(("EKN0643", Severity.Warning, "spec.components.sociSnapshotter.sha256"), (diagnostic.Code, diagnostic.Severity, diagnostic.Path));
        Assert.Null(((BinaryResource)image.Plan.Find("binary:sociSnapshotter")!).Sha256);
        Assert.Contains("\"sha256\": null", ImageLock.Write(image), StringComparison.Ordinal);

        var said = Planned($"components: {{sociSnapshotter: {{source: upstream, version: 0.11.1, sha256: {new string('a', 64)}}}}}", out bag);
        Assert.Empty(bag.Items);
        Assert.Equal(new string('a', 64), ((BinaryResource)said.Plan.Find("binary:sociSnapshotter")!).Sha256);
    }

    [Fact]
    public void R16_The_lock_has_the_fingerprints_of_all_who_sign_and_where_their_keys_are()
    {
        const string spec = "mirror: https://mirror.example.com/files\n  components: {runc: {source: upstream, version: 1.3.4}}";
        var image = Planned(spec, out var bag);
        Assert.Empty(bag.Items);
        var runc = (BinaryResource)image.Plan.Find("binary:runc")!;
        Assert.Equal(("openpgp", "https://mirror.example.com/files/raw.githubusercontent.com/opencontainers/runc/v1.3.4/runc.keyring"), (runc.Signature, runc.SignerKeys));
        Assert.All(runc.Signer.Split(' '), f => Assert.Matches("^[0-9A-F]{40}$", f));
        Assert.Empty(((BinaryResource)image.Plan.Find("binary:kubelet")!).SignerKeys);

        var text = ImageLock.Write(image);
        Assert.Contains($"\"kind\": \"openpgp\",\n          \"signer\": \"{runc.Signer}\",\n          \"keys\": \"{runc.SignerKeys}\"", text, StringComparison.Ordinal);
        Assert.Equal(text, ImageLock.Write(Planned(spec, out _)));
    }

    [Fact]
    public void R16_No_known_release_that_fits_is_an_error() =>
        Assert.Equal("EKN0641", Refused("components: {cniPlugins: {version: 7.*}}").Code);

    [Theory]
    [InlineData("images: [602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/pause:3.10]", "spec.images[0]", "eu-west-1")]
    [InlineData("node: {images: {prefetch: [123456789012.dkr.ecr.ap-south-1.amazonaws.com/app:1]}}", "spec.node.images.prefetch[0]", "ap-south-1")]
    [InlineData("node: {registries: {123456789012.dkr.ecr.eu-north-1.amazonaws.com: {mirrors: [{url: \"https://mirror.example.com\"}]}}}", "spec.node.registries[\"123456789012.dkr.ecr.eu-north-1.amazonaws.com\"]", "eu-north-1")]
    [InlineData("node: {cluster: {apiServerEndpoint: \"https://0A.gr7.eu-central-1.eks.amazonaws.com\"}}", "spec.node.cluster.apiServerEndpoint", "eu-central-1")]
    public void R25_FIPS_mode_is_refused_where_there_are_no_FIPS_endpoints(string spec, string path, string region)
    {
        var bag = new DiagnosticBag();
        Plan("fips: true\n  " + spec, bag);
        var diagnostic = Assert.Single(bag.Items, d => d.Code == "EKN0642");
        Assert.Equal(path, diagnostic.Path);
        Assert.Contains($"is in {region}, where ECR has no FIPS endpoint", diagnostic.Message, StringComparison.Ordinal);
        Assert.Contains("us-east-1, us-east-2, us-gov-east-1", diagnostic.Help, StringComparison.Ordinal);

        bag = new DiagnosticBag();
        Plan(spec, bag);
        Assert.DoesNotContain(bag.Items, d => d.Code == "EKN0642");
        bag = new DiagnosticBag();
        Plan("fips: true\n  " + spec.Replace(region, "us-gov-west-1", StringComparison.Ordinal), bag);
        Assert.DoesNotContain(bag.Items, d => d.Code == "EKN0642");
    }

    [Fact]
    public void R25_A_word_that_turns_FIPS_mode_off_is_refused()
    {
        var diagnostic = Refused("fips: true\n  kernel: {arguments: [fips=0]}");
        Assert.Equal(("EKN0642", "spec.kernel.arguments"), (diagnostic.Code, diagnostic.Path));
    }

    [Theory]
    [InlineData("580.*", 13)]
    [InlineData("580.159.03", 13)]
    [InlineData("579.*", 12)]
    [InlineData("525", 12)]
    [InlineData("470.*", 11)]
    [InlineData("390.*", null)]
    [InlineData(">=535", null)]
    public void R17_The_driver_says_which_CUDA_containers_may_have(string driver, int? cuda) => Assert.Equal(cuda, CudaCompatibility.Newest(VersionConstraint.Parse(driver).Value));

    [Theory]
    [InlineData("variant: nvidia", "kmod-nvidia-open-dkms")]
    [InlineData("variant: nvidia", "dkms")]
    [InlineData("kubernetes: \"1.33\"\n  variant: nvidia", "kernel6.12-devel")]
    [InlineData("variant: neuron", "aws-neuronx-dkms")]
    public void R26_An_image_for_accelerators_without_modules_for_its_kernel_is_refused(string spec, string package)
    {
        var diagnostic = Refused($"{spec}\n  packages: {{{package}: absent}}");
        Assert.Equal(("EKN0642", SettingPath.Child("spec.packages", package)), (diagnostic.Code, diagnostic.Path));
        Assert.Contains("no kernel modules for its devices", diagnostic.Message, StringComparison.Ordinal);
        Planned($"packages: {{{package}: absent}}", out var bag);
        Assert.Empty(bag.Items);
    }

    [Fact]
    public void R05_Programs_of_an_archive_have_the_units_that_their_packages_bring()
    {
        Assert.DoesNotContain(Planned("kubernetes: \"1.33\"", out _).Plan.Resources, r => r is FileResource { Path: "/etc/systemd/system/containerd.service" or "/etc/systemd/system/soci-snapshotter.service" });
        var image = Planned($"components: {{containerd: {{source: upstream, version: 2.2.4}}, sociSnapshotter: {{source: upstream, version: 0.11.1, sha256: {new string('a', 64)}}}}}", out _);
        Assert.Contains("ExecStart=/usr/bin/containerd\n", Text(image, "/etc/systemd/system/containerd.service"), StringComparison.Ordinal);
        Assert.Contains("ExecStart=/usr/bin/soci-snapshotter-grpc\n", Text(image, "/etc/systemd/system/soci-snapshotter.service"), StringComparison.Ordinal);
        Assert.Null(image.Plan.Find("unit:soci-snapshotter.socket"));
        Assert.NotNull(Planned("base: {distribution: debian, release: trixie}", out _).Plan.Find("file:/etc/systemd/system/soci-snapshotter.service"));
    }

    [Fact]
    public void A_mirror_has_the_files_of_every_publisher_below_its_host()
    {
        var image = Planned("mirror: file:///srv/mirror", out _);
        Assert.All(image.Plan.Resources.OfType<BinaryResource>(), b => Assert.StartsWith("file:///srv/mirror/", b.Url, StringComparison.Ordinal));
        Assert.EndsWith("/dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubelet", ((BinaryResource)image.Plan.Find("binary:kubelet")!).Url, StringComparison.Ordinal);
    }

    [Fact]
    public void R17_All_packages_of_the_NVIDIA_driver_have_one_version()
    {
        var image = Planned("variant: nvidia\n  nvidia: {driver: 580.159.3}", out _);
        var packages = image.Plan.Resources.OfType<PackageResource>().Where(p => p.Name.Contains("nvidia", StringComparison.Ordinal) && p.Name != "nvidia-container-toolkit").ToList();
        Assert.True(packages.Count >= 5);
        Assert.All(packages, p => Assert.Equal("580.159.3", p.Version!.Text));
        Assert.NotNull(image.Plan.Find("package:nvidia-container-toolkit"));
        Assert.NotNull(image.Plan.Find("package:kmod-nvidia-open-dkms"));
        Assert.Null(image.Plan.Find("package:kmod-nvidia-latest-dkms"));
        Assert.NotNull(Planned("variant: nvidia\n  nvidia: {modules: [proprietary]}", out _).Plan.Find("package:kmod-nvidia-latest-dkms"));
    }

    [Theory]
    [InlineData("1.32", "kernel-devel", "kernel-headers")]
    [InlineData("1.33", "kernel6.12-devel", "kernel6.12-headers")]
    [InlineData("1.36", "kernel6.18-devel", "kernel6.18-headers")]
    public void R17_Modules_are_compiled_with_the_headers_of_the_kernel_of_the_image(string kubernetes, string devel, string headers)
    {
        foreach (var variant in (string[])["nvidia", "neuron"])
        {
            var plan = Planned($"kubernetes: \"{kubernetes}\"\n  variant: {variant}", out _).Plan;
            Assert.NotNull(plan.Find("package:" + devel));
            Assert.NotNull(plan.Find("package:" + headers));
        }

        Assert.Null(Planned($"kubernetes: \"{kubernetes}\"", out _).Plan.Find("package:" + devel));
    }

    [Fact]
    public void R17_Several_builds_are_archives_where_a_boot_looks_for_them()
    {
        var image = Planned(Archives("open", "grid", "proprietary") + "\n  files: {/etc/eks/nvidia-open-supported-devices-580.txt: {content: \"0x2237\"}}", out var bag);
        Assert.Empty(bag.Items);
        Assert.Equal(
            ["/var/lib/dkms-archive/nvidia-open-grid/nvidia-open-grid.tar.gz", "/var/lib/dkms-archive/nvidia-open/nvidia-open.tar.gz", "/var/lib/dkms-archive/nvidia/nvidia.tar.gz"],
            image.Plan.Resources.OfType<BinaryResource>().Where(b => b.Path.Contains("dkms", StringComparison.Ordinal)).Select(b => b.Files[0].Path).Order(StringComparer.Ordinal));
        var grid = (BinaryResource)image.Plan.Find("binary:nvidia-open-grid")!;
        Assert.Equal(("https://example.com/grid.tar.gz", new string('a', 64), false), (grid.Url, grid.Sha256, grid.IsArchive));
        Assert.Null(image.Plan.Find("package:kmod-nvidia-open-dkms"));
        Assert.NotNull(image.Plan.Find("package:dkms"));

        Assert.Contains("\"kernelModules\": [", ImageLock.Write(image), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nvidia: {modules: [open, proprietary]}", "spec.nvidia.modules")]
    [InlineData("nvidia: {modules: [proprietary], archives: {proprietary: {source: \"https://example.com/a.tar.gz\", sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}}}", "spec.nvidia.modules")]
    [InlineData("nvidia: {archives: {open: {source: \"https://example.com/a.tar.gz\", sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}}}", "spec.nvidia.archives.open")]
    [InlineData("architecture: arm64\n  nvidia: {archives: {grid: {source: \"https://example.com/a.tar.gz\", sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}}}", "spec.nvidia.archives.grid")]
    public void R17_Builds_that_do_not_go_together_are_refused(string spec, string path)
    {
        var diagnostic = Refused("variant: nvidia\n  " + spec);
        Assert.Equal(("EKN0642", path), (diagnostic.Code, diagnostic.Path));
    }

    private static string Archives(params string[] builds) =>
        "variant: nvidia\n  nvidia: {archives: {" + string.Join(", ", builds.Select(b => $"{b}: {{source: \"https://example.com/{b}.tar.gz\", sha256: {new string('a', 64)}}}")) + "}}";

    [Theory]
    [InlineData("variant: neuron\n  architecture: arm64", "spec.architecture")]
    [InlineData("variant: nvidia\n  base: {distribution: debian}", "spec.base.distribution")]
    [InlineData("fips: true\n  base: {distribution: debian}", "spec.base.distribution")]
    [InlineData("components: {kubelet: {enabled: false}}", "spec.components.kubelet.enabled")]
    [InlineData("components: {sociSnapshotter: {enabled: false}}\n  node: {featureGates: {FastImagePull: true}}", "spec.node.featureGates.FastImagePull")]
    public void R26_What_does_not_work_together_is_refused(string spec, string path)
    {
        var diagnostic = Refused(spec);
        Assert.Equal(("EKN0642", path), (diagnostic.Code, diagnostic.Path));
    }

    [Theory]
    [InlineData("nvidia: {driver: \"580\"}", "spec.nvidia")]
    [InlineData("base: {distribution: debian, kernel: \"6.12\"}", "spec.base.kernel")]
    [InlineData("base: {distribution: debian}\n  volumes: {/dev/xvdb: {size: 5}}", "spec.volumes[\"/dev/xvdb\"]")]
    public void What_has_no_effect_is_said(string spec, string path)
    {
        Planned(spec, out var bag);
        var diagnostic = Assert.Single(bag.Items);
        Assert.Equal(("EKN0644", path), (diagnostic.Code, diagnostic.Path));
    }

    [Fact]
    public void R05_R08_SOCI_and_crictl_are_in_every_image_unless_left_out()
    {
        var image = Planned("kubernetes: \"1.33\"", out _);
        Assert.NotNull(image.Plan.Find("package:soci-snapshotter"));
        Assert.NotNull(image.Plan.Find("unit:soci-snapshotter.socket"));
        Assert.NotNull(((BinaryResource)image.Plan.Find("binary:crictl")!).Sha256);
        Assert.NotNull(image.Plan.Find("file:/etc/crictl.yaml"));

        var without = Planned("components: {sociSnapshotter: {enabled: false}, crictl: {enabled: false}}", out _);
        Assert.DoesNotContain(without.Plan.Resources, r => r.Id.Contains("soci", StringComparison.Ordinal) || r.Id == "binary:crictl");
    }

    [Fact]
    public void R06_The_limit_of_processes_is_the_most_that_the_kernel_has() =>
        Assert.Contains("kernel.pid_max = 4194304\n", Text(Planned("kubernetes: \"1.33\"", out _), "/etc/sysctl.d/60-eksnode-containers.conf"), StringComparison.Ordinal);

    [Fact]
    public void R15_Volumes_are_in_the_lock_and_the_proxy_of_the_build_is_not()
    {
        var image = Planned("proxy: {https: \"http://builder:secret@proxy.example.com\"}\n  volumes: {/dev/xvdb: {size: 100, iops: 4000, kmsKey: alias/nodes}, /dev/xvda: {size: 30, encrypted: false}}", out var bag);
        Assert.Empty(bag.Items);
        var text = ImageLock.Write(image);
        using var json = System.Text.Json.JsonDocument.Parse(text);
        Assert.Equal(
            """[{"device":"/dev/xvda","size":30,"type":"gp3","encrypted":false},{"device":"/dev/xvdb","size":100,"type":"gp3","encrypted":true,"iops":4000,"kmsKey":"alias/nodes"}]""",
            System.Text.RegularExpressions.Regex.Replace(json.RootElement.GetProperty("pinned").GetProperty("volumes").GetRawText(), @"\s+", ""));
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("volumes", ImageLock.Write(Planned("kubernetes: \"1.33\"", out _)), StringComparison.Ordinal);
    }

    [Fact]
    public void R25_FIPS_mode_is_an_argument_of_the_kernel() =>
        Assert.NotNull(Planned("fips: true", out _).Plan.Find("kernel-argument:fips=1"));

    [Fact]
    public void R27_Every_file_below_image_files_is_baked_byte_for_byte()
    {
        var folder = Path.Combine(Repository.Root, "image", "files");
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).ToList();
        Assert.NotEmpty(files);
        var image = Planned("kubernetes: \"1.33\"", out _);
        foreach (var file in files)
        {
            var path = "/" + Path.GetRelativePath(folder, file);
            if (new FileInfo(file).LinkTarget is { } target)
            {
                Assert.Equal(target, ((SymlinkResource)image.Plan.Find("symlink:" + path)!).Target);
                continue;
            }

            Assert.Equal(File.ReadAllBytes(file), ((FileResource)image.Plan.Find("file:" + path)!).Content.ToArray());
        }
    }

    [Theory]
    [InlineData("directory:/etc/kubernetes/pki")]
    [InlineData("directory:/etc/containerd")]
    [InlineData("directory:/etc/cni/net.d")]
    [InlineData("directory:/etc/systemd/system/kubelet.service.d")]
    [InlineData("file:/etc/systemd/system/runtime.slice")]
    [InlineData("file:/etc/systemd/system/containerd.service.d/00-runtime-slice.conf")]
    [InlineData("file:/etc/systemd/system/kubelet.service")]
    [InlineData("file:/etc/systemd/system/kubelet.service.d/10-args.conf")]
    [InlineData("file:/etc/systemd/system/kubelet.service.d/20-extra-args.conf")]
    [InlineData("unit:sys-fs-bpf.mount")]
    public void R28_R30_R31_R32_An_image_has_what_a_join_expects(string id) =>
        Assert.NotNull(Planned("kubernetes: \"1.33\"", out _).Plan.Find(id));

    [Fact]
    public void A_document_wins_over_what_every_image_has()
    {
        var image = Planned(
            """
            packages: {jq: absent, chrony: 4.*}
              files: {/etc/crictl.yaml: {content: "mine\n", mode: "0600"}}
              units: {sys-fs-bpf.mount: masked}
            """,
            out _);
        Assert.Null(((PackageResource)image.Plan.Find("package:jq")!).Version);
        Assert.Equal("4.*", ((PackageResource)image.Plan.Find("package:chrony")!).Version!.Text);
        var file = (FileResource)image.Plan.Find("file:/etc/crictl.yaml")!;
        Assert.Equal(("mine\n", 384), (Encoding.UTF8.GetString(file.Content.AsSpan()), file.Mode));
        Assert.Equal(UnitState.Masked, ((UnitStateResource)image.Plan.Find("unit:sys-fs-bpf.mount")!).State);
    }

    [Theory]
    [InlineData("/etc/kubernetes/pki")]
    [InlineData("/usr/bin/kubelet")]
    public void A_file_where_something_else_belongs_is_refused(string path)
    {
        var diagnostic = Refused($"files: {{{path}: {{content: x}}}}");
        Assert.Equal(("EKN0642", $"spec.files[\"{path}\"]"), (diagnostic.Code, diagnostic.Path));
    }

    [Fact]
    public void A_file_of_the_document_takes_the_place_of_a_generated_one() =>
        Assert.Equal("x", Text(Planned("files: {/etc/sysctl.d/60-eksnode-kubelet.conf: {content: x}}", out _), "/etc/sysctl.d/60-eksnode-kubelet.conf"));

    [Fact]
    public void The_part_of_a_NodeConfig_is_the_lowest_source_of_every_join()
    {
        var image = Planned("node: {kubelet: {config: {maxPods: 42}}}", out _);
        var file = (FileResource)image.Plan.Find("file:/etc/eksnode/node.d/00-image.yaml")!;
        Assert.Equal(0x180, file.Mode);
        var bag = new DiagnosticBag();
        var read = ConfigurationReader.Read([new SourceContent("00-image.yaml", file.Content.ToArray(), IsUserData: false)], bag);
        Assert.Empty(bag.Items);
        Assert.Equal("42", ((TreeScalar)read.Configuration.Kubelet.Config!["maxPods"]!).Text);
    }

    [Fact]
    public void Every_resource_is_of_the_image_and_has_a_reason()
    {
        var image = Planned("kubernetes: \"1.33\"\n  variant: nvidia\n  kernel: {modules: [sctp], sysctls: {vm.swappiness: 1}, arguments: [quiet]}", out _);
        Assert.All(image.Plan.Resources, r => Assert.Equal(Phase.Image, r.Phase));
        Assert.All(image.Plan.Resources, r => Assert.False(r.Reasons.IsEmpty, r.Id));
        Assert.All(image.Plan.Resources.SelectMany(r => r.Reasons), r => Assert.True(r.Origin.Kind != OriginKind.Default || r.Origin.Note is { Length: > 0 }, r.Setting));
    }

    [Fact]
    public void Debian_has_packages_of_its_own()
    {
        var image = Planned("base: {distribution: debian, release: trixie}", out var bag);
        Assert.Empty(bag.Items);
        Assert.NotNull(image.Plan.Find("package:nfs-common"));
        Assert.Null(image.Plan.Find("package:nfs-utils"));
        Assert.Null(image.Plan.Find("package:amazon-ssm-agent"));
        Assert.DoesNotContain("cdn.amazonlinux.com", ImageLock.Write(image), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("node: {kubelet: {config: {maxPods: lots}}}", Severity.Error, "spec.node.kubelet.config.maxPods")]
    [InlineData("node: {kubelet: {config: {maxpods: 3}}}", Severity.Warning, "spec.node.kubelet.config.maxpods")]
    [InlineData("node: {kubelet: {flags: [--no-such-flag=1]}}", Severity.Error, "spec.node.kubelet.flags[0]")]
    [InlineData("kubernetes: \"1.33\"\n  node: {kernel: {sysctls: {vm.overcommit_memory: 0}}}", Severity.Error, "spec.node.kernel.sysctls[\"vm.overcommit_memory\"]")]
    [InlineData("kernel: {sysctls: {vm.overcommit_memory: 0}}", Severity.Error, "spec.kernel.sysctls[\"vm.overcommit_memory\"]")]
    [InlineData("kernel: {sysctls: {net.ipv4.ip_forward: 0}}", Severity.Warning, "spec.kernel.sysctls[\"net.ipv4.ip_forward\"]")]
    public void A_mistake_that_would_be_in_every_node_has_the_path_in_the_image(string spec, Severity severity, string path)
    {
        var bag = new DiagnosticBag();
        Plan(spec, bag);
        var item = Assert.Single(bag.Items);
        Assert.Equal((severity, path), (item.Severity, item.Path));
        Assert.DoesNotContain("`spec.kubelet", item.Message + item.Help, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kernel: {sysctls: {vm.overcommit_memory: 0}}\n  node: {kubelet: {config: {protectKernelDefaults: false}}}")]
    [InlineData("kernel: {sysctls: {vm.overcommit_memory: 0}}\n  node: {kernel: {sysctls: {vm.overcommit_memory: 1}}}")]
    [InlineData("node: {kubelet: {config: {maxPods: 110}}, containerd: {config: \"version = 3\\n\"}}")]
    [InlineData("packages: {containerd: 2.*}")]
    [InlineData("packages: {containerd: absent}\n  components: {containerd: {source: upstream, version: 2.2.4}}")]
    [InlineData("units: {kubelet.service: disabled, eksnode-start.service: enabled}")]
    [InlineData("files: {/etc/systemd/system/kubelet.service.d/90-own.conf: {content: x}}")]
    public void What_works_is_not_complained_of(string spec)
    {
        Planned(spec, out var bag);
        Assert.DoesNotContain(bag.Items, d => d.Severity != Severity.Info && d.Code != "EKN0643");
    }

    [Theory]
    [InlineData("packages: {containerd: absent}", "spec.packages.containerd")]
    [InlineData("packages: {soci-snapshotter: absent}", "spec.packages.soci-snapshotter")]
    [InlineData("packages: {containerd: 2.1.*}\n  components: {containerd: {version: 2.2.*}}", "spec.packages.containerd")]
    [InlineData("units: {eksnode-configure.service: disabled}", "spec.units[\"eksnode-configure.service\"]")]
    [InlineData("units: {eksnode-start.service: masked}", "spec.units[\"eksnode-start.service\"]")]
    [InlineData("units: {kubelet.service: enabled}", "spec.units[\"kubelet.service\"]")]
    [InlineData("units: {containerd.service: masked}", "spec.units[\"containerd.service\"]")]
    public void What_a_node_needs_to_join_is_not_planned_away(string spec, string path)
    {
        var diagnostic = Refused(spec);
        Assert.Equal(("EKN0642", path), (diagnostic.Code, diagnostic.Path));
    }

    [Theory]
    [InlineData("files: {/etc/systemd/system/kubelet.service: {content: x}}", "spec.files[\"/etc/systemd/system/kubelet.service\"]")]
    [InlineData("files: {/etc/systemd/system/eksnode-start.service: {content: x}}", "spec.files[\"/etc/systemd/system/eksnode-start.service\"]")]
    [InlineData("files: {/etc/eksnode/node.d/00-image.yaml: {content: x}}\n  node: {kubelet: {config: {maxPods: 9}}}", "spec.files[\"/etc/eksnode/node.d/00-image.yaml\"]")]
    public void A_file_in_the_place_of_one_that_nodes_start_with_is_a_warning(string spec, string path)
    {
        Planned(spec, out var bag);
        var diagnostic = Assert.Single(bag.Items);
        Assert.Equal(("EKN0646", Severity.Warning, path), (diagnostic.Code, diagnostic.Severity, diagnostic.Path));
    }

    [Fact]
    public void A_component_of_a_URL_names_its_own_line()
    {
        var image = Planned($"kubernetes: \"1.33.4\"\n  components:\n    kubelet:\n      source: https://example.com/kubelet\n      sha256: {new string('a', 64)}", out _);
        Assert.Equal(7, image.Plan.Find("binary:kubelet")!.Reasons[0].Origin.Line);
    }

    internal static string Text(ImagePlan image, string path) => Encoding.UTF8.GetString(((FileResource)image.Plan.Find("file:" + path)!).Content.AsSpan());

    internal static Diagnostic Refused(string spec)
    {
        var bag = new DiagnosticBag();
        var plan = Plan(spec, bag);
        Assert.True(plan is null || bag.HasErrors);
        return Assert.Single(bag.Items);
    }

    internal static ImagePlan Planned(string spec, out DiagnosticBag bag)
    {
        bag = new DiagnosticBag();
        var plan = Plan(spec, bag);
        Assert.False(bag.HasErrors, string.Join('\n', bag.Items));
        return plan!;
    }

    private static ImagePlan? Plan(string spec, DiagnosticBag bag)
    {
        var text = $"apiVersion: eksnode.io/v1alpha1\nkind: ImageConfig\nspec:\n  {spec}\n";
        var source = SourceReader.Read(new SourceContent("image.yaml", Encoding.UTF8.GetBytes(text), IsUserData: false), bag);
        var config = ImageConfigReader.Read(source.Documents[0].Document, bag);
        Assert.False(bag.HasErrors, string.Join('\n', bag.Items));
        return ImagePlanner.Plan(config, SortedMap.Empty<ImmutableArray<byte>>(), bag);
    }
}
