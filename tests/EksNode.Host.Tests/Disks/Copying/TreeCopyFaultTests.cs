using EksNode.Configuration.Text;
using EksNode.Host.Disks.Copying;
using EksNode.Host.Files;
using EksNode.Host.Tests.Files;

namespace EksNode.Host.Tests.Disks.Copying;

/// <summary>What goes wrong during a copy, and that the next run mends it.</summary>
[Collection(nameof(FileSystemFaultTests))]
public sealed class TreeCopyFaultTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_at_any_step_the_next_run_ends_in_the_same_state()
    {
        using LoopVolume volume = new("ext4");
        TreeSnapshot.Script(volume.Folder, """
            mkdir -p tree/a/b other; echo 1 > tree/a/1; ln tree/a/1 tree/a/b/one; ln -s 1 tree/a/link; mknod tree/a/b/gone c 0 0
            mkfifo tree/pipe; chmod 750 tree/a; chown 5:6 tree/a/1; echo kept > other/kept; ln -s ../other tree/out
            """);
        var expected = TreeSnapshot.Of(volume.At("tree"));
        var other = TreeSnapshot.Of(volume.At("other"));
        KillAt counting = new(int.MaxValue);
        await TreeCopyTests.Killed(volume, "tree", "counted", counting);
        Assert.True(counting.Steps > 20, $"{counting.Steps} steps");
        for (var step = 0; step < counting.Steps; step++)
        {
            var name = $"copy-{step}";
            await Assert.ThrowsAsync<KilledException>(() => TreeCopyTests.Killed(volume, "tree", name, new KillAt(step)));
            if (Directory.Exists(volume.At(name)))
            {
                Assert.Equal(expected, TreeSnapshot.Of(volume.At(name)));
            }

            // And killed again while the left-over is removed.
            try
            {
                await TreeCopyTests.Killed(volume, "tree", name, new KillAt(step / 2));
            }
            catch (KilledException)
            {
                // As wanted; a complete copy has fewer steps.
            }

            await TreeCopy.CopyAsync(volume.At("tree"), volume.Folder, name, cancellation: Cancellation);
            Assert.Equal(expected, TreeSnapshot.Of(volume.At(name)));
            Assert.False(Directory.Exists(volume.At(".eksnode-copy-" + name)));
        }

        Assert.Equal(expected, TreeSnapshot.Of(volume.At("tree")));
        Assert.Equal(other, TreeSnapshot.Of(volume.At("other")));
    }

    [Fact]
    public async Task Left_overs_of_targets_that_are_no_longer_wanted_can_be_removed()
    {
        using LoopVolume volume = new("xfs");
        TreeSnapshot.Script(volume.Folder, "mkdir -p tree/a; echo 1 > tree/a/1; mkdir .eksnode-other");
        foreach (var name in (string[])["one", "two"])
        {
            await Assert.ThrowsAsync<KilledException>(() => TreeCopyTests.Killed(volume, "tree", name, new KillBefore(volume.At(".eksnode-copy-" + name), "rename")));
        }

        Assert.Equal(
            [volume.At(".eksnode-copy-one"), volume.At(".eksnode-copy-two")],
            TreeCopy.RemoveLeftovers(volume.Folder).Order(StringComparer.Ordinal));
        Assert.Equal([volume.At(".eksnode-other"), volume.At("tree")], Directory.GetDirectories(volume.Folder).Order(StringComparer.Ordinal));
        Assert.Empty(TreeCopy.RemoveLeftovers(volume.Folder));
    }

    [Fact]
    public async Task A_full_target_is_an_error_and_is_not_full_afterwards()
    {
        using LoopVolume source = new("ext4", 128);
        using LoopVolume target = new("ext4", 32);
        TreeSnapshot.Script(source.Folder, "mkdir tree; for i in 1 2 3 4 5 6; do dd if=/dev/urandom of=tree/$i bs=1M count=8 status=none; done");
        var failure = await Assert.ThrowsAsync<DiagnosticException>(
            () => TreeCopy.CopyAsync(source.At("tree"), target.Folder, "copy", cancellation: Cancellation));
        Assert.Equal(DiagnosticCatalogue.DiskFull.Code, failure.Diagnostic.Code);
        Assert.StartsWith(target.At("copy"), failure.Diagnostic.Path, StringComparison.Ordinal);
        Assert.Equal([target.At("lost+found")], Directory.GetFileSystemEntries(target.Folder));
        Assert.True(new DriveInfo(target.Folder).AvailableFreeSpace > 20 * 1024 * 1024);
    }

    [Fact]
    public async Task A_target_without_inodes_is_a_full_target()
    {
        using LoopVolume source = new("ext4", 64);
        TreeSnapshot.Script(source.Folder, "mkdir tree small; cd tree; touch {1..50}");
        TestRoot.Run("mount", "-t", "tmpfs", "-o", "nr_inodes=20", "tmpfs", source.At("small"));
        try
        {
            var failure = await Assert.ThrowsAsync<DiagnosticException>(
                () => TreeCopy.CopyAsync(source.At("tree"), source.At("small"), "copy", cancellation: Cancellation));
            Assert.Equal(DiagnosticCatalogue.DiskFull.Code, failure.Diagnostic.Code);
            Assert.Empty(Directory.GetFileSystemEntries(source.At("small")));
        }
        finally
        {
            TestRoot.Run("umount", source.At("small"));
        }
    }

    [Fact]
    public async Task A_file_system_without_attributes_is_an_error_that_names_the_attribute()
    {
        using LoopVolume source = new("ext4", 64);
        TreeSnapshot.Script(source.Folder, "mkdir tree plain; : > tree/file");
        TreeSnapshot.Set(source.At("tree/file"), "user.note", "x"u8.ToArray());
        TestRoot.Run("mount", "-t", "ramfs", "ramfs", source.At("plain"));
        try
        {
            var failure = await Assert.ThrowsAsync<DiagnosticException>(
                () => TreeCopy.CopyAsync(source.At("tree"), source.At("plain"), "copy", cancellation: Cancellation));
            Assert.Equal(DiagnosticCatalogue.CopyAttributeRefused.Code, failure.Diagnostic.Code);
            Assert.Contains("user.note", failure.Message, StringComparison.Ordinal);
        }
        finally
        {
            TestRoot.Run("umount", source.At("plain"));
        }
    }

    [Theory]
    [InlineData("create", "file", "echo more >> tree/file")]
    [InlineData("create", "file", ": > tree/file")]
    [InlineData("create", "file", "chmod 600 tree/file")]
    [InlineData("create", "large", "truncate -s 1M tree/large")]
    [InlineData("create", "sparse", "truncate -s 1M tree/sparse")]
    [InlineData("attributes", "file", "touch tree/new")]
    [InlineData("mkdir", "dir", "rm -r tree/dir")]
    [InlineData("mkdir", "dir", "touch tree/dir/new; chmod 700 tree/dir")]
    public async Task A_source_that_changes_is_an_error_that_names_what_changed(string step, string name, string change)
    {
        using LoopVolume source = new("ext4", 64);
        TreeSnapshot.Script(source.Folder, "mkdir -p tree/dir; echo x > tree/file; echo y > tree/dir/y; dd if=/dev/zero of=tree/large bs=1M count=2 status=none; truncate -s 4M tree/sparse; echo end >> tree/sparse");
        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => TreeCopyTests.Killed(
            source, "tree", "copy", new Doing(source.At("copy/" + name), step, () => TreeSnapshot.Script(source.Folder, change))));
        Assert.Equal(DiagnosticCatalogue.CopySourceChanged.Code, failure.Diagnostic.Code);
        Assert.StartsWith(source.At("tree"), failure.Message, StringComparison.Ordinal);
        Assert.Equal([source.At("lost+found"), source.At("tree")], Directory.GetFileSystemEntries(source.Folder).Order(StringComparer.Ordinal));
        Assert.Equal(CopyOutcome.Copied, (await TreeCopy.CopyAsync(source.At("tree"), source.Folder, "copy", cancellation: Cancellation)).Outcome);
    }

    [Fact]
    public async Task What_cannot_be_read_is_an_error_that_names_it()
    {
        using LoopVolume source = new("ext4", 64);
        TreeSnapshot.Script(source.Folder, "mkdir -p tree/dir own; echo x > tree/dir/closed; chmod 600 tree/dir/closed; chown 65534 own");
        Assert.Equal(0, Native.SetEffectiveUser(65534));
        try
        {
            var failure = await Assert.ThrowsAsync<DiagnosticException>(
                () => TreeCopy.CopyAsync(source.At("tree"), source.At("own"), "copy", cancellation: Cancellation));
            Assert.Equal(DiagnosticCatalogue.PermissionDenied.Code, failure.Diagnostic.Code);
            Assert.Equal(source.At("tree/dir/closed"), failure.Diagnostic.Path);
        }
        finally
        {
            Assert.Equal(0, Native.SetEffectiveUser(0));
        }
    }

    [Fact]
    public async Task A_tree_that_holds_its_own_copy_is_an_error()
    {
        using LoopVolume source = new("ext4", 64);
        TreeSnapshot.Script(source.Folder, "mkdir -p tree/target; echo x > tree/file");
        var failure = await Assert.ThrowsAsync<DiagnosticException>(
            () => TreeCopy.CopyAsync(source.At("tree"), source.At("tree/target"), "copy", cancellation: Cancellation));
        Assert.Contains(failure.Diagnostic.Code, (string[])[DiagnosticCatalogue.CopyIntoItself.Code, DiagnosticCatalogue.CopySourceChanged.Code]);
        Assert.Empty(Directory.GetFileSystemEntries(source.At("tree/target")));
    }

    [Fact]
    public async Task A_path_that_no_program_can_name_is_an_error()
    {
        using LoopVolume source = new("ext4", 64);
        TreeSnapshot.Script(source.Folder, """
            long=$(printf 'x%.0s' {1..250}); half=$(printf "$long/%.0s" {1..10})
            mkdir -p "tree/$half" "half/$half"; mv half "tree/$half"
            """);
        try
        {
            var failure = await Assert.ThrowsAsync<DiagnosticException>(
                () => TreeCopy.CopyAsync(source.At("tree"), source.Folder, "copy", cancellation: Cancellation));
            Assert.Equal(DiagnosticCatalogue.CopyTooDeep.Code, failure.Diagnostic.Code);
            Assert.False(Directory.Exists(source.At(".eksnode-copy-copy")));
        }
        finally
        {
            TreeSnapshot.Script(source.Folder, "rm -rf tree");
        }
    }

    [Fact]
    public async Task The_deepest_tree_that_programs_can_name_is_copied_and_removed()
    {
        using LoopVolume source = new("ext4", 64);
        TreeSnapshot.Script(source.Folder, "d=$(printf 'd/%.0s' {1..1990}); mkdir -p tree/$d; echo deep > tree/${d}f; ln tree/${d}f tree/f");
        await Assert.ThrowsAsync<KilledException>(() => TreeCopyTests.Killed(source, "tree", "copy", new KillBefore(source.At(".eksnode-copy-copy"), "rename")));
        Assert.Equal(1992, (await TreeCopy.CopyAsync(source.At("tree"), source.Folder, "copy", cancellation: Cancellation)).Entries - 1);
        TreeSnapshot.Script(source.Folder, "d=$(printf 'd/%.0s' {1..1990}); test copy/${d}f -ef copy/f; test $(cat copy/f) = deep");
    }

    [Fact]
    public async Task A_caller_that_gives_up_leaves_nothing()
    {
        using LoopVolume source = new("ext4", 64);
        TreeSnapshot.Script(source.Folder, "mkdir -p tree; cd tree; touch {1..50}");
        using CancellationTokenSource giveUp = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TreeCopy.CopyAsync(
            source.At("tree"), source.Folder, "copy", CopyOptions.Default, null, new Doing(source.At("copy/20"), "create", giveUp.Cancel), giveUp.Token));
        Assert.Equal([source.At("lost+found"), source.At("tree")], Directory.GetFileSystemEntries(source.Folder).Order(StringComparer.Ordinal));
    }

    /// <summary>Does something before a step.</summary>
    private sealed class Doing(string path, string step, Action action) : IStepObserver
    {
        public void Before(string step1, string path1)
        {
            if ((path1, step1) == (path, step))
            {
                action();
            }
        }
    }
}
