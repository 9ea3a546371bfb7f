using System.Formats.Tar;
using EksNode.Configuration.Text;
using EksNode.Host.Hashing;
using EksNode.Host.Imaging;
using EksNode.Host.Tests.Files;
using EksNode.Planning.Plans;
using static EksNode.Host.Tests.Imaging.Archives;

namespace EksNode.Host.Tests.Imaging;

public sealed class BinaryInstallerTests : IDisposable
{
    private static readonly InstalledFile Every = new("*", "/opt/cni/bin/");

    private readonly TestRoot host = new();
    private readonly string download;

    public BinaryInstallerTests() => download = host.Folder + ".download";

    public void Dispose()
    {
        host.Dispose();
        File.Delete(download);
    }

    [Fact]
    public void R16_A_program_is_installed_as_it_was_downloaded()
    {
        host.Write("/usr/bin/kubelet", "old", 0x180);
        var content = "kubelet 1.36"u8.ToArray();

        var installed = Install(content, isArchive: false, new InstalledFile("kubelet", "/usr/bin/kubelet"));

        var program = Assert.Single(installed.Files);
        Assert.Equal(("kubelet 1.36", 0x1ED), (host.Read("/usr/bin/kubelet"), host.Mode("/usr/bin/kubelet")));
        Assert.Equal(("kubelet", "/usr/bin/kubelet", 12, Sha256.Of(content)), (program.Member, program.Path, program.Size, program.Sha256));
        using var root = host.Open();
        Assert.Equal(root.Status("/usr/bin/kubelet")!.Modified, program.Modified);
        Assert.Equal((Sha256.Of(content), "https://example.com/cni.tgz"), (installed.Sha256, installed.Url));
    }

    [Theory]
    [InlineData(TarEntryFormat.V7)]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    public void R16_Members_of_an_archive_are_installed(TarEntryFormat format)
    {
        var archive = Gzip(Tar(
            format,
            Of(format, TarEntryType.Directory, "./"),
            Regular(format, "./bin/containerd", "containerd"),
            Of(format, TarEntryType.SymbolicLink, "bin/link", link: "/etc/shadow"),
            Regular(format, "bin/ctr", new string('c', 5000)),
            Regular(format, "bin/not-wanted", "no"),
            Regular(format, "empty", "")));

        var installed = Install(
            archive, isArchive: true, new InstalledFile("bin/containerd", "/usr/bin/containerd"), new InstalledFile("./bin/ctr", "/usr/local/bin/ctr"), new InstalledFile("empty", "/usr/bin/empty"));

        Assert.Equal(["/usr/bin/containerd", "/usr/bin/empty", "/usr/local/bin/ctr"], installed.Files.Select(f => f.Path));
        Assert.Equal(["bin/containerd", "empty", "bin/ctr"], installed.Files.Select(f => f.Member));
        Assert.Equal(("containerd", "", new string('c', 5000)), (host.Read("/usr/bin/containerd"), host.Read("/usr/bin/empty"), host.Read("/usr/local/bin/ctr")));
        Assert.All(installed.Files, f => Assert.Equal(0x1ED, host.Mode(f.Path)));
        Assert.Equal(["containerd", "empty"], Directory.GetFiles(host.At("/usr/bin")).Select(f => Path.GetFileName(f)!).Order());
    }

    [Theory]
    [InlineData(TarEntryFormat.Pax, 300)]
    [InlineData(TarEntryFormat.Gnu, 300)]
    [InlineData(TarEntryFormat.Ustar, 180)]
    public void Every_file_of_an_archive_is_installed_with_its_long_name(TarEntryFormat format, int length)
    {
        var name = string.Join('/', Enumerable.Repeat("a-folder-with-a-name", length / 21)) + "/plugin";
        var archive = Gzip(Tar(
            format, Of(format, TarEntryType.Directory, "sub/"), Regular(format, name, "long"), Regular(format, "bridge", "bridge"), Regular(format, "sub/LICENSE", "text")));

        var installed = Install(archive, isArchive: true, Every);

        Assert.Equal(["/opt/cni/bin/" + name, "/opt/cni/bin/bridge", "/opt/cni/bin/sub/LICENSE"], installed.Files.Select(f => f.Path));
        Assert.Equal(("long", "bridge", "text"), (host.Read("/opt/cni/bin/" + name), host.Read("/opt/cni/bin/bridge"), host.Read("/opt/cni/bin/sub/LICENSE")));
    }

