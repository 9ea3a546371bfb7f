using System.Diagnostics;
using EksNode.Configuration.Text;
using EksNode.Host.Files;

namespace EksNode.Host.Tests.Files;

/// <summary>File systems that refuse, and a umask that takes away. Alone: mounts and the umask are the whole process's.</summary>
[Collection(nameof(FileSystemFaultTests))]
[CollectionDefinition(nameof(FileSystemFaultTests), DisableParallelization = true)]
public sealed class FileSystemFaultTests : IDisposable
{
    private readonly TestRoot host = new(inMemory: false);
    private readonly List<string> mounts = [];

    public void Dispose()
    {
        foreach (var mount in mounts)
        {
            TestRoot.Run("umount", mount);
        }

        host.Dispose();
    }

    [Fact]
    public void A_full_disk_shows_before_the_first_rename_and_nothing_is_left()
    {
        Mount("/var", "-t", "tmpfs", "-o", "size=64k,mode=755", "tmpfs");
        host.Write("/etc/first", "old").Write("/var/second", "old");
        using var root = host.Open();
        var before = host.Tree();
        var failure = Assert.Throws<DiagnosticException>(() => FileTransactionTests.Commit(root, t =>
        {
            t.Write("/etc/first", FileTransactionTests.Bytes("new"), 0x1A4);
            t.Write("/var/second", new byte[200_000], 0x1A4);
        }));
        Assert.Equal(DiagnosticCatalogue.DiskFull.Code, failure.Diagnostic.Code);
        Assert.Contains("/var/second", failure.Message, StringComparison.Ordinal);
        Assert.Equal(before, host.Tree());
    }

    [Fact]
    public void A_disk_without_inodes_is_a_full_disk()
    {
        Mount("/var", "-t", "tmpfs", "-o", "size=1m,nr_inodes=2,mode=755", "tmpfs");
        using var root = host.Open();
        var failure = Assert.Throws<DiagnosticException>(() => FileTransactionTests.Commit(root, t =>
        {
            t.Write("/var/a", FileTransactionTests.Bytes("a"), 0x1A4);
            t.Write("/var/b", FileTransactionTests.Bytes("b"), 0x1A4);
        }));
        Assert.Equal(DiagnosticCatalogue.DiskFull.Code, failure.Diagnostic.Code);
        Assert.Contains("/var/b", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(host.At("/var")));
    }

    [Fact]
    public void A_read_only_file_system_shows_before_the_first_rename_and_nothing_is_left()
    {
        host.Write("/etc/first", "old").Write("/ro/second", "old");
        Mount("/ro", "--bind", host.At("/ro"));
        TestRoot.Run("mount", "-o", "remount,bind,ro", host.At("/ro"));
        using var root = host.Open();
        var before = host.Tree();
        var failure = Assert.Throws<DiagnosticException>(() => FileTransactionTests.Commit(root, t =>
        {
            t.Write("/etc/first", FileTransactionTests.Bytes("new"), 0x1A4);
            t.Write("/ro/second", FileTransactionTests.Bytes("new"), 0x1A4);
        }));
        Assert.Equal(DiagnosticCatalogue.ReadOnlyFileSystem.Code, failure.Diagnostic.Code);
        Assert.Contains("/ro/second", failure.Message, StringComparison.Ordinal);
        Assert.Equal(before, host.Tree());
    }

