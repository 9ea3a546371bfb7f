using EksNode.Configuration.Text;
using EksNode.Host.Disks.Copying;
using EksNode.Host.Files;
using EksNode.Host.Tests.Files;

namespace EksNode.Host.Tests.Disks.Copying;

/// <summary>Copies between real file systems on loop devices. Alone: mounts and the effective user are the whole process's.</summary>
[Collection(nameof(FileSystemFaultTests))]
public sealed class TreeCopyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ext4", "xfs")]
    [InlineData("xfs", "ext4")]
    [InlineData("xfs", "xfs")]
    [InlineData("ext4", "ext4")]
    public async Task Everything_is_in_the_copy_as_cp_would_have_it(string from, string to)
    {
        using LoopVolume source = new(from);
        using LoopVolume target = new(to);
        SampleTree.Make(source.At("tree"));
        var expected = TreeSnapshot.Of(source.At("tree"));
        var report = await TreeCopy.CopyAsync(source.At("tree"), target.Folder, "copy", cancellation: Cancellation);
        Assert.Equal(CopyOutcome.Copied, report.Outcome);
        Assert.Equal(expected, TreeSnapshot.Of(source.At("tree")));
        Assert.Equal(expected, TreeSnapshot.Of(target.At("copy")));
        TestRoot.Run("cp", "-a", source.At("tree"), target.At("cp"));
        Assert.Equal(TreeSnapshot.Of(target.At("cp")), TreeSnapshot.Of(target.At("copy")));
        Assert.Equal(expected.Split('\n').Length - 1 + 1, report.Entries + Newlines(expected));
        Assert.InRange(report.Bytes, 21 * 1024 * 1024, 23 * 1024 * 1024);
        Assert.Empty(report.LeftOut);

        // Holes: 100 MiB of which 1 MiB is there, and 3 MiB of nothing.
        Assert.InRange(Allocated(target.At("copy/a/sparse")), 1024 * 1024, 1200 * 1024);
        Assert.Equal(0, Allocated(target.At("copy/a/hole")));
    }

    [Fact]
    public async Task A_second_run_copies_nothing()
    {
        using LoopVolume volume = new("ext4", 64);
        Directory.CreateDirectory(volume.At("tree"));
        File.WriteAllText(volume.At("tree/file"), "one");
        await TreeCopy.CopyAsync(volume.At("tree"), volume.Folder, "copy", cancellation: Cancellation);
        File.WriteAllText(volume.At("tree/file"), "two");
        File.WriteAllText(volume.At("copy/later"), "kept");
        var report = await TreeCopy.CopyAsync(volume.At("tree"), volume.Folder, "copy", cancellation: Cancellation);
        Assert.Equal((CopyOutcome.AlreadyThere, 0L, 0L), (report.Outcome, report.Entries, report.Bytes));
        Assert.Equal(("one", "kept"), (File.ReadAllText(volume.At("copy/file")), File.ReadAllText(volume.At("copy/later"))));
    }

    [Fact]
    public async Task A_copy_of_a_copy_is_marked_only_when_it_is_complete()
    {
        using LoopVolume volume = new("xfs");
        Directory.CreateDirectory(volume.At("tree"));
        await TreeCopy.CopyAsync(volume.At("tree"), volume.Folder, "copy", cancellation: Cancellation);
        await Assert.ThrowsAsync<KilledException>(() => Killed(volume, "copy", "again", new KillBefore(volume.At(".eksnode-copy-again"), "complete")));
        Directory.Move(volume.At(".eksnode-copy-again"), volume.At("again"));
        File.WriteAllText(volume.At("again/x"), "");
        Assert.Equal(CopyOutcome.Occupied, (await TreeCopy.CopyAsync(volume.At("copy"), volume.Folder, "again", cancellation: Cancellation)).Outcome);
    }

    [Fact]
    public async Task What_somebody_else_put_there_stays_and_an_empty_directory_gives_way()
    {
        using LoopVolume volume = new("ext4", 64);
        foreach (var name in (string[])["tree", "theirs", "empty"])
        {
            Directory.CreateDirectory(volume.At(name));
        }

        File.WriteAllText(volume.At("tree/file"), "ours");
        File.WriteAllText(volume.At("theirs/file"), "theirs");
        File.WriteAllText(volume.At("file"), "theirs");
        Assert.Equal(CopyOutcome.Occupied, (await TreeCopy.CopyAsync(volume.At("tree"), volume.Folder, "theirs", cancellation: Cancellation)).Outcome);
        Assert.Equal("theirs", File.ReadAllText(volume.At("theirs/file")));
        Assert.Equal(CopyOutcome.Copied, (await TreeCopy.CopyAsync(volume.At("tree"), volume.Folder, "empty", cancellation: Cancellation)).Outcome);
        Assert.Equal("ours", File.ReadAllText(volume.At("empty/file")));
        var failure = await Assert.ThrowsAsync<DiagnosticException>(
            () => TreeCopy.CopyAsync(volume.At("tree"), volume.Folder, "file", cancellation: Cancellation));
        Assert.Equal(DiagnosticCatalogue.WrongKind.Code, failure.Diagnostic.Code);
    }

    [Fact]
    public async Task A_source_that_is_missing_is_an_empty_directory()
    {
        using LoopVolume volume = new("ext4", 64);
        var report = await TreeCopy.CopyAsync(volume.At("nowhere"), volume.Folder, "copy", cancellation: Cancellation);
        Assert.Equal(CopyOutcome.Copied, report.Outcome);
        Assert.Equal(0x1ED, (int)File.GetUnixFileMode(volume.At("copy")));
        Assert.Equal(CopyOutcome.AlreadyThere, (await TreeCopy.CopyAsync(volume.At("nowhere"), volume.Folder, "copy", cancellation: Cancellation)).Outcome);
    }

    [Fact]
    public async Task Other_mounts_are_not_entered_and_are_named()
    {
        using LoopVolume volume = new("xfs");
        using LoopVolume target = new("xfs");
        TreeSnapshot.Script(volume.Folder, "mkdir -p tree/tmp tree/bind elsewhere; echo x > elsewhere/x; : > tree/file; echo y > y");
        string[] mounts = [volume.At("tree/tmp"), volume.At("tree/bind"), volume.At("tree/file")];
        TestRoot.Run("mount", "-t", "tmpfs", "tmpfs", mounts[0]);
        TestRoot.Run("mount", "--bind", volume.At("elsewhere"), mounts[1]);
        TestRoot.Run("mount", "--bind", volume.At("y"), mounts[2]);
        try
        {
            File.WriteAllText(volume.At("tree/tmp/secret"), "");
            var report = await TreeCopy.CopyAsync(volume.At("tree"), target.Folder, "copy", cancellation: Cancellation);
            Assert.Equal(
                [new("bind", LeftOutReason.OtherMount), new("file", LeftOutReason.OtherMount), new LeftOut("tmp", LeftOutReason.OtherMount)],
                report.LeftOut);
            Assert.Equal([target.At("copy/bind"), target.At("copy/tmp")], Directory.GetFileSystemEntries(target.At("copy")).Order());
            Assert.Empty(Directory.GetFileSystemEntries(target.At("copy/tmp")));
            Assert.Empty(Directory.GetFileSystemEntries(target.At("copy/bind")));
        }
        finally
        {
            foreach (var mount in mounts)
            {
                TestRoot.Run("umount", mount);
            }
        }
    }

    [Fact]
    public async Task A_default_access_list_of_the_target_is_not_handed_down()
    {
        using LoopVolume source = new("ext4");
        using LoopVolume target = new("ext4");
        SampleTree.Make(source.At("tree"));
        TreeSnapshot.Script(target.Folder, "chgrp 77 .; chmod 2775 .");
        TreeSnapshot.Set(target.Folder, "system.posix_acl_default", Convert.FromHexString(
            "02000000" + "01000700FFFFFFFF" + "02000700E8030000" + "04000500FFFFFFFF" + "10000700FFFFFFFF" + "20000500FFFFFFFF"));
        await TreeCopy.CopyAsync(source.At("tree"), target.Folder, "copy", cancellation: Cancellation);
        Assert.Equal(TreeSnapshot.Of(source.At("tree")), TreeSnapshot.Of(target.At("copy")));
    }

    [Fact]
    public async Task Progress_counts_up()
    {
        using LoopVolume source = new("ext4");
        SampleTree.Make(source.At("tree"));
        Ticking clock = new();
        Collected progress = new();
        var report = await TreeCopy.CopyAsync(source.At("tree"), source.Folder, "copy", new CopyOptions { Clock = clock }, progress, Cancellation);
        Assert.NotEmpty(progress.Reports);
        Assert.Equal(progress.Reports.Max(r => r.Entries), progress.Reports[^1].Entries);
        Assert.InRange(progress.Reports[^1].Entries, 1, report.Entries);
        Assert.True(report.Duration > TimeSpan.FromSeconds(report.Entries));
    }

    internal static Task<CopyReport> Killed(LoopVolume volume, string from, string to, IStepObserver steps) =>
        TreeCopy.CopyAsync(volume.At(from), volume.Folder, to, new CopyOptions { Threads = 1 }, null, steps, Cancellation);

    private static int Newlines(string snapshot) => snapshot.Split('\n').Count(l => l.StartsWith("line ", StringComparison.Ordinal)) + 1;

    private static long Allocated(string path)
    {
        using var process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("stat", ["-c", "%b", path]) { RedirectStandardOutput = true })!;
        return 512 * long.Parse(process.StandardOutput.ReadToEnd(), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>A clock on which every look is two seconds later.</summary>
    private sealed class Ticking : TimeProvider
    {
        private long now;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Interlocked.Add(ref now, 2);
    }

    private sealed class Collected : IProgress<CopyProgress>
    {
        private readonly List<CopyProgress> reports = [];

        public IReadOnlyList<CopyProgress> Reports
        {
            get
            {
                lock (reports)
                {
                    return [.. reports.OrderBy(r => r.Entries)];
                }
            }
        }

        public void Report(CopyProgress value)
        {
            lock (reports)
            {
                reports.Add(value);
            }
        }
    }
}
