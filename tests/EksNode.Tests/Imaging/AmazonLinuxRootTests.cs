using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using EksNode.Configuration.Text;
using EksNode.Host.Tests.Packages;
using EksNode.Imaging;
using EksNode.Planning.Image;
using EksNode.Planning.Plans;

namespace EksNode.Tests.Imaging;

/// <summary>Roots of Amazon Linux 2023's shape, of real packages: for this machine's processor, and for another one, of which nothing runs here.</summary>
public sealed class AmazonLinuxRootTests : IClassFixture<AmazonLinux>
{
    private const string Foreign = "aarch64";
    private readonly AmazonLinux linux;

    public AmazonLinuxRootTests(AmazonLinux linux)
    {
        Assert.SkipUnless(AmazonLinux.Missing is null, AmazonLinux.Missing ?? "");
        this.linux = linux;
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_root_for_another_processor_is_built_and_nothing_of_it_runs()
    {
        var root = await linux.BuiltAsync(Foreign);
        Assert.False(File.Exists(root.Path + AmazonLinux.Trace), "something of the root ran");
        Assert.Contains("warning EKN0678", root.Build.Error, StringComparison.Ordinal);
        Assert.Contains("The scripts of these packages did not run: chrony, containerd, kernel6.12.", root.Build.Error, StringComparison.Ordinal);
        Assert.Contains("containerd-2.2.4-1.amzn2023.aarch64", TestProgram.Run("rpm", "--root", root.Path, "--dbpath", "/var/lib/rpm", "-qa"), StringComparison.Ordinal);
        Assert.Equal(
            ["EM: 183", "EM: 183", "EM: 183", "EM: 183"],
            new[] { "/usr/bin/kubelet", "/usr/bin/crictl", "/opt/cni/bin/bridge", "/usr/bin/eksnode" }.Select(p => "EM: " + BitConverter.ToUInt16(File.ReadAllBytes(root.Path + p), 18)));

        // What the scripts are for, as far as programs of this machine can do it.
        Assert.Contains("\nchrony:", Read(root, "/etc/passwd"), StringComparison.Ordinal);
        Assert.Contains("br_netfilter.ko", Read(root, AmazonLinux.ModuleIndex), StringComparison.Ordinal);
        Assert.Equal($"title Amazon Linux (6.12)\nlinux /boot/vmlinuz\noptions {AmazonLinux.BootWords} audit=1\ngrub_class amzn\n", Read(root, AmazonLinux.BootEntry));
        Assert.True(new FileInfo(root.Path + "/etc/systemd/system/sockets.target.wants/soci-snapshotter.socket").LinkTarget is not null);
        Assert.Equal("/dev/null", new FileInfo(root.Path + "/etc/systemd/system/nfs-server.service").LinkTarget);
    }

    [Fact]
    public async Task Scripts_and_programs_of_a_root_for_this_processor_run_in_it()
    {
        var root = await linux.BuiltAsync("x86_64");
        Assert.DoesNotContain("EKN0678", root.Build.Error, StringComparison.Ordinal);
        var ran = Read(root, AmazonLinux.Trace).Split('\n');
        Assert.All(["pre chrony", "post containerd", "posttrans kernel6.12", "grubby"], line => Assert.Contains(line, ran));
        Assert.Contains($"options {AmazonLinux.BootWords} audit=1\n", Read(root, AmazonLinux.BootEntry), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x86_64")]
    [InlineData(Foreign)]
    public async Task R15_A_built_root_is_as_planned_and_a_second_build_changes_nothing(string architecture)
    {
        var root = await linux.BuiltAsync(architecture);
        var before = Tree(root);
        var again = await linux.RunAsync(architecture != Foreign, "image", "apply", "-c", root.Document, "--root", root.Path);
        Assert.True(again.Exit == 0, again.Error);
        Assert.StartsWith("Nothing changed: the image in ", again.Out, StringComparison.Ordinal);
        Assert.Equal(before, Tree(root));

        var (exit, output, error) = await linux.RunAsync(architecture != Foreign, "image", "validate", "-c", root.Document, "--root", root.Path);
        Assert.True((exit, error) == (0, ""), error + output);
        Assert.All(
            ["binary:kubelet", "binary:crictl", "binary:cniPlugins"],
            id => Assert.Equal(architecture == Foreign, output.Contains($"not run       {id}\n  note      it was not asked for its version: it is for arm64\n", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("x86_64")]
    [InlineData(Foreign)]
    public async Task R22_Files_of_cis_l1_are_in_the_root_as_the_profile_has_them(string architecture)
    {
        var root = await linux.BuiltAsync(architecture);
        var count = 0;
        foreach (var resource in await HardenedAsync(root))
        {
            var path = root.Path + resource.Path;
            switch (resource)
            {
                case FileResource file:
                    Assert.Equal(Encoding.UTF8.GetString(file.Content.AsSpan()), File.ReadAllText(path));
                    Assert.Equal($"{resource.Path} {Convert.ToString(file.Mode, 8)} 0:0", About(path));
                    break;
                case SymlinkResource link:
                    Assert.Equal(link.Target, new FileInfo(path).LinkTarget);
                    Assert.True(File.Exists(root.Path + link.Target), link.Target);
                    break;
                case PermissionsResource permissions when Path.Exists(path):
                    Assert.Equal(0, (int)File.GetUnixFileMode(path) & ~permissions.Mode);
                    Assert.EndsWith(" 0:0", About(path), StringComparison.Ordinal);
                    break;
                default:
                    continue;
            }

            count++;
        }

        Assert.True(count >= 34, $"{count} files, links and permissions");

        // Of the base, what was a link is now a file of its own.
        Assert.Equal("\\S\nKernel \\r on an \\m\n", Read(root, "/usr/lib/issue"));

        string About(string path) => TestProgram.Run("stat", "--format", "%n %a %u:%g", path)[root.Path.Length..].TrimEnd('\n');
    }

    [Theory]
    [InlineData("x86_64", 1)]
    [InlineData(Foreign, 7)]
    public async Task R22_After_one_change_exactly_the_controls_of_what_was_changed_are_not_as_planned(string architecture, int step)
    {
        var root = await linux.BuiltAsync(architecture);
        var (planned, _) = await ControlsAsync(root);
        Assert.True(planned.Count > 100, $"{planned.Count} controls");
        var count = 0;
        var hardened = await HardenedAsync(root);
        hardened.RemoveAll(r => r is PermissionsResource && !Path.Exists(root.Path + r.Path));
        Assert.True(hardened.Count >= 34, $"{hardened.Count} files, links and permissions");
        for (var i = 0; i < hardened.Count; i += step)
        {
            var resource = hardened[i];
            var path = root.Path + resource.Path;
            TestProgram.Run("cp", "-a", path, root.Path + ".kept");
            switch (resource)
            {
                case FileResource when count % 3 == 0:
                    File.AppendAllText(path, "# changed\n");
                    break;
                case FileResource file when count % 3 == 1:
                    File.SetUnixFileMode(path, (UnixFileMode)(file.Mode ^ 0x10));
                    break;
                case FileResource:
                    TestProgram.Run("chown", "65534", path);
                    break;
                case SymlinkResource:
                    File.Delete(path);
                    File.CreateSymbolicLink(path, "/usr/share/crypto-policies/LEGACY/openssl.txt");
                    break;
                default:
                    TestProgram.Run("chmod", "o+w", path);
                    break;
            }

            var (controls, failing) = await ControlsAsync(root, expected: 3);
            TestProgram.Run("sh", "-c", $"rm -rf '{path}' && mv '{root.Path}.kept' '{path}'");
            Assert.Equal(planned, controls);
            Assert.Equal(resource.Controls.Order(StringComparer.Ordinal).Select(c => $"{c}: {resource.Id}"), failing);
            count++;
        }

        Assert.True(count >= 5, $"{count} changes");
        Assert.Empty((await ControlsAsync(root)).Failing);
    }

    [Fact]
    public async Task R22_What_has_no_subject_on_Debian_is_as_planned_in_a_root_of_Amazon_Linux()
    {
        var root = await linux.BuiltAsync("x86_64");
        var debian = linux.Document("x86_64", "  base: {distribution: debian}\n");
        File.WriteAllText(debian, File.ReadAllText(debian).Replace("    kernel6.12: \"*\"\n", "    socat: \"*\"\n", StringComparison.Ordinal));
        var onDebian = await StatusesAsync(debian);
        var onAmazon = await StatusesAsync(root.Document);
        var (planned, failing) = await ControlsAsync(root);
        Assert.Empty(failing);
        Assert.Equal(onAmazon.Where(c => c.Value.Status == "applied").Select(c => c.Key).Order(StringComparer.Ordinal), planned);
        var only = onAmazon.Where(c => c.Value.Status == "applied" && onDebian[c.Key].Status == "not-applicable").Select(c => c.Key).ToList();
        Assert.True(only.Count >= 8, string.Join(", ", only));
        Assert.All(only, id =>
        {
            Assert.NotEqual("", onDebian[id].Reason);
            Assert.Contains(id, planned);
        });
    }

    private static string Read(BuiltRoot root, string path) => File.ReadAllText(root.Path + path);

    // Everything but what the package manager keeps for itself: mode, owner, size, target, and of files the time.
    private static string Tree(BuiltRoot root) => TestProgram.Run(
        "sh",
        "-c",
        $"cd {root.Path} && find . \\( -path ./var/log/eksnode -o -path ./var/cache -o -path ./var/lib/rpm -o -path .{AmazonLinux.Trace} \\) -prune -o -type d -printf '%p %m %U %G\\n' -o -printf '%p %m %U %G %s %l %T@\\n' | sort");

    // What the profile has in files: they carry its controls.
    private static async Task<List<Resource>> HardenedAsync(BuiltRoot root)
    {
        var diagnostics = new DiagnosticBag();
        var io = new CommandIo { Out = TextWriter.Null, Error = TextWriter.Null, OpenInput = () => Stream.Null, Environment = ImmutableDictionary<string, string>.Empty };
        var loaded = (await new ImageConfigLoader(io, diagnostics).LoadAsync(root.Document, null, Cancellation))!;
        var plan = ImagePlanner.Plan(loaded.Config, loaded.Files, diagnostics)!;
        return [.. plan.Plan.Resources.Where(r => r is FileResource or SymlinkResource or PermissionsResource).Where(r => !r.Controls.IsEmpty)];
    }

    // The controls that have a subject in the image, and which of them fail, with their resources.
    private async Task<(List<string> All, List<string> Failing)> ControlsAsync(BuiltRoot root, int expected = 0)
    {
        var (exit, output, error) = await linux.RunAsync(root.Path.Contains("x86_64", StringComparison.Ordinal), "image", "validate", "-c", root.Document, "--root", root.Path, "-o", "json");
        Assert.True(exit == expected, error + output);
        using var json = JsonDocument.Parse(output);
        var (all, failing) = (new List<string>(), new List<string>());
        foreach (var control in json.RootElement.GetProperty("controls").EnumerateArray())
        {
            var id = control.GetProperty("id").GetString()!;
            if (control.GetProperty("notApplicable").GetArrayLength() < control.GetProperty("resources").GetInt32())
            {
                all.Add(id);
            }

            failing.AddRange(control.GetProperty("failing").EnumerateArray().Select(r => $"{id}: {r.GetString()}"));
            Assert.Equal(control.GetProperty("asPlanned").GetBoolean(), control.GetProperty("failing").GetArrayLength() == 0);
        }

        return (all, failing);
    }

    private async Task<Dictionary<string, (string Status, string Reason)>> StatusesAsync(string document)
    {
        var (exit, output, error) = await linux.RunAsync(isOwnProcessor: true, "image", "plan", "-c", document, "-o", "json");
        Assert.True(exit == 0, error);
        using var json = JsonDocument.Parse(output);
        return json.RootElement.GetProperty("controls").EnumerateArray().ToDictionary(
            c => c.GetProperty("id").GetString()!,
            c => (c.GetProperty("status").GetString()!, c.TryGetProperty("reason", out var reason) ? reason.GetString()! : ""),
            StringComparer.Ordinal);
    }
}