    [Theory]
    [InlineData("v7")]
    [InlineData("ustar")]
    [InlineData("gnu")]
    [InlineData("posix")]
    public void Archives_of_the_tar_program_are_read(string format)
    {
        using var source = new TestRoot();
        source.Write("/bridge", "bridge").Write("/sub/" + new string('n', 90), "long");
        TestRoot.Run("tar", "-C", source.Folder, $"--format={format}", "-czf", download, "--mtime=2024-01-01", ".");

        var installed = Install(File.ReadAllBytes(download), isArchive: true, Every);

        Assert.Equal(["bridge", "sub/" + new string('n', 90)], installed.Files.Select(f => f.Member));
        Assert.Equal("long", host.Read("/opt/cni/bin/sub/" + new string('n', 90)));
    }

    [Fact]
    public void A_second_run_changes_nothing()
    {
        var archive = Gzip(Tar(TarEntryFormat.Gnu, Regular(TarEntryFormat.Gnu, "bridge", "bridge"), Regular(TarEntryFormat.Gnu, "sub/portmap", "portmap")));
        var wanted = Wanted(archive, true, Every);
        var record = Install(archive, isArchive: true, Every);
        var before = host.TreeWithTimes();

        Assert.True(IsInstalled(wanted, record));
        Assert.Equal(before, host.TreeWithTimes());
        Assert.False(IsInstalled(wanted with { Sha256 = new string('a', 64) }, record));
        Assert.False(IsInstalled(wanted with { Files = [new InstalledFile("bridge", "/usr/bin/bridge")] }, record));
        Assert.False(IsInstalled(wanted with { Files = [Every, new InstalledFile("bridge", "/usr/bin/bridge")] }, record));
        Assert.False(IsInstalled(wanted, new InstalledBinary { Name = "x", Url = "x", Sha256 = wanted.Sha256!, Files = [] }));
    }

    [Theory]
    [InlineData("content")]
    [InlineData("mode")]
    [InlineData("gone")]
    [InlineData("link")]
    [InlineData("owner")]
    public void What_was_changed_is_installed_again(string change)
    {
        var archive = Gzip(Tar(TarEntryFormat.Gnu, Regular(TarEntryFormat.Gnu, "bridge", "bridge")));
        var wanted = Wanted(archive, true, Every);
        var record = Install(archive, isArchive: true, Every);
        var before = host.Tree();
        var path = host.At("/opt/cni/bin/bridge");
        var time = File.GetLastWriteTimeUtc(path);
        switch (change)
        {
            case "content":
                File.WriteAllText(path, "BRIDGE");
                File.SetLastWriteTimeUtc(path, time);
                break;
            case "mode":
                File.SetUnixFileMode(path, (UnixFileMode)0x1FF);
                break;
            case "link":
                File.Delete(path);
                host.Write("/elsewhere", "bridge", 0x1ED).Link("/opt/cni/bin/bridge", "/elsewhere");
                break;
            case "owner":
                TestRoot.RequireRoot();
                Native.Own(path, 1000, 1000);
                break;
            default:
                File.Delete(path);
                break;
        }

        Assert.False(IsInstalled(wanted, record));
        Install(archive, isArchive: true, Every);
        File.Delete(host.At("/elsewhere"));
        Assert.Equal(before, host.Tree());
    }

    [Fact]
    public void R16_A_download_that_is_not_what_was_verified_is_not_installed()
    {
        host.Write("/opt/cni/bin/bridge", "old");
        var before = host.Tree();
        var archive = Gzip(Tar(TarEntryFormat.Gnu, Regular(TarEntryFormat.Gnu, "bridge", "new")));
        File.WriteAllBytes(download, archive);

        var changed = Failure(Wanted(archive, true, Every) with { Sha256 = new string('a', 64) });
        var unknown = Failure(Wanted(archive, true, Every) with { Sha256 = null });
        // What follows the archive belongs to the download as well.
        File.WriteAllBytes(download, [.. archive, .. Gzip("more"u8.ToArray())]);
        var longer = Failure(Wanted(archive, true, Every));

        Assert.Equal(
            [DiagnosticCatalogue.ChecksumMismatch.Code, DiagnosticCatalogue.ChecksumUnknown.Code, DiagnosticCatalogue.ChecksumMismatch.Code],
            ((Diagnostic[])[changed, unknown, longer]).Select(d => d.Code));
        Assert.Contains(Sha256.Of(archive), changed.Message);
        Assert.Contains(new string('a', 64), changed.Message);
        Assert.Equal(Severity.Error, unknown.Severity);
        Assert.Equal(before, host.Tree());
    }

