using System.Diagnostics;
using EksNode.Host.Disks.Copying;
using EksNode.Host.Tests.Files;

namespace EksNode.Host.Tests.Disks.Copying;

/// <summary>How long a copy takes beside <c>cp -a</c> on the same tree. Run by name: its figures are for people, and it never fails on time.</summary>
[Collection(nameof(FileSystemFaultTests))]
public sealed class TreeCopySpeedTests(ITestOutputHelper output)
{
    [Fact(Explicit = true)]
    public async Task A_tree_of_a_hundred_thousand_files()
    {
        using LoopVolume source = new("ext4", 4096);
        using LoopVolume target = new("xfs", 4096);
        TreeSnapshot.Script(source.Folder, """
            mkdir tree; cd tree
            for d in {1..1000}; do mkdir -p $d/a/b; for f in {1..50}; do echo $d-$f > $d/a/$f; echo $f-$d > $d/a/b/$f; done; done
            mkdir blobs; for i in {1..8}; do dd if=/dev/urandom of=blobs/$i bs=1M count=64 status=none; done
            """);
        for (var round = 0; round < 2; round++)
        {
            var cp = await TimeAsync(source, target, () =>
            {
                TestRoot.Run("cp", "-a", source.At("tree"), target.At("cp"));
                return Task.CompletedTask;
            });
            output.WriteLine($"cp -a {cp.TotalSeconds:0.00} s");
            foreach (var threads in (int[])[1, 2, 4, 8])
            {
                CopyReport? report = null;
                var ours = await TimeAsync(source, target, async () =>
                    report = await TreeCopy.CopyAsync(source.At("tree"), target.Folder, "copy", new CopyOptions { Threads = threads }, null, TestContext.Current.CancellationToken));
                output.WriteLine($"{threads} threads {ours.TotalSeconds:0.00} s, {ours / cp:0.00} of cp -a, {report!.Entries} entries, {report.Bytes} bytes");
            }
        }
    }

    // From cold caches to what is flushed, each time; then the target is emptied.
    private static async Task<TimeSpan> TimeAsync(LoopVolume source, LoopVolume target, Func<Task> copy)
    {
        TreeSnapshot.Script(source.Folder, "sync; echo 3 > /proc/sys/vm/drop_caches");
        var began = Stopwatch.GetTimestamp();
        await copy();
        TestRoot.Run("sync", "-f", target.Folder);
        var taken = Stopwatch.GetElapsedTime(began);
        TreeSnapshot.Script(target.Folder, "rm -rf cp copy; sync -f .");
        return taken;
    }
}
