using EksNode.Host.Files;

namespace EksNode.Host.Tests.Files;

/// <summary>The clock that files get their times from: the kernel's last tick, which is up to 10 ms behind (CONFIG_HZ=100).</summary>
internal static class FileClock
{
    private const long Tick = 10_000_000;

    /// <summary>
    /// Waits until what is written next is later, by more than a tick, than everything that has happened. The time of a change cannot
    /// be set, so that there is no way around waiting; what is waited for is the clock itself, however busy the machine.
    /// </summary>
    public static void Pass()
    {
        var folder = Directory.CreateTempSubdirectory("eksnode-clock-").FullName;
        try
        {
            using var root = HostRoot.Open(folder);
            var from = Now(root, folder);
            while (Now(root, folder) <= from + Tick)
            {
                Thread.Sleep(1);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static long Now(HostRoot root, string folder)
    {
        File.WriteAllText(Path.Combine(folder, "now"), "");
        return root.Status("/now")!.Changed;
    }
}