    [Fact]
    public void A_missing_member_is_told_with_what_there_is()
    {
        var archive = Gzip(Tar(TarEntryFormat.Gnu, Regular(TarEntryFormat.Gnu, "crictl.exe", "x"), Regular(TarEntryFormat.Gnu, "README.md", "x")));
        File.WriteAllBytes(download, archive);

        var missing = Failure(Wanted(archive, true, new InstalledFile("README.md", "/usr/bin/readme"), new InstalledFile("crictl", "/usr/bin/crictl")));
        var empty = Gzip(Tar(TarEntryFormat.Gnu));
        File.WriteAllBytes(download, empty);
        var nothing = Failure(Wanted(empty, true, Every));

        Assert.Equal((DiagnosticCatalogue.ArchiveMemberMissing.Code, DiagnosticCatalogue.ArchiveMemberMissing.Code), (missing.Code, nothing.Code));
        Assert.EndsWith("has no file crictl. It has crictl.exe, README.md.", missing.Message, StringComparison.Ordinal);
        Assert.EndsWith("has no files.", nothing.Message, StringComparison.Ordinal);
        Assert.Empty(host.Tree());
    }

    public static TheoryData<string, string> Hostile => new()
    {
        { "../../etc/cron.d/x", "leads out of the folder" },
        { "/etc/cron.d/x", "leads out of the folder" },
        { "a/../../x", "leads out of the folder" },
        { "a//x", "leads out of the folder" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void No_entry_leads_out(string name, string why) =>
        Refuses(Gzip(Tar(TarEntryFormat.Gnu, Regular(TarEntryFormat.Gnu, "bridge", "x"), Regular(TarEntryFormat.Gnu, name, "x"))), why);

    [Theory]
    [InlineData(TarEntryType.SymbolicLink, "is a link")]
    [InlineData(TarEntryType.HardLink, "is a link")]
    [InlineData(TarEntryType.CharacterDevice, "is neither a file nor a folder")]
    [InlineData(TarEntryType.Fifo, "is neither a file nor a folder")]
    public void Only_files_are_installed(TarEntryType type, string why) => Refuses(
        Gzip(Tar(
            TarEntryFormat.Pax,
            Regular(TarEntryFormat.Pax, "portmap", "x"),
            Of(TarEntryFormat.Pax, type, "bridge", link: type is TarEntryType.SymbolicLink or TarEntryType.HardLink ? "portmap" : null))),
        why);

    [Fact]
    public void A_link_to_a_folder_and_a_file_in_it_do_not_leave_the_root()
    {
        host.Link("/opt", "/../../../tmp-of-the-root");
        Directory.CreateDirectory(host.At("/tmp-of-the-root"));

        Install(Gzip(Tar(TarEntryFormat.Gnu, Regular(TarEntryFormat.Gnu, "bridge", "x"))), isArchive: true, Every);

        Assert.Equal("x", host.Read("/tmp-of-the-root/cni/bin/bridge"));
    }

    [Fact]
    public void Two_entries_of_one_name_are_refused() =>
        Refuses(Gzip(Tar(TarEntryFormat.Gnu, Regular(TarEntryFormat.Gnu, "bridge", "x"), Regular(TarEntryFormat.Gnu, "./bridge", "y"))), "it has two entries bridge");

    [Fact]
    public void What_is_damaged_or_no_archive_is_refused()
    {
        var tar = Tar(TarEntryFormat.Gnu, Regular(TarEntryFormat.Gnu, "bridge", new string('x', 3000)));
        var archive = Gzip(tar);
        Refuses(archive[..^20], null);
        Refuses(archive[..40], null);
        Refuses("#!/bin/sh\n"u8.ToArray(), null);
        Refuses(Gzip(tar[..2000]), "it is cut off");
        Refuses(Gzip(tar[..300]), "it is cut off");
        Refuses(Gzip(new byte[600].Select(_ => (byte)'a').ToArray()), "it is no tar archive");
        var wrong = tar.ToArray();
        wrong[0] ^= 1;
        Refuses(Gzip(wrong), "it is no tar archive, or it is damaged");
    }

    [Fact]
    public void Names_and_sizes_that_no_archive_has_are_refused()
    {
        Refuses(Gzip(Raw('L', 1 << 20, "")), "a name in it is longer than any path");
        Refuses(Gzip(Raw('x', 8, "99 path=\n")), "its extended attributes are damaged");
        Refuses(Gzip(Raw('x', 9, "8 path=a\n")), "its extended attributes are damaged");
        Refuses(Gzip(Raw('x', 12, "12 path=a\0b\n")), "a name in it has a NUL");
        Refuses(Gzip(Raw('x', 11, "11 size=-1\n")), "a size in it is no number");
        Refuses(Gzip(Raw('x', 22, "22 GNU.sparse.major=1\n")), "it has a file with holes");
        Refuses(Gzip(Raw('0', long.MaxValue, "")), null);
    }

    [Fact]
    public void A_kill_at_any_step_and_another_run_end_in_the_same_root()
    {
        var archive = Gzip(Tar(
            TarEntryFormat.Gnu,
            Regular(TarEntryFormat.Gnu, "bridge", "bridge"),
            Regular(TarEntryFormat.Gnu, "sub/portmap", "portmap"),
            Regular(TarEntryFormat.Gnu, "sub/below/host-local", "host-local")));
        File.WriteAllBytes(download, archive);
        var wanted = Wanted(archive, true, Every);
        using var clean = Before();
        using (var root = clean.Open())
        {
            new BinaryInstaller(root).Install(wanted, download, TestContext.Current.CancellationToken);
        }

        for (var step = 0; ; step++)
        {
            using var killed = Before();
            var kill = new KillAt(step);
            try
            {
                using var first = killed.Open(kill);
                new BinaryInstaller(first).Install(wanted, download, TestContext.Current.CancellationToken);
                Assert.True(step > 10, $"{step} steps");
                return;
            }
            catch (KilledException)
            {
                using var second = killed.Open();
                new BinaryInstaller(second).Install(wanted, download, TestContext.Current.CancellationToken);
                Assert.Equal(clean.Tree(), killed.Tree());
            }
        }

        static TestRoot Before() => new TestRoot().Write("/opt/cni/bin/bridge", "old");
    }

    [Fact]
    public void A_large_program_needs_little_memory()
    {
        const int size = 64 << 20;
        File.WriteAllBytes(download, new byte[size]);
        var wanted = Wanted(new byte[size], false, new InstalledFile("kubelet", "/usr/bin/kubelet"));
        var record = Install();
        var before = GC.GetAllocatedBytesForCurrentThread();
        record = Install();
        Assert.True(IsInstalled(wanted, record));

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20, $"{GC.GetAllocatedBytesForCurrentThread() - before} bytes");
        Assert.Equal(size, new FileInfo(host.At("/usr/bin/kubelet")).Length);

        InstalledBinary Install()
        {
            using var root = host.Open();
            return new BinaryInstaller(root).Install(wanted, download, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void A_cancelled_installation_leaves_nothing()
    {
        var archive = Gzip(Tar(TarEntryFormat.Gnu, Regular(TarEntryFormat.Gnu, "bridge", "x")));
        File.WriteAllBytes(download, archive);
        using var root = host.Open();

        Assert.Throws<OperationCanceledException>(() => new BinaryInstaller(root).Install(Wanted(archive, true, Every), download, new CancellationToken(canceled: true)));
        Assert.Empty(host.Tree());
    }

    // An entry with a head of its own, and a file after it.
    private static byte[] Raw(char kind, long size, string content)
    {
        var tar = Tar(TarEntryFormat.Gnu, Regular(TarEntryFormat.Gnu, "bridge", "x"));
        var head = tar[..512];
        head[156] = (byte)kind;
        var digits = size <= 0x1FFFFFFFF ? Convert.ToString(size, 8).PadLeft(11, '0') + "\0" : "";
        System.Text.Encoding.ASCII.GetBytes(digits).CopyTo(head, 124);
        if (digits.Length == 0)
        {
            Enumerable.Repeat((byte)0xFF, 12).ToArray().CopyTo(head, 124);
        }

        "        "u8.CopyTo(head.AsSpan(148));
        System.Text.Encoding.ASCII.GetBytes(Convert.ToString(head.Sum(b => b), 8).PadLeft(6, '0') + "\0 ").CopyTo(head, 148);
        var body = new byte[(content.Length + 511) / 512 * 512];
        System.Text.Encoding.ASCII.GetBytes(content).CopyTo(body, 0);
        return [.. head, .. body, .. tar];
    }

    private InstalledBinary Install(byte[] content, bool isArchive, params InstalledFile[] files)
    {
        File.WriteAllBytes(download, content);
        using var root = host.Open();
        return new BinaryInstaller(root).Install(Wanted(content, isArchive, files), download, TestContext.Current.CancellationToken);
    }

    private bool IsInstalled(BinaryResource wanted, InstalledBinary record)
    {
        using var root = host.Open();
        return new BinaryInstaller(root).IsInstalled(wanted, record, TestContext.Current.CancellationToken);
    }

    private Diagnostic Failure(BinaryResource wanted)
    {
        using var root = host.Open();
        return Assert.Throws<DiagnosticException>(() => new BinaryInstaller(root).Install(wanted, download, TestContext.Current.CancellationToken)).Diagnostic;
    }

    private void Refuses(byte[] archive, string? why)
    {
        File.WriteAllBytes(download, archive);

        var diagnostic = Failure(Wanted(archive, true, Every));

        Assert.Equal(DiagnosticCatalogue.ArchiveUnusable.Code, diagnostic.Code);
        Assert.Contains(why ?? "The archive of cniPlugins cannot be used: ", diagnostic.Message);
        Assert.Empty(host.Tree());
    }
}
