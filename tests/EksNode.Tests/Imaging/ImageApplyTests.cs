using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using EksNode.Commands;
using EksNode.Configuration.Text;
using EksNode.Host.Facts;
using EksNode.Host.Files;

namespace EksNode.Tests.Imaging;

/// <summary><c>eksnode image apply</c> in this process, in a folder shaped like Debian.</summary>
public sealed class ImageApplyTests : IDisposable
{
    private readonly ImageBuild build = new();

    public void Dispose() => build.Dispose();

    [Fact]
    public async Task R06_A_document_becomes_an_image_and_a_second_build_changes_nothing()
    {
        NeedsSystemctl();
        var spec = build.Spec("  files: {/etc/issue: {content: Ours}}\n  units: {rpcbind.socket: masked}\n  kernel: {arguments: [audit=1]}\n");
        var (exit, output, error) = await build.ApplyAsync(spec);
        Assert.True(exit == 0, error);
        Assert.Contains("is built", output, StringComparison.Ordinal);

        Assert.Equal("Ours", build.Read("/etc/issue"));
        Assert.Equal("this executable", build.Read("/usr/bin/eksnode"));
        Assert.Equal("eksnode", new FileInfo(build.At("/usr/bin/nodeadm")).LinkTarget);
        Assert.Equal("/usr/lib/cni/bridge", new FileInfo(build.At("/opt/cni/bin/bridge")).LinkTarget);
        Assert.Equal("audit=1\n", build.Read("/etc/kernel/cmdline"));
        Assert.Equal("/dev/null", new FileInfo(build.At("/etc/systemd/system/rpcbind.socket")).LinkTarget);
        Assert.True(File.Exists(build.At("/etc/systemd/system/multi-user.target.wants/eksnode-start.service")) || new FileInfo(build.At("/etc/systemd/system/multi-user.target.wants/eksnode-start.service")).LinkTarget is not null);
        Assert.Null(new FileInfo(build.At("/etc/systemd/system/multi-user.target.wants/containerd.service")).LinkTarget);
        Assert.Equal((UnixFileMode)0x1ED, File.GetUnixFileMode(build.At("/usr/bin/kubelet")));
        Assert.Contains("units: done changed=", build.Read("/var/log/eksnode/image-apply.log"), StringComparison.Ordinal);

        var (before, log) = (build.Tree(), build.Read("/var/log/eksnode/image-apply.log"));
        var again = await build.ApplyAsync(spec);
        Assert.Equal(0, again.Exit);
        Assert.StartsWith("Nothing changed: the image in ", again.Out, StringComparison.Ordinal);
        Assert.Equal(before, build.Tree());
        Assert.Equal(log, build.Read("/var/log/eksnode/image-apply.log"));
        Assert.Equal(["kubelet"], build.Downloader.Fetched);
    }

    [Fact]
    public async Task R16_The_manifest_tells_joins_what_is_in_the_image()
    {
        NeedsSystemctl();
        Assert.Equal(0, (await build.ApplyAsync(build.Spec())).Exit);
        using var root = HostRoot.Open(build.Root);
        var bag = new DiagnosticBag();
        var manifest = ImageManifest.Read(root, bag)!;
        Assert.Empty(bag.Items);
        Assert.Equal(("standard", null, true), (manifest.Variant, manifest.Profile, manifest.PauseImage));
        Assert.Equal(("1.33.4", "/usr/bin/kubelet"), (manifest.Components["kubelet"].Version, manifest.Components["kubelet"].Path));
        Assert.Equal(("2.1.4", "/usr/bin/containerd"), (manifest.Components["containerd"].Version, manifest.Components["containerd"].Path));
        Assert.Equal(("1.3.3", "/usr/sbin/runc"), (manifest.Components["runc"].Version, manifest.Components["runc"].Path));
        Assert.Contains("file:/etc/systemd/system/kubelet.service", manifest.Baked);
        Assert.DoesNotContain(ImageVerifier.Verify(root, manifest), f => f.IsDrift);
    }

