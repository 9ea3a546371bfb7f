using System.Diagnostics;
using EksNode.Configuration.Text;
using EksNode.Host.Imaging;
using EksNode.Host.Tests.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Tests.Downloads;

/// <summary>A folder of downloads on a file system that is too small.</summary>
[Collection(nameof(FileSystemFaultTests))]
public sealed class FullDiskTests : IDisposable
{
    private readonly TestRoot host = new(inMemory: false);
    private bool mounted;

    public void Dispose()
    {
        if (mounted)
        {
            TestRoot.Run("umount", host.At("/cache"));
        }

        host.Dispose();
    }

    [Fact]
    public async Task A_full_disk_is_told_as_one_and_nothing_half_is_left()
    {
        Mount("size=256k,mode=700");
        await using var server = new ArtifactServer();
        var small = server.Add("/small", Artifact.Random(60_000));
        var large = server.Add("/large", Artifact.Random(400_000));
        using var bench = new DownloadBench { Folder = host.At("/cache") };

        _ = await bench.FetchAsync(DownloadBench.Of(server.At("/small"), small.Sha256));
        var diagnostic = await bench.FailAsync(DownloadBench.Of(server.At("/large"), large.Sha256));

        Assert.Equal(DiagnosticCatalogue.DiskFull.Code, diagnostic.Code);
        Assert.Contains(host.At("/cache/" + large.Sha256), diagnostic.Message, StringComparison.Ordinal);
        Assert.Equal([small.Sha256], bench.Names);
    }

    [Fact]
    public async Task A_disk_without_inodes_is_a_full_disk()
    {
        Mount("size=1m,nr_inodes=1,mode=700");
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(1000));
        using var bench = new DownloadBench { Folder = host.At("/cache") };

        var diagnostic = await bench.FailAsync(DownloadBench.Of(server.At("/kubelet"), kubelet.Sha256));

        Assert.Equal(DiagnosticCatalogue.DiskFull.Code, diagnostic.Code);
        Assert.Empty(bench.Names);
    }

    [Fact]
    public void A_program_that_does_not_fit_leaves_the_one_that_is_there()
    {
        Mount("size=128k,mode=755");
        host.Write("/cache/kubelet", "old", 0x1ED).Write("/download", new string('x', 400_000));
        var wanted = Imaging.Archives.Wanted(File.ReadAllBytes(host.At("/download")), false, new InstalledFile("kubelet", "/cache/kubelet"));
        using var root = host.Open();
        var before = host.Tree();

        var failure = Assert.Throws<DiagnosticException>(
            () => new BinaryInstaller(root).Install(wanted, host.At("/download"), TestContext.Current.CancellationToken));

        Assert.Equal(DiagnosticCatalogue.DiskFull.Code, failure.Diagnostic.Code);
        Assert.Equal(before, host.Tree());
    }

    private void Mount(string options)
    {
        TestRoot.RequireRoot();
        Directory.CreateDirectory(host.At("/cache"));
        using var mount = Process.Start(new ProcessStartInfo("mount", ["-t", "tmpfs", "-o", options, "tmpfs", host.At("/cache")]) { RedirectStandardError = true })!;
        mount.WaitForExit();
        Assert.SkipUnless(mount.ExitCode == 0, "mount does not work here");
        mounted = true;
    }
}