    [Fact]
    public void An_immutable_file_is_an_error_that_names_it()
    {
        TestRoot.RequireRoot();
        host.Write("/etc/fixed", "old");
        using (var chattr = Process.Start(new ProcessStartInfo("chattr", ["+i", host.At("/etc/fixed")]) { RedirectStandardError = true })!)
        {
            chattr.WaitForExit();
            Assert.SkipUnless(chattr.ExitCode == 0, "chattr +i does not work here");
        }

        try
        {
            using var root = host.Open();
            var failure = Assert.Throws<DiagnosticException>(() => FileTransactionTests.Commit(
                root, t => t.Write("/etc/fixed", FileTransactionTests.Bytes("new"), 0x1A4)));
            Assert.Equal(DiagnosticCatalogue.PermissionDenied.Code, failure.Diagnostic.Code);
            Assert.Contains("/etc/fixed", failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("eksnode-", host.Tree(), StringComparison.Ordinal);
        }
        finally
        {
            TestRoot.Run("chattr", "-i", host.At("/etc/fixed"));
        }
    }

    [Theory]
    [InlineData(0x3Fu)] // 077
    [InlineData(0x17u)] // 027
    [InlineData(0u)]
    public void The_umask_changes_no_mode(uint mask)
    {
        var old = Native.Umask(mask);
        try
        {
            using var root = host.Open();
            FileTransactionTests.Commit(root, t =>
            {
                t.MakeDirectory("/made/closed", 0x1C0);
                t.Write("/made/by/the/way", FileTransactionTests.Bytes("x"), 0x1A4);
                t.Write("/made/closed/secret", FileTransactionTests.Bytes("x"), 0x180);
            });
            root.MakeDirectory("/run/eksnode");
        }
        finally
        {
            _ = Native.Umask(old);
        }

        foreach (var directory in (string[])["/made", "/made/by", "/made/by/the", "/run", "/run/eksnode"])
        {
            Assert.Equal((directory, 0x1ED), (directory, host.Mode(directory)));
        }

        Assert.Equal((0x1C0, 0x1A4, 0x180), (host.Mode("/made/closed"), host.Mode("/made/by/the/way"), host.Mode("/made/closed/secret")));
    }

    [Fact]
    public void Without_root_everything_works_in_a_folder_of_one_s_own()
    {
        TestRoot.RequireRoot();
        const uint nobody = 65534;
        Native.Own(host.Folder, nobody, nobody);
        host.Write("/etc/hosts", "a\n").Write("/etc/readable", "image");
        Native.Own(host.At("/etc"), nobody, nobody);
        var plan = Engine.Engines.PlanOf(
            Engine.Engines.FileOf("/etc/new/a", "a", 0x180),
            Engine.Engines.FileOf("/etc/readable", "mine"),
            Engine.Engines.HostsOf("h", "1.1.1.1"));
        Assert.Equal(0, Native.SetEffectiveUser(nobody));
        try
        {
            Assert.Equal(3, Engine.Engines.Join(host, plan).Changes.Actions.Count());
            Assert.Empty(Engine.Engines.Join(host, plan).Changes.Actions);
            File.SetUnixFileMode(host.At("/etc/new"), 0);
            var failure = Assert.Throws<DiagnosticException>(() => Engine.Engines.Join(host, plan));
            Assert.Equal(DiagnosticCatalogue.PermissionDenied.Code, failure.Diagnostic.Code);
            Assert.Contains("/etc/new", failure.Message, StringComparison.Ordinal);
        }
        finally
        {
            Assert.Equal(0, Native.SetEffectiveUser(0));
        }

        File.SetUnixFileMode(host.At("/etc/new"), (UnixFileMode)0x1ED);
        Assert.Equal("mine", host.Read("/etc/readable"));
    }

    [Fact]
    public void What_is_on_tmpfs_is_not_flushed_and_what_is_on_disk_is()
    {
        Mount("/tmpfs", "-t", "tmpfs", "-o", "size=64k,mode=755", "tmpfs");
        host.Write("/disk/x", "");
        using var onTmpfs = Libc.Open(null, host.At("/tmpfs"), Libc.ReadOnly | Libc.DirectoryOnly)!;
        using var onDisk = Libc.Open(null, host.At("/disk"), Libc.ReadOnly | Libc.DirectoryOnly)!;
        Assert.False(Flusher.Keeps(onTmpfs));
        Assert.SkipWhen(Libc.FileSystemType(onDisk) == Libc.TmpfsMagic, "the temporary folder itself is tmpfs");
        Assert.True(Flusher.Keeps(onDisk));
    }

    [Fact]
    public void Temporary_files_stay_on_the_file_system_of_their_target()
    {
        Mount("/var/lib", "-t", "tmpfs", "-o", "size=64k,mode=755", "tmpfs");
        using var root = host.Open();
        FileTransactionTests.Commit(root, t =>
        {
            t.Write("/var/lib/kubelet/deep/config", FileTransactionTests.Bytes("x"), 0x180);
            t.Write("/var/other/config", FileTransactionTests.Bytes("y"), 0x180);
        });
        Assert.Equal(("x", "y"), (host.Read("/var/lib/kubelet/deep/config"), host.Read("/var/other/config")));
    }

    private void Mount(string at, params string[] options)
    {
        TestRoot.RequireRoot();
        Directory.CreateDirectory(host.At(at));
        using var mount = Process.Start(new ProcessStartInfo("mount", [.. options, host.At(at)]) { RedirectStandardError = true })!;
        mount.WaitForExit();
        Assert.SkipUnless(mount.ExitCode == 0, "mount does not work here");
        mounts.Insert(0, host.At(at));
    }
}