    [Fact]
    public async Task R16_The_lock_of_the_image_has_the_exact_packages_and_builds_the_same_again()
    {
        NeedsSystemctl();
        Assert.Equal(0, (await build.ApplyAsync(build.Spec())).Exit);
        using var json = JsonDocument.Parse(build.Read("/etc/eksnode/image.lock.json"));
        var packages = json.RootElement.GetProperty("resolved").GetProperty("packages");
        Assert.Equal(4, packages.GetArrayLength());
        Assert.Equal(("containerd", "1:2.1.4-1+b2", false), (packages[0].GetProperty("name").GetString(), packages[0].GetProperty("version").GetString(), packages[0].GetProperty("dependency").GetBoolean()));
        Assert.True(packages[2].GetProperty("dependency").GetBoolean());

        File.Copy(build.At("/etc/eksnode/image.lock.json"), build.Outside("lock.json"));
        build.Packages.Calls.Clear();
        var (exit, _, error) = await build.ApplyAsync(build.Spec(), "--lock-file", build.Outside("lock.json"));
        Assert.True(exit == 0, error);
        Assert.Equal(["apply containerd=1:2.1.4-1+b2,containernetworking-plugins=1.7.1-1,libexample=1.0-1,runc=1.3.3+ds1-2"], build.Packages.Calls);
    }

    [Fact]
    public async Task R16_A_plan_that_resolves_writes_the_lock_that_a_build_takes()
    {
        NeedsSystemctl();
        File.WriteAllText(build.Outside("image.yaml"), "apiVersion: eksnode.io/v1alpha1\nkind: ImageConfig\n" + build.Spec());
        var planned = await build.RunAsync(
            ImagePlanCommand.Build, ["-c", build.Outside("image.yaml"), "--resolve", "--root", build.Root, "--lock-file", build.Outside("lock.json")]);
        Assert.True(planned.Exit == 0, planned.Error);
        build.Packages.Calls.Clear();
        var (exit, _, error) = await build.ApplyAsync(build.Spec(), "--lock-file", build.Outside("lock.json"));
        Assert.True(exit == 0, error);
        Assert.DoesNotContain("resolve", build.Packages.Calls);
        using var asked = JsonDocument.Parse(File.ReadAllText(build.Outside("lock.json")));
        using var built = JsonDocument.Parse(build.Read("/etc/eksnode/image.lock.json"));
        Assert.Equal(asked.RootElement.GetProperty("pinned").ToString(), built.RootElement.GetProperty("pinned").ToString());
        var resolved = built.RootElement.GetProperty("resolved");
        Assert.Equal(asked.RootElement.GetProperty("resolved").GetProperty("packages").ToString(), resolved.GetProperty("packages").ToString());

        // What downloads became is in the lock of the image alone: with it a validation knows every file.
        var kubelet = Assert.Single(resolved.GetProperty("programs").EnumerateArray(), p => p.GetProperty("name").GetString() == "kubelet");
        var file = Assert.Single(kubelet.GetProperty("files").EnumerateArray());
        Assert.Equal(("/usr/bin/kubelet", build.KubeletSha256), (file.GetProperty("path").GetString(), file.GetProperty("sha256").GetString()));
    }

