using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Host.Files;
using EksNode.Host.Imaging.Checks;
using EksNode.Host.Processes;
using EksNode.Imaging;
using EksNode.Planning.Plans;

namespace EksNode.Tests.Imaging;

/// <summary><c>eksnode image validate</c> in this process, of a root that is shaped like Debian's.</summary>
public sealed class ImageValidateTests
{
    private static readonly JsonSchema Schema = JsonSchema.Of("image-validate.schema.json");

    /// <summary>What somebody does to an image, and what is then said of it.</summary>
    public static TheoryData<string, string, string, string, string> Changes => new()
    {
        { "a file has another content", "file", "file:/etc/issue", "different", "sha256 " + BuiltImage.Sha256("Everybody.\n") },
        { "a file has another mode", "file", "file:/etc/issue", "different", "mode 0644" },
        { "a file is gone", "file", "file:/etc/issue", "missing", "" },
        { "a link leads elsewhere", "file", "symlink:/usr/lib/systemd/system/nodeadm-run.service", "different", "a link to elsewhere.service" },
        { "a directory is gone", "file", "directory:/etc/cni/net.d", "missing", "" },
        { "a package is gone", "package", "package:runc", "missing", "" },
        { "a package is of another version", "package", "package:containerd", "different", "9.9.9-1" },
        { "a package came that must not", "package", "package:telnet", "unexpected", "0.17-1" },
        { "a program is another one", "program", "binary:kubelet", "different", "sha256 " + BuiltImage.Sha256("#!/bin/sh\n") },
        { "a program is of another version", "program", "binary:crictl", "different", "it says 1.0.0" },
        { "eksnode cannot be run", "program", "program:/usr/bin/eksnode", "different", "mode 0644" },
        { "a program cannot be run", "program", "binary:crictl", "different", "mode 0644" },
        { "the CNI plugins are gone", "program", "binary:cniPlugins", "missing", "" },
        { "a unit does not start at boot", "unit", "unit:demo.service", "different", "disabled" },
        { "a unit is gone", "unit", "unit:demo.service", "missing", "" },
        { "a unit starts at boot", "unit", "unit:kubelet.service", "different", "enabled" },
        { "a unit is not masked", "unit", "unit:rpcbind.socket", "missing", "" },
        { "a kernel lacks a module", "module", "file:/usr/lib/modules-load.d/eksnode-containers.conf", "missing", "the kernel 6.12.0-1 does not have it" },
        { "a word for the kernel is gone", "kernelArgument", "kernel-argument:audit=1", "missing", "neither /etc/default/grub nor /etc/kernel/cmdline has it" },
        { "a boot entry lacks a word", "kernelArgument", "kernel-argument:audit=1", "different", "the boot entry a.conf does not have it" },
        { "a container image is not in the manifest", "image", "image:public.ecr.aws/eks-distro/kubernetes/pause:3.10", "missing", "/etc/eksnode/image.json does not name it" },
        { "what was baked is gone", "manifest", "file:/etc/baked-at-build", "missing", "" },
        { "the manifest is gone", "manifest", "/etc/eksnode/image.json", "missing", "" },
        { "the machine has an id", "identity", "/etc/machine-id", "unexpected", "the id of the machine that it was built on" },
        { "a host key is left", "identity", "/etc/ssh/ssh_host_rsa_key", "unexpected", "a host key: every node would have the same" },
        { "the lock is of another document", "lock", "/etc/eksnode/image.lock.json", "different", "pinned.kernelArguments[0] is `audit=0` in the lock and `audit=1` in the plan" },
    };

