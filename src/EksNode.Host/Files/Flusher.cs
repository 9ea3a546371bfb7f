using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Files;

/// <summary>
/// Flushes many files at once. Flushes that run together share a journal commit, so that ten cost about as much as one; one
/// after the other each waits for its own.
/// </summary>
internal static class Flusher
{
    // A thread costs some 50 µs; more of them than this gain nothing, as the commits are shared.
    private const int MostThreads = 8;
    private const int StackBytes = 256 * 1024;

    // fsync(2): a file system that does not flush this kind of file says so.
    private const int InvalidArgument = 22;

    /// <summary>Whether a file system keeps its content over a restart, so that flushing has a point.</summary>
    public static bool Keeps(SafeFileHandle file) => Libc.FileSystemType(file) is not (Libc.TmpfsMagic or Libc.RamfsMagic);

    /// <summary>Flushes all of them and waits.</summary>
    public static void Flush(IReadOnlyList<(SafeFileHandle File, string Path)> files)
    {
        var next = -1;
        var failed = 0;
        string? failedPath = null;
        void Work()
        {
            while (Interlocked.Increment(ref next) is var i && i < files.Count)
            {
                if (Libc.Flush(files[i].File) != 0 && Libc.LastError is var error and not InvalidArgument
                    && Interlocked.CompareExchange(ref failed, error, 0) == 0)
                {
                    failedPath = files[i].Path;
                }
            }
        }

        var helpers = new Thread[Math.Max(0, Math.Min(files.Count, MostThreads) - 1)];
        for (var i = 0; i < helpers.Length; i++)
        {
            helpers[i] = new Thread(Work, StackBytes) { IsBackground = true };
            helpers[i].Start();
        }

        Work();
        foreach (var helper in helpers)
        {
            helper.Join();
        }

        if (failed != 0)
        {
            throw Errno.Failure(failed, "flush", failedPath ?? "");
        }
    }
}