    [Fact]
    public async Task R16_The_lock_of_another_image_is_refused_with_what_differs()
    {
        NeedsSystemctl();
        Assert.Equal(0, (await build.ApplyAsync(build.Spec())).Exit);
        File.Copy(build.At("/etc/eksnode/image.lock.json"), build.Outside("lock.json"));
        var (exit, _, error) = await build.ApplyAsync(build.Spec("  packages: {tmux: \"*\"}\n"), "--lock-file", build.Outside("lock.json"));
        Assert.Equal(2, exit);
        Assert.Contains("EKN0680", error, StringComparison.Ordinal);
        Assert.Contains("pinned.packages[", error, StringComparison.Ordinal);
        File.WriteAllText(build.Outside("lock.json"), "{\"schemaVersion\": 1}");
        Assert.Contains("EKN0681", (await build.ApplyAsync(build.Spec(), "--lock-file", build.Outside("lock.json"))).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R16_A_signature_that_was_not_there_is_told()
    {
        NeedsSystemctl();
        build.Downloader.Remark = new Diagnostic(
            DiagnosticCatalogue.SignatureMissing.Code, DiagnosticCatalogue.SignatureMissing.Severity, "There is no signature beside the kubelet.", "Look at the mirror.");
        var (exit, _, error) = await build.ApplyAsync(build.Spec());
        Assert.True(exit == 0, error);
        Assert.Contains("warning EKN0663: There is no signature beside the kubelet.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R16_A_build_asks_for_the_signature_that_its_lock_names()
    {
        NeedsSystemctl();
        var arch = System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";
        var runc = build.Outside($"mirror/github.com/opencontainers/runc/releases/download/v1.3.4/runc.{arch}");
        Directory.CreateDirectory(Path.GetDirectoryName(runc)!);
        File.WriteAllText(runc, "#!/bin/sh\necho runc version 1.3.4\n");
        var sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(runc)));
        var (exit, _, error) = await build.ApplyAsync(build.Spec($"  mirror: \"file://{build.Outside("mirror")}\"\n").Replace(
            "    crictl:", $"    runc: {{source: upstream, version: 1.3.4, sha256: {sha256}}}\n    crictl:", StringComparison.Ordinal));
        Assert.True(exit == 0, error);

        using var json = JsonDocument.Parse(build.Read("/etc/eksnode/image.lock.json"));
        var locked = json.RootElement.GetProperty("pinned").GetProperty("components").EnumerateArray().Single(c => c.GetProperty("name").GetString() == "runc").GetProperty("signature");
        var asked = Assert.Single(build.Downloader.Downloads, d => d.Name == "runc").Signature!;
        Assert.Equal(("openpgp", locked.GetProperty("signer").GetString()), (asked.Kind, asked.Signer));
        Assert.Equal((locked.GetProperty("keys").GetString(), build.Outside("mirror/raw.githubusercontent.com/opencontainers/runc/v1.3.4/runc.keyring")), (asked.Keys!.OriginalString, asked.Keys.LocalPath));
        Assert.Null(Assert.Single(build.Downloader.Downloads, d => d.Name == "kubelet").Signature);
    }

    [Fact]
    public async Task R16_What_has_no_checksum_or_another_is_never_installed()
    {
        NeedsSystemctl();
        var unknown = build.Spec().Replace("\"1.33.4\"", "\"1.33.99\"", StringComparison.Ordinal).Replace($"kubelet: {{source: \"file://{build.KubeletSource}\", sha256: \"{build.KubeletSha256}\"}}", "kubelet: {source: upstream}", StringComparison.Ordinal);
        var (exit, _, error) = await build.ApplyAsync(unknown);
        Assert.Equal(2, exit);
        Assert.Contains("error EKN0643", error, StringComparison.Ordinal);
        Assert.Empty(build.Packages.Calls);

        var other = await build.ApplyAsync(build.Spec(sha256: new string('0', 64)));
        Assert.Equal(2, other.Exit);
        Assert.False(File.Exists(build.At("/usr/bin/kubelet")));
        Assert.False(File.Exists(build.At("/etc/eksnode/image.json")));
    }

    [Fact]
    public async Task What_an_earlier_build_wrote_and_is_planned_no_more_goes()
    {
        NeedsSystemctl();
        build.Write("/etc/motd", "the base's");
        Assert.Equal(0, (await build.ApplyAsync(build.Spec("  files:\n    /etc/issue: {content: Ours}\n    /etc/motd: {content: Ours}\n"))).Exit);
        var (exit, output, _) = await build.ApplyAsync(build.Spec());
        Assert.Equal(0, exit);
        Assert.Contains("file:/etc/issue removed", output, StringComparison.Ordinal);
        Assert.False(File.Exists(build.At("/etc/issue")));
        Assert.Equal("the base's", build.Read("/etc/motd"));
    }

    [Fact]
    public async Task A_component_may_change_from_a_download_to_a_package_and_keeps_what_the_package_put_there()
    {
        NeedsSystemctl();
        var download = build.Outside("runc");
        await File.WriteAllTextAsync(download, "downloaded", TestContext.Current.CancellationToken);
        var sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("downloaded"u8));
        var spec = build.Spec().Replace("  cniPlugins:", $"  runc: {{source: \"file://{download}\", sha256: \"{sha256}\", version: 1.3.0}}\n    cniPlugins:", StringComparison.Ordinal);
        var (exit, _, error) = await build.ApplyAsync(spec);
        Assert.True(exit == 0, error);
        Assert.Equal("downloaded", build.Read("/usr/bin/runc"));

        // The package was there before this build, as another package needed it, and nothing puts its program back.
        (exit, _, error) = await build.ApplyAsync(build.Spec());
        Assert.Equal(2, exit);
        Assert.Contains("EKN0686", error, StringComparison.Ordinal);
        Assert.Contains("apt-get install --reinstall runc", error, StringComparison.Ordinal);
        Assert.Equal("downloaded", build.Read("/usr/bin/runc"));

        build.Write("/usr/bin/runc", "packaged");
        (exit, _, error) = await build.ApplyAsync(build.Spec());
        Assert.True(exit == 0, error);
        Assert.Equal("packaged", build.Read("/usr/bin/runc"));
        Assert.StartsWith("Nothing changed", (await build.ApplyAsync(build.Spec())).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_packages_put_in_the_place_of_a_download_is_put_back()
    {
        NeedsSystemctl();
        Assert.Equal(0, (await build.ApplyAsync(build.Spec())).Exit);
        build.Packages.Installing = () => build.Write("/usr/bin/kubelet", "of a package");
        File.Delete(build.At("/var/lib/fake/status"));
        var (exit, _, error) = await build.ApplyAsync(build.Spec());
        Assert.True(exit == 0, error);
        Assert.StartsWith("#!/bin/sh\necho Kubernetes", build.Read("/usr/bin/kubelet"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_component_may_change_from_a_package_to_a_download()
    {
        NeedsSystemctl();
        Assert.Equal(0, (await build.ApplyAsync(build.Spec())).Exit);
        Assert.Equal("/usr/lib/cni/bridge", new FileInfo(build.At("/opt/cni/bin/bridge")).LinkTarget);

        var archive = build.Outside("cni.tgz");
        await using (var gzip = new GZipStream(File.Create(archive), CompressionLevel.Fastest))
        {
            await using var tar = new TarWriter(gzip);
            foreach (var plugin in new[] { "bridge", "loopback" })
            {
                await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "./" + plugin) { DataStream = new MemoryStream("downloaded"u8.ToArray()) }, TestContext.Current.CancellationToken);
            }
        }

        var sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(archive, TestContext.Current.CancellationToken)));
        var spec = build.Spec().Replace("cniPlugins: {source: package}", $"cniPlugins: {{source: \"file://{archive}\", sha256: \"{sha256}\", version: 1.7.1}}", StringComparison.Ordinal);
        var (exit, _, error) = await build.ApplyAsync(spec);
        Assert.True(exit == 0, error);
        Assert.Equal(["bridge", "loopback"], Directory.EnumerateFileSystemEntries(build.At("/opt/cni/bin")).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal));
        Assert.Equal("downloaded", build.Read("/opt/cni/bin/bridge"));
        Assert.StartsWith("Nothing changed", (await build.ApplyAsync(spec)).Out, StringComparison.Ordinal);

        // And a file of the document may become one of a component.
        var own = build.Spec("  files: {/opt/cni/bin/bridge: {content: own}}\n").Replace("cniPlugins: {source: package}", "cniPlugins: {enabled: false}", StringComparison.Ordinal);
        (exit, _, error) = await build.ApplyAsync(own);
        Assert.True(exit == 0, error);
        Assert.Equal("own", build.Read("/opt/cni/bin/bridge"));
        (exit, _, error) = await build.ApplyAsync(spec);
        Assert.True(exit == 0, error);
        Assert.Equal("downloaded", build.Read("/opt/cni/bin/bridge"));
    }

    [Fact]
    public async Task R16_A_package_that_its_constraint_lets_in_and_the_kubelet_does_not_work_with_is_refused()
    {
        NeedsSystemctl();
        var kubelet = build.Spec().Replace("1.33.4", "1.36.2", StringComparison.Ordinal).Replace("kubelet: {", "containerd: {version: \"*\"}\n    kubelet: {", StringComparison.Ordinal);
        build.Packages.Containerd = "1.7.24~ds1-6";
        var (exit, _, error) = await build.ApplyAsync(kubelet);
        Assert.NotEqual(0, exit);
        Assert.Contains("EKN0642", error, StringComparison.Ordinal);
        Assert.Contains("1.7.24", error, StringComparison.Ordinal);
        Assert.False(File.Exists(build.At("/usr/bin/containerd")));

        var planned = await build.RunAsync(ImagePlanCommand.Build, ["-c", build.Outside("image.yaml"), "--resolve", "--root", build.Root]);
        Assert.NotEqual(0, planned.Exit);
        Assert.Contains("EKN0642", planned.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Strict_makes_errors_of_warnings()
    {
        NeedsSystemctl();
        var spec = build.Spec("  kernel: {sysctls: {net.ipv4.ip_forward: 0}}\n");
        var (exit, _, error) = await build.ApplyAsync(spec, "--strict");
        Assert.Equal(2, exit);
        Assert.Contains("error", error, StringComparison.Ordinal);
        Assert.False(File.Exists(build.At("/usr/bin/containerd")));
        (exit, _, error) = await build.ApplyAsync(spec);
        Assert.True(exit == 0, error);
        Assert.Contains("warning", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R26_A_driver_that_was_not_built_for_the_kernel_of_the_image_fails_the_build()
    {
        NeedsSystemctl();
        var spec = build.AmazonSpec("  variant: nvidia\n");
        var (exit, _, error) = await build.ApplyAsync(spec);
        Assert.True(exit == 2, error);
        Assert.Contains("EKN0688", error, StringComparison.Ordinal);
        Assert.Contains("there is no module nvidia: no kernel is installed", error, StringComparison.Ordinal);

        build.Write("/lib/modules/6.18.1-1/modules.dep", "kernel/fs/xfs/xfs.ko.xz:\n");
        (_, _, error) = await build.ApplyAsync(spec);
        Assert.Contains("there is no module nvidia: the kernel 6.18.1-1 does not have it", error, StringComparison.Ordinal);
        Assert.False(File.Exists(build.At("/etc/eksnode/image.json")));

        build.Write("/lib/modules/6.18.1-1/modules.dep", "extra/nvidia.ko.xz:\n");
        (_, _, error) = await build.ApplyAsync(spec);
        Assert.DoesNotContain("EKN0688", error, StringComparison.Ordinal);

        var other = spec.Contains("x86_64", StringComparison.Ordinal) ? "arm64" : "x86_64";
        (exit, _, error) = await build.ApplyAsync(spec + "  files: {/usr/bin/eksnode: {content: other, mode: \"0755\"}}\n", "--architecture", other);
        Assert.True(exit == 2, error);
        Assert.Contains("no program of an image for another processor runs here", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R16_A_download_that_is_another_program_than_the_document_says_fails_the_build()
    {
        NeedsSystemctl();

        // The head of a program for the other processor (elf(5)), with its checksum.
        var head = new byte[64];
        "\u007fELF"u8.CopyTo(head);
        head[18] = build.Spec().Contains("x86_64", StringComparison.Ordinal) ? (byte)183 : (byte)62;
        await File.WriteAllBytesAsync(build.KubeletSource, head, TestContext.Current.CancellationToken);
        var (exit, _, error) = await build.ApplyAsync(build.Spec());
        Assert.Equal(2, exit);
        Assert.Contains("EKN0686", error, StringComparison.Ordinal);
        Assert.Contains("/usr/bin/kubelet is a program for ", error, StringComparison.Ordinal);
        Assert.False(File.Exists(build.At("/etc/eksnode/image.json")));

        await File.WriteAllTextAsync(build.KubeletSource, "", TestContext.Current.CancellationToken);
        (_, _, error) = await build.ApplyAsync(build.Spec());
        Assert.Contains("The download of kubelet has no /usr/bin/kubelet.", error, StringComparison.Ordinal);

        // A program of this processor that says another version than the document.
        File.Copy("/bin/true", build.KubeletSource, overwrite: true);
        (_, _, error) = await build.ApplyAsync(build.Spec());
        Assert.Contains("/usr/bin/kubelet should be 1.33.4, and says `", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_document_names_stays_when_a_build_cleans_up()
    {
        NeedsSystemctl();
        build.Write("/etc/resolv.conf", "nameserver 10.0.0.1\n").Write("/var/log/syslog", "lines\n");
        var (exit, _, error) = await build.ApplyAsync(build.Spec("  files: {/etc/resolv.conf: {content: \"nameserver 10.0.0.2\\n\"}, /var/cache/apt/archives/keep: {content: x}, /etc/machine-id: {content: \"0\"}}\n"));
        Assert.True(exit == 0, error);
        Assert.Equal(("nameserver 10.0.0.2\n", "x", "0"), (build.Read("/etc/resolv.conf"), build.Read("/var/cache/apt/archives/keep"), build.Read("/etc/machine-id")));
        Assert.False(File.Exists(build.At("/var/log/syslog")));
    }

    [Fact]
    public async Task A_root_of_another_distribution_is_refused_before_anything_is_changed()
    {
        build.Write("/etc/os-release", "ID=amzn\nPRETTY_NAME=\"Amazon Linux 2023.9\"\n");
        var before = build.Tree();
        var (exit, _, error) = await build.ApplyAsync(build.Spec());
        Assert.Equal(2, exit);
        Assert.Contains("The image is of debian, and the root is of Amazon Linux 2023.9.", error, StringComparison.Ordinal);
        Assert.Equal(before, build.Tree());
    }

    [Fact]
    public async Task A_build_that_ended_while_packages_were_installed_forgets_nothing_that_it_resolved()
    {
        NeedsSystemctl();
        build.Packages.Failure = new DiagnosticException(DiagnosticCatalogue.PackageManagerFailed, "Told to end.", "Help.");
        Assert.Equal(1, (await build.ApplyAsync(build.Spec())).Exit);

        // Half installed: the next run neither resolves it nor finds it installed before it is.
        build.Packages.Failure = null;
        build.Packages.HalfInstalled = true;
        Assert.Equal(0, (await build.ApplyAsync(build.Spec())).Exit);
        using var json = JsonDocument.Parse(build.Read("/etc/eksnode/image.lock.json"));
        Assert.Equal(4, json.RootElement.GetProperty("resolved").GetProperty("packages").GetArrayLength());
    }

    [Fact]
    public async Task A_file_that_was_changed_by_hand_is_as_planned_again()
    {
        NeedsSystemctl();
        var spec = build.Spec("  files: {/etc/issue: {content: Ours}}\n");
        Assert.Equal(0, (await build.ApplyAsync(spec)).Exit);
        build.Write("/etc/issue", "theirs");
        build.Write("/usr/bin/kubelet", "another program");
        var (exit, _, error) = await build.ApplyAsync(spec);
        Assert.Equal(0, exit);
        Assert.Equal("Ours", build.Read("/etc/issue"));
        Assert.StartsWith("#!/bin/sh", build.Read("/usr/bin/kubelet"), StringComparison.Ordinal);
        Assert.Contains("an image build keeps the other version as", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R05_A_unit_that_nodes_need_and_that_is_missing_is_an_error()
    {
        NeedsSystemctl();
        var (exit, _, error) = await build.ApplyAsync(build.Spec("  units: {no-such.service: enabled, gone.service: disabled}\n"));
        Assert.Equal(2, exit);
        Assert.Contains("EKN0683", error, StringComparison.Ordinal);
        Assert.Contains("`no-such.service` is not in the image.", error, StringComparison.Ordinal);
        Assert.DoesNotContain("gone.service", error, StringComparison.Ordinal);
        Assert.False(File.Exists(build.At("/etc/eksnode/image.json")));
    }

    [Fact]
    public async Task R25_What_belongs_to_the_building_machine_is_not_in_the_image()
    {
        NeedsSystemctl();
        Assert.Equal(0, (await build.ApplyAsync(build.Spec())).Exit);
        Assert.Equal("", build.Read("/etc/machine-id"));
        Assert.All(
            ["/etc/ssh/ssh_host_ed25519_key", "/etc/hostname", "/var/log/cloud-init.log", "/var/lib/cloud/instances/i-1"],
            path => Assert.False(Path.Exists(build.At(path)), path));
        build.Write("/etc/hostname", "builder");
        Assert.Equal(0, (await build.ApplyAsync(build.Spec(), "--no-cleanup")).Exit);
        Assert.Equal("builder", build.Read("/etc/hostname"));
    }

    [Fact]
    public async Task A_dry_run_changes_nothing()
    {
        var before = build.Tree();
        var (exit, output, error) = await build.ApplyAsync(build.Spec(), "--dry-run", "-o", "json");
        Assert.True(exit == 0, error);
        Assert.Equal(before, build.Tree());
        Assert.False(Path.Exists(build.At("/var/log/eksnode")));
        using var json = JsonDocument.Parse(output);
        Assert.True(json.RootElement.GetProperty("dryRun").GetBoolean());
        Assert.Equal(
            ["resolve", "packages", "programs", "files"],
            json.RootElement.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("name").GetString()));
        Assert.Contains("containerd 1:2.1.4-1+b2", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_failures_of_steps_that_run_at_once_are_told()
    {
        build.Downloader.Failure = new DiagnosticException(DiagnosticCatalogue.ImageStepFailed, "No download.", "Help.");
        build.Packages.Failure = new DiagnosticException(DiagnosticCatalogue.ImageStepFailed, "No package.", "Help.");
        var (exit, _, error) = await build.ApplyAsync(build.Spec());
        Assert.Equal(1, exit);
        Assert.Contains("No download.", error, StringComparison.Ordinal);
        Assert.Contains("No package.", error, StringComparison.Ordinal);
        var log = build.Read("/var/log/eksnode/image-apply.log");
        Assert.Contains("downloads: failed why=No download.", log, StringComparison.Ordinal);
        Assert.Contains("packages: failed why=No package.", log, StringComparison.Ordinal);

        // What came to its end is there for the next run.
        build.Packages.Failure = null;
        (exit, _, error) = await build.ApplyAsync(build.Spec());
        Assert.Equal(1, exit);
        Assert.DoesNotContain("No package.", error, StringComparison.Ordinal);
        Assert.True(File.Exists(build.At("/usr/bin/containerd")));
        Assert.False(File.Exists(build.At("/usr/bin/kubelet")));
    }

    [Fact]
    public async Task An_image_for_another_processor_names_its_own_eksnode()
    {
        var other = build.Spec().Contains("x86_64", StringComparison.Ordinal) ? "arm64" : "x86_64";
        var (exit, _, error) = await build.ApplyAsync(build.Spec(), "--architecture", other);
        Assert.Equal(2, exit);
        Assert.Contains("EKN0682", error, StringComparison.Ordinal);
        Assert.Contains("spec.files[\"/usr/bin/eksnode\"].source", error, StringComparison.Ordinal);

        File.WriteAllText(build.Outside("eksnode-other"), "for the other");
        var spec = build.Spec("  files:\n    /usr/bin/eksnode: {source: eksnode-other, mode: \"0755\"}\n    /etc/eks/pause.tar: {content: archive}\n");
        NeedsSystemctl();
        var built = await build.ApplyAsync(spec, "--architecture", other);
        Assert.True(built.Exit == 0, built.Error);
        Assert.Equal("for the other", build.Read("/usr/bin/eksnode"));
    }

    [Fact]
    public async Task R07_The_proxy_of_the_document_is_that_of_the_package_manager_and_stays_out_of_the_image()
    {
        NeedsSystemctl();
        var spec = build.Spec("  proxy: {https: \"http://builder:hidden%21pass@proxy.example.com:3128\", noProxy: [.example.com]}\n");
        build.Packages.Failure = new DiagnosticException(DiagnosticCatalogue.PackageManagerFailed, "No answer of http://builder:hidden%21pass@proxy.example.com:3128, hidden!pass.", "Help.");
        var (exit, _, error) = await build.ApplyAsync(spec, "--log-level", "trace");
        Assert.Equal(1, exit);
        Assert.DoesNotContain("hidden", error, StringComparison.Ordinal);
        build.Packages.Failure = null;
        Assert.Equal(0, (await build.ApplyAsync(spec, "--log-level", "trace")).Exit);
        Assert.Contains("https_proxy=http://builder:hidden%21pass@proxy.example.com:3128", build.Environment);
        Assert.Contains("NO_PROXY=.example.com", build.Environment);
        Assert.All(Directory.EnumerateFiles(build.Root, "*", SearchOption.AllDirectories).Where(f => new FileInfo(f).LinkTarget is null), file =>
        {
            using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), System.Text.Encoding.Latin1);
            var text = reader.ReadToEnd();
            Assert.False(text.Contains("hidden", StringComparison.Ordinal), file);

            // The log says why the first run failed.
            Assert.Equal(file.EndsWith("/image-apply.log", StringComparison.Ordinal), text.Contains("proxy.example.com", StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task R25_The_initial_RAM_disk_of_FIPS_mode_is_made_before_the_kernel_is_told_and_only_once()
    {
        NeedsSystemctl();
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root to run programs in the root");
        var spec = build.AmazonSpec("  fips: true\n");
        build.AddShell();
        build.Write("/lib/modules/6.12.0-1/modules.dep", "").Write("/boot/initramfs-6.12.0-1.img", "bash\n");
        var without = await build.ApplyAsync(spec);
        Assert.Equal(1, without.Exit);
        Assert.Contains("error EKN0684: The image has no lsinitrd", without.Error, StringComparison.Ordinal);
        Assert.False(Path.Exists(build.At("/etc/kernel/cmdline")));

        build.Write("/dev/null", "");
        foreach (var (name, script) in new[] { ("dracut", "for word; do file=$kernel; kernel=$word; done\necho \"$*\" >>/calls\necho fips >>\"$file\""), ("lsinitrd", "while read -r line; do echo \"$line\"; done <\"$2\"") })
        {
            build.Write("/usr/bin/" + name, $"#!/bin/sh\n{script}\n");
            File.SetUnixFileMode(build.At("/usr/bin/" + name), (UnixFileMode)0x1ED);
        }

        var (exit, output, error) = await build.ApplyAsync(spec);
        Assert.True(exit == 0, error);
        Assert.Contains("/boot/initramfs-6.12.0-1.img", output, StringComparison.Ordinal);
        Assert.Equal("--force --no-hostonly --add fips /boot/initramfs-6.12.0-1.img 6.12.0-1\n", build.Read("/calls"));
        Assert.Contains("fips=1", build.Read("/etc/kernel/cmdline"), StringComparison.Ordinal);
        Assert.Contains("Nothing changed", (await build.ApplyAsync(spec)).Out, StringComparison.Ordinal);

        Assert.Equal("asPlanned", await StatusAsync());
        build.Write("/boot/initramfs-6.12.0-1.img", "bash\n");
        Assert.Equal("missing", await StatusAsync());
        File.Delete(build.At("/dev/null"));
        Assert.Equal("notChecked", await StatusAsync());

        async Task<string?> StatusAsync()
        {
            var found = new StringWriter();
            var io = new CommandIo { Out = found, Error = TextWriter.Null, OpenInput = () => Stream.Null, Environment = System.Collections.Immutable.ImmutableDictionary<string, string>.Empty };
            await CommandLine.RunAsync(["image", "validate", "-c", build.Outside("image.yaml"), "--root", build.Root, "-o", "json"], io, TestContext.Current.CancellationToken);
            using var json = JsonDocument.Parse(found.ToString());
            var finding = Assert.Single(json.RootElement.GetProperty("findings").EnumerateArray(), f => f.GetProperty("check").GetString() == "initialRamDisk");
            Assert.Equal("kernel-argument:fips=1", finding.GetProperty("resource").GetString());
            return finding.GetProperty("status").GetString();
        }
    }

    [Theory]
    [InlineData("/opt")]
    [InlineData("/usr/bin")]
    public async Task R06_A_full_disk_leaves_nothing_half_written_and_the_next_build_goes_on(string full)
    {
        NeedsSystemctl();
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root to mount");
        const int Large = 300_000;
        File.WriteAllText(build.KubeletSource, new string('k', Large));
        var spec = build.Spec($"  files:\n    /opt/large: {{content: \"{new string('x', Large)}\"}}\n");
        Directory.CreateDirectory(build.At(full));
        Assert.Equal(0, await MountAsync("-t", "tmpfs", "-o", "size=100k,mode=755", "tmpfs", build.At(full)));
        try
        {
            var (exit, _, error) = await build.ApplyAsync(spec);
            Assert.Equal(1, exit);
            Assert.Contains("no space is left on its file system", error, StringComparison.Ordinal);
            Assert.All(["/opt/large", "/usr/bin/kubelet"], path => Assert.True(!File.Exists(build.At(path)) || new FileInfo(build.At(path)).Length == Large, path));
            Assert.Equal(full == "/usr/bin" ? ["containerd", "ctr"] : [], Directory.GetFileSystemEntries(build.At(full)).Select(e => Path.GetFileName(e)!).Where(n => n != "cni").Order(StringComparer.Ordinal));

            Assert.Equal(0, await MountAsync("-o", "remount,size=8m", build.At(full)));
            var again = await build.ApplyAsync(spec);
            Assert.True(again.Exit == 0, again.Error);
            Assert.Equal((Large, Large), (new FileInfo(build.At("/opt/large")).Length, new FileInfo(build.At("/usr/bin/kubelet")).Length));
        }
        finally
        {
            using var process = System.Diagnostics.Process.Start("umount", [build.At(full)]);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task R06_Killed_before_any_of_its_effects_and_run_again_a_build_ends_in_the_same_root()
    {
        NeedsSystemctl();
        const string spec = "  files: {/etc/issue: {content: Ours}, /etc/motd: {content: Ours}}\n  kernel: {arguments: [audit=1]}\n";
        using var clean = new ImageBuild();
        var counter = new ImageBuild.KillAt(int.MaxValue);
        clean.Steps = counter;
        Assert.Equal(0, (await clean.ApplyAsync(clean.Spec(spec))).Exit);
        var expected = clean.Tree();
        Assert.True(counter.Count > 200, $"{counter.Count} effects");

        // Whichever of two steps at once ends last may write the log once more: some builds have a few effects more than others.
        const int logs = 3;

        // Each has a root of its own, in memory where the machine has such a folder: builds wait for the disk most of their time.
        var memory = Directory.Exists("/dev/shm") ? "/dev/shm" : null;
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = TestContext.Current.CancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, counter.Count + logs), options, async (step, _) =>
        {
            var kill = new ImageBuild.KillAt(step);
            using var killed = new ImageBuild(memory) { Steps = kill };
            var (exit, _, error) = await killed.ApplyAsync(killed.Spec(spec));
            var wasKilled = exit == 1 && error.Contains("KilledException", StringComparison.Ordinal);
            Assert.True(wasKilled || (exit == 0 && kill.Count <= step && step >= counter.Count - logs), $"{step}: {exit} {error}");
            killed.Steps = null;
            var again = await killed.ApplyAsync(killed.Spec(spec));
            Assert.True(again.Exit == 0, $"{step}: {again.Error}");
            Assert.Equal(expected, killed.Tree());
        });
    }

    private static async Task<int> MountAsync(params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start("mount", arguments);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }

    private static void NeedsSystemctl() => Assert.SkipUnless(File.Exists("/usr/bin/systemctl"), "units of a root are set with systemctl, and this machine has none");
}
