using System.Diagnostics;
using EksNode.Host.Tests.Files;

namespace EksNode.Host.Tests.Disks.Copying;

/// <summary>A file system in a file, mounted through a loop device. Where that does not work, the test is skipped and says why.</summary>
internal sealed class LoopVolume : IDisposable
{
    private readonly string image = Path.Combine(Path.GetTempPath(), "eksnode-volume-" + Guid.NewGuid().ToString("N"));

    public LoopVolume(string type, int mebibytes = 512)
    {
        TestRoot.RequireRoot();
        Folder = image + ".mount";
        Directory.CreateDirectory(Folder);
        using (var file = File.Create(image))
        {
            file.SetLength(mebibytes * 1024L * 1024);
        }

        try
        {
            Need($"mkfs.{type}", "-q", image);
            Need("mount", "-o", "loop,noatime", image, Folder);
        }
        catch
        {
            RemoveFiles();
            throw;
        }
    }

    public string Folder { get; }

    public string At(string path) => $"{Folder}/{path}";

    public void Dispose()
    {
        TestRoot.Run("umount", Folder);
        RemoveFiles();
    }

    private static void Need(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.SkipUnless(process.ExitCode == 0, $"{program} does not work here: {error.Trim()}");
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            Assert.Skip($"{program} is not there: {exception.Message}");
        }
    }

    private void RemoveFiles()
    {
        Directory.Delete(Folder);
        File.Delete(image);
    }
}