    [Fact]
    public async Task An_image_as_it_was_built_is_as_planned()
    {
        SkipWithoutSystemctl();
        using var image = await BuiltImage.MakeAsync(TestContext.Current.CancellationToken);
        var (exit, output, error) = await RunAsync("--root", image.Root, "-c", image.Document, "-o", "json");
        Assert.True((exit, error) == (0, ""), output + error);
        Assert.Empty(Schema.Violations(output));
        using var json = JsonDocument.Parse(output);
        var checks = json.RootElement.GetProperty("findings").EnumerateArray().Select(f => f.GetProperty("check").GetString()).Distinct();
        Assert.Equal(["lock", "file", "package", "program", "unit", "module", "kernelArgument", "image", "manifest", "identity"], checks);
        Assert.Equal(["document", "lock", "manifest"], json.RootElement.GetProperty("comparedWith").EnumerateArray().Select(w => w.GetString()));
        Assert.Equal(0, json.RootElement.GetProperty("summary").GetProperty("differences").GetInt32());
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task R15_every_kind_of_change_is_found_and_nothing_else(string change, string check, string resource, string status, string found)
    {
        SkipWithoutSystemctl();
        using var image = await BuiltImage.MakeAsync(TestContext.Current.CancellationToken);
        Change(image, change);
        var (exit, output, _) = await RunAsync("--root", image.Root, "-c", image.Document, "-o", "json");
        Assert.Equal(3, exit);
        Assert.Empty(Schema.Violations(output));
        using var json = JsonDocument.Parse(output);
        var findings = json.RootElement.GetProperty("findings").EnumerateArray().Where(f => f.GetProperty("status").GetString() != "asPlanned").ToList();
        var finding = findings.Find(f => f.GetProperty("check").GetString() == check);
        Assert.Equal((resource, status), (finding.GetProperty("resource").GetString(), finding.GetProperty("status").GetString()));
        Assert.EndsWith(found, finding.TryGetProperty("found", out var text) ? text.GetString() : "", StringComparison.Ordinal);

        // Whoever replaces a program changes what the manifest says of it, and without a manifest nobody knows of container images.
        var alsoFound = change switch { "a program is another one" => "manifest", "the manifest is gone" => "image", _ => check };
        Assert.All(findings, f => Assert.True(f.GetProperty("check").GetString() is { } name && (name == check || name == alsoFound), f.ToString()));
    }

    [Fact]
    public async Task Without_a_document_the_lock_and_the_manifest_say_what_should_be_there()
    {
        using var image = await BuiltImage.MakeAsync(TestContext.Current.CancellationToken);
        var (exit, output, _) = await RunAsync("--root", image.Root);
        Assert.True(exit == 0, output);
        Assert.EndsWith("(compared with lock, manifest).\n", output, StringComparison.Ordinal);

        image.Edit("/var/lib/dpkg/status", "Package: runc\n", "Package: crun\n");
        File.Delete(image.At("/usr/bin/crictl"));
        (exit, output, _) = await RunAsync("--root", image.Root);
        Assert.Equal(3, exit);
        Assert.StartsWith("missing       package:runc\n  expected  ", output, StringComparison.Ordinal);
        Assert.Contains("missing       binary:crictl\n  expected  /usr/bin/crictl\n", output, StringComparison.Ordinal);
        Assert.Contains("Not as planned: 2 differences in ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_command_line_said_instead_of_the_document_is_said_again()
    {
        SkipWithoutSystemctl();
        using var image = await BuiltImage.MakeAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, (await RunAsync("--root", image.Root, "-c", image.Document, "--kubernetes", "1.33.4")).Exit);
        var (exit, output, _) = await RunAsync("--root", image.Root, "-c", image.Document, "--kubernetes", "1.33.5");
        Assert.Equal(3, exit);
        Assert.Contains("pinned.kubernetes is `1.33.4` in the lock and `1.33.5` in the plan", output, StringComparison.Ordinal);

        (exit, _, var error) = await RunAsync("--root", image.Root, "--architecture", "arm64");
        Assert.Equal(2, exit);
        Assert.Contains("`--architecture` says what to take instead of the document's, and no document is named: give it with `-c FILE`.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R16_what_the_lock_resolved_must_be_there_exactly()
    {
        using var image = await BuiltImage.MakeAsync(TestContext.Current.CancellationToken);
        image.Write("/var/lib/dpkg/status", "Package: libseccomp2\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.5.4-1\n\n" + File.ReadAllText(image.At("/var/lib/dpkg/status")));
        image.Edit("/etc/eksnode/image.lock.json", "\"resolved\": null", $$"""
            "resolved": {"packages": [{"name": "libseccomp2", "version": "2.5.4-1", "architecture": "amd64", "url": null, "sha256": null, "dependency": true}],
              "programs": [{"name": "cniPlugins", "url": "https://example.com/x.tgz", "sha256": "0", "files": [{"path": "/opt/cni/bin/loopback", "size": 1, "sha256": "{{Checksum(image, "/opt/cni/bin/loopback")}}"}]}]}
            """);
        Assert.Equal(0, (await RunAsync("--root", image.Root)).Exit);

        image.Edit("/var/lib/dpkg/status", "2.5.4-1", "2.5.4-2");
        image.Edit("/opt/cni/bin/loopback", "#!/bin/sh\n", "#!/bin/sh\n\n");
        var (exit, output, _) = await RunAsync("--root", image.Root);
        Assert.Equal(3, exit);
        Assert.Contains("different     package:libseccomp2\n  expected  2.5.4-1 amd64\n  found     2.5.4-2 amd64\n", output, StringComparison.Ordinal);
        Assert.Contains("different     binary:cniPlugins\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_root_of_Amazon_Linux_is_compared_by_its_rpm_database_and_its_boot_entries()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/rpm") && File.Exists("/usr/bin/rpmbuild"), "rpm or rpmbuild is not installed");
        var folder = Directory.CreateTempSubdirectory("eksnode-al2023-");
        try
        {
            var root = Path.Combine(folder.FullName, "root");
            Write("../demo.spec", "Name: containerd\nVersion: 2.2.4\nRelease: 1.amzn2023\nSummary: Demo\nLicense: Apache-2.0\nBuildArch: noarch\n%description\nDemo\n%files\n");
            Run("/usr/bin/rpmbuild", "-bb", "--define", $"_topdir {folder.FullName}/build", Path.Combine(folder.FullName, "demo.spec"));
            Directory.CreateDirectory(Path.Combine(root, "usr/lib/sysimage/rpm"));
            Run(
                "/usr/bin/rpm", "--dbpath", root + "/usr/lib/sysimage/rpm", "--define", "_db_backend sqlite", "--justdb", "--nodeps", "-i",
                Assert.Single(Directory.GetFiles(folder.FullName, "*.noarch.rpm", SearchOption.AllDirectories)));
            Write("etc/kernel/cmdline", "root=/dev/nvme0n1p1 fips=1\n");
            Write("boot/loader/entries/one.conf", "linux /vmlinuz\noptions root=/dev/nvme0n1p1 fips=1\n");
            Write("etc/eksnode/image.json", """{"components": {}}""");
            Write("etc/eksnode/image.lock.json", """
                {"schemaVersion": 1, "pinned": {"base": {"distribution": "al2023"}, "packages": [{"name": "containerd", "version": "2.2.*"}, {"name": "nodejs", "version": "absent"}],
                 "kernelArguments": ["fips=1"]}, "resolved": {"packages": [{"name": "containerd", "version": "2.2.4-1.amzn2023", "architecture": "noarch"}]}}
                """);
            var (exit, output, error) = await RunAsync("--root", root);
            Assert.True((exit, error) == (0, ""), output + error);

            Write("boot/loader/entries/two.conf", "linux /vmlinuz\noptions root=/dev/nvme0n1p1\n");
            Write("etc/eksnode/image.lock.json", File.ReadAllText(Path.Combine(root, "etc/eksnode/image.lock.json")).Replace("2.2.4-1", "2.2.4-2", StringComparison.Ordinal));
            (exit, output, _) = await RunAsync("--root", root);
            Assert.Equal(3, exit);
            Assert.Contains("package:containerd\n  expected  2.2.4-2.amzn2023 noarch\n  found     2.2.4-1.amzn2023 noarch\n", output, StringComparison.Ordinal);
            Assert.Contains("kernel-argument:fips=1\n  expected  fips=1\n  found     the boot entry two.conf does not have it\n", output, StringComparison.Ordinal);

            void Write(string path, string content)
            {
                var full = Path.GetFullPath(Path.Combine(root, path));
                Directory.CreateDirectory(Path.GetDirectoryName(full)!);
                File.WriteAllText(full, content);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_program_for_another_processor_is_compared_and_not_run()
    {
        using var image = await BuiltImage.MakeAsync(TestContext.Current.CancellationToken);
        var arm64 = System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64;
        byte[] header = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, (byte)(arm64 ? 62 : 183), 0];
        File.WriteAllBytes(image.At("/usr/bin/crictl"), header);
        var (exit, output, error) = await RunAsync("--root", image.Root, "-o", "json");
        Assert.Equal((0, ""), (exit, error));
        Assert.Contains($"it was not asked for its version: it is for {(arm64 ? "x86_64" : "arm64")}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_that_cannot_be_made_is_an_error_and_hides_nothing_of_the_others()
    {
        using var image = await BuiltImage.MakeAsync(TestContext.Current.CancellationToken);
        File.Delete(image.At("/var/lib/dpkg/status"));
        File.Delete(image.At("/usr/bin/crictl"));
        var (exit, output, error) = await RunAsync("--root", image.Root);
        Assert.Equal(1, exit);
        Assert.Contains("error EKN0695", error, StringComparison.Ordinal);
        Assert.StartsWith("unreadable    package\n", output, StringComparison.Ordinal);
        Assert.Contains("missing       binary:crictl\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "EKN0696", 2)]
    [InlineData("{", "EKN0", 2)]
    [InlineData("{}", "EKN0681", 2)]
    [InlineData("""{"schemaVersion": 1, "resolved": null, "pinned": {"packages": [{"name": 1, "version": "*"}]}}""", "EKN0681", 2)]
    [InlineData("""{"schemaVersion": 1, "resolved": null, "pinned": {"packages": [{"name": "runc", "version": "x"}]}}""", "EKN0681", 2)]
    public async Task Without_a_lock_that_can_be_read_there_is_nothing_to_compare_with(string? text, string code, int expected)
    {
        var folder = Directory.CreateTempSubdirectory("eksnode-lock-");
        try
        {
            if (text is not null)
            {
                Directory.CreateDirectory(Path.Combine(folder.FullName, "etc/eksnode"));
                File.WriteAllText(Path.Combine(folder.FullName, "etc/eksnode/image.lock.json"), text);
            }

            var (exit, output, error) = await RunAsync("--root", folder.FullName);
            Assert.Equal((expected, ""), (exit, output));
            Assert.Contains("error " + code, error, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void R22_a_control_is_as_planned_when_all_resources_that_carry_it_are()
    {
        ImmutableArray<Resource> resources =
        [
            new DirectoryResource { Path = "/a", Controls = ["cis-1.1", "cis-1.2"] },
            new DirectoryResource { Path = "/b", Controls = ["cis-1.2"] },
            new DirectoryResource { Path = "/c", Controls = ["cis-1.3"] },
            new PermissionsResource { Path = "/d", Mode = 0x180, Controls = ["cis-1.1", "cis-1.4"] },
        ];
        List<CheckFinding> findings =
        [
            new("file", "directory:/a", CheckStatus.AsPlanned),
            new("file", "directory:/b", CheckStatus.Missing),
            new("file", "permissions:/d", CheckStatus.NotApplicable),
        ];
        Assert.Equal(
            ["cis-1.1 2 ", "cis-1.2 2 directory:/b", "cis-1.3 1 directory:/c", "cis-1.4 1  no subject"],
            ImageValidateRun.ControlsOf(resources, findings).Select(c => $"{c.Id} {c.Resources} {string.Join(' ', c.Failing)}{(c.IsNotApplicable ? " no subject" : "")}"));
    }

    [Fact]
    public async Task R22_permissions_of_a_file_that_is_not_there_are_not_applicable_and_lose_no_control()
    {
        var folder = Directory.CreateTempSubdirectory("eksnode-permissions-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "there"), "");
            File.SetUnixFileMode(Path.Combine(folder.FullName, "there"), UnixFileMode.UserRead | UnixFileMode.OtherWrite);
            using var root = HostRoot.Open(folder.FullName);
            var findings = new List<CheckFinding>();
            await new FileCheck().RunAsync(
                new CheckContext
                {
                    Root = root,
                    Programs = new ProgramRunner(),
                    Diagnostics = new DiagnosticBag(),
                    Resources = [new PermissionsResource { Path = "/there", Mode = 0x180 }, new PermissionsResource { Path = "/etc/crontab", Mode = 0x180 }],
                },
                findings,
                TestContext.Current.CancellationToken);
            Assert.Equal(
                ["permissions:/there Different ", "permissions:/etc/crontab NotApplicable there is no /etc/crontab"],
                findings.Select(f => $"{f.Resource} {f.Status} {f.Note}"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task R26_A_kernel_without_the_module_that_a_package_builds_is_found()
    {
        var folder = Directory.CreateTempSubdirectory("eksnode-driver-");
        try
        {
            using var root = HostRoot.Open(folder.FullName);
            var context = new CheckContext
            {
                Root = root,
                Programs = new ProgramRunner(),
                Diagnostics = new DiagnosticBag(),
                Resources =
                [
                    new PackageResource { Path = "/", Name = "kmod-nvidia-open-dkms", Version = VersionConstraint.Parse("580.*").Value, Reasons = [] },
                    new PackageResource { Path = "/", Name = "kmod-nvidia-latest-dkms", Version = null, Reasons = [] },
                ],
            };
            foreach (var (modules, status) in new[] { ("kernel/fs/xfs/xfs.ko:", CheckStatus.Missing), ("extra/nvidia.ko.xz:", CheckStatus.AsPlanned) })
            {
                Directory.CreateDirectory(folder.FullName + "/lib/modules/6.12.0-1");
                await File.WriteAllTextAsync(folder.FullName + "/lib/modules/6.12.0-1/modules.dep", modules + "\n", TestContext.Current.CancellationToken);
                var findings = new List<CheckFinding>();
                await new KernelModuleCheck().RunAsync(context, findings, TestContext.Current.CancellationToken);
                var finding = Assert.Single(findings);
                Assert.Equal(("package:kmod-nvidia-open-dkms", status), (finding.Resource, finding.Status));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Change(BuiltImage image, string change)
    {
        switch (change)
        {
            case "a file has another content":
                File.WriteAllText(image.At("/etc/issue"), "Everybody.\n");
                break;
            case "a file has another mode":
                File.SetUnixFileMode(image.At("/etc/issue"), (UnixFileMode)0x1A4);
                break;
            case "a file is gone":
                File.Delete(image.At("/etc/issue"));
                break;
            case "a link leads elsewhere":
                File.Delete(image.At("/usr/lib/systemd/system/nodeadm-run.service"));
                File.CreateSymbolicLink(image.At("/usr/lib/systemd/system/nodeadm-run.service"), "elsewhere.service");
                break;
            case "a directory is gone":
                Directory.Delete(image.At("/etc/cni/net.d"));
                break;
            case "a package is gone":
                image.Edit("/var/lib/dpkg/status", "Package: runc\n", "Package: crun\n");
                break;
            case "a package is of another version":
                var status = File.ReadAllText(image.At("/var/lib/dpkg/status")).Split("\n\n");
                File.WriteAllText(
                    image.At("/var/lib/dpkg/status"),
                    string.Join("\n\n", status.Select(s => s.StartsWith("Package: containerd\n", StringComparison.Ordinal) ? s[..s.IndexOf("Version:", StringComparison.Ordinal)] + "Version: 9.9.9-1" : s)));
                break;
            case "a package came that must not":
                File.AppendAllText(image.At("/var/lib/dpkg/status"), "Package: telnet\nStatus: install ok installed\nArchitecture: amd64\nVersion: 0.17-1\n");
                break;
            case "a program is another one":
                File.WriteAllText(image.At("/usr/bin/kubelet"), "#!/bin/sh\n");
                break;
            case "a program is of another version":
                File.WriteAllText(image.At("/usr/bin/crictl"), "#!/bin/sh\necho crictl version v1.0.0\n");
                break;
            case "eksnode cannot be run":
                File.SetUnixFileMode(image.At("/usr/bin/eksnode"), (UnixFileMode)0x1A4);
                break;
            case "a program cannot be run":
                File.SetUnixFileMode(image.At("/usr/bin/crictl"), (UnixFileMode)0x1A4);
                break;
            case "the CNI plugins are gone":
                File.Delete(image.At("/opt/cni/bin/loopback"));
                break;
            case "a unit does not start at boot":
                image.Systemctl("disable", "demo.service");
                break;
            case "a unit is gone":
                image.Systemctl("disable", "demo.service");
                File.Delete(image.At("/usr/lib/systemd/system/demo.service"));
                break;
            case "a unit starts at boot":
                image.Systemctl("enable", "kubelet.service");
                break;
            case "a unit is not masked":
                image.Systemctl("unmask", "rpcbind.socket");
                break;
            case "a kernel lacks a module":
                image.Write("/lib/modules/6.12.0-1/modules.builtin", BuiltImage.BuiltIn);
                break;
            case "a word for the kernel is gone":
                image.Edit("/etc/default/grub", " audit=1", " audit=10");
                break;
            case "a boot entry lacks a word":
                image.Write("/boot/loader/entries/a.conf", "title Demo\noptions root=/dev/vda1 ro\n");
                break;
            case "a container image is not in the manifest":
                image.Edit("/etc/eksnode/image.json", "kubernetes/pause:", "kubernetes/break:");
                break;
            case "what was baked is gone":
                File.Delete(image.At("/etc/baked-at-build"));
                break;
            case "the manifest is gone":
                File.Delete(image.At("/etc/eksnode/image.json"));
                break;
            case "the machine has an id":
                image.Write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
                break;
            case "a host key is left":
                image.Write("/etc/ssh/ssh_host_rsa_key", "");
                break;
            case "the lock is of another document":
                image.Edit("/etc/eksnode/image.lock.json", "\"audit=1\"", "\"audit=0\"");
                break;
            default:
                throw new InvalidOperationException(change);
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program}: {error}{output.Result}");
    }

    private static string Checksum(BuiltImage image, string path) => BuiltImage.Sha256(File.ReadAllText(image.At(path)));

    private static void SkipWithoutSystemctl() => Assert.SkipUnless(File.Exists("/usr/bin/systemctl"), "systemctl is not installed");

    private static async Task<(int Exit, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var io = new CommandIo { Out = output, Error = error, OpenInput = () => new MemoryStream(), Environment = ImmutableDictionary<string, string>.Empty };
        var exit = await CommandLine.RunAsync(["image", "validate", .. arguments], io, TestContext.Current.CancellationToken);
        return (exit, output.ToString(), error.ToString());
    }
}
