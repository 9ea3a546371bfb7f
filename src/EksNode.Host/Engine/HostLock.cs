using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Engine;

/// <summary>
/// One eksnode at a time works on a root: an exclusive flock on <c>/run/eksnode/lock</c>. The kernel drops it when its holder
/// ends, however it ends. Nothing is ever written to the file.
/// </summary>
public sealed class HostLock : IDisposable
{
    /// <summary>The directory of the lock, inside the root.</summary>
    public const string DirectoryPath = "/run/eksnode";

    /// <summary>The file of the lock, inside the root.</summary>
    public const string FilePath = DirectoryPath + "/lock";

    private static readonly TimeSpan pause = TimeSpan.FromMilliseconds(50);

    private readonly SafeFileHandle file;

    private HostLock(SafeFileHandle file, ImmutableArray<string> missing) => (this.file, Missing) = (file, missing);

    /// <summary>
    /// Those directories that the root did not have before the lock was taken, of the ones that the lock and the state are in: <c>/run</c>,
    /// <c>/var/lib</c>, <c>/var</c>. Every machine has them; a folder that stands for one may not, and then they are eksnode's own.
    /// </summary>
    public ImmutableArray<string> Missing { get; }

    /// <summary>Takes the lock; while another has it, says so once and waits.</summary>
    /// <param name="root">The root to work on.</param>
    /// <param name="timeout">How long to wait at most.</param>
    /// <param name="log">Where it says that it waits.</param>
    /// <param name="clock">The clock of the deadline; the system's unless told otherwise.</param>
    /// <param name="cancellation">Ends the wait early.</param>
    /// <exception cref="DiagnosticException">The deadline passed; it names the holder when the kernel tells.</exception>
    public static async Task<HostLock> AcquireAsync(
        HostRoot root, TimeSpan timeout, ILog log, TimeProvider? clock = null, CancellationToken cancellation = default)
    {
        clock ??= TimeProvider.System;
        var began = clock.GetTimestamp();
        ImmutableArray<string> missing = [.. StateRemoval.Parents.Where(p => root.Status(p) is null)];
        var file = Open(root);
        try
        {
            var told = false;
            while (true)
            {
                var locked = TryLock(file);
                var there = IsThere(root, file);
                if (locked && there)
                {
                    return new HostLock(file, missing);
                }

                cancellation.ThrowIfCancellationRequested();
                var elapsed = clock.GetElapsedTime(began);
                if (elapsed >= timeout)
                {
                    throw new DiagnosticException(
                        DiagnosticCatalogue.LockTimeout,
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{Holder(file)} has been working on {root.Path} for the last {timeout.TotalSeconds:0.###} s, and two at a time are not possible."),
                        "Wait until it is done or end it, then run again.",
                        path: FilePath);
                }

                if (!there)
                {
                    // A reset took the file away with the rest: whoever comes next locks another one.
                    file.Dispose();
                    file = Open(root);
                    continue;
                }

                if (!told)
                {
                    told = true;
                    log.Write(LogLevel.Warn, "waiting for another eksnode to finish", ("holder", Holder(file)), ("root", root.Path));
                }

                await Task.Delay(pause < timeout - elapsed ? pause : timeout - elapsed, clock, cancellation).ConfigureAwait(false);
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    // Whether the path still leads to the file that is locked.
    private static bool IsThere(HostRoot root, SafeFileHandle file) =>
        root.Status(FilePath) is { } there && HostRoot.StatusOf(file, FilePath) is var locked && there.Inode == locked.Inode && there.Device == locked.Device;

    private static SafeFileHandle Open(HostRoot root)
    {
        using var directory = DirectoryMaker.Make(
            root, root.Resolver.FindForWriting(DirectoryPath), DirectoryPath, static (_, last) => last ? 0x1C0 : DirectoryMaker.DefaultMode); // 0700: records of a boot lie beside the lock
        var file = Libc.Open(directory, "lock", Libc.ReadWrite | Libc.Create | Libc.NoFollow, Modes.OwnerFile)
            ?? throw Errno.Failure(Libc.LastError, "open", FilePath);
        // The umask may have taken the owner's own permission, and the next join would not get in.
        if (Libc.Status(file, "", out var status) && (status.Mode & 0x1ff) != Modes.OwnerFile
            && status.User == Libc.EffectiveUser() && Libc.ChangeMode(file, Modes.OwnerFile) != 0)
        {
            using (file)
            {
                throw Errno.Failure(Libc.LastError, "set the mode of", FilePath);
            }
        }

        return file;
    }

    private static bool TryLock(SafeFileHandle file)
    {
        while (Libc.Lock(file, Libc.ExclusiveLockNow) != 0)
        {
            if (Libc.LastError == Errno.Again)
            {
                return false;
            }

            if (Libc.LastError != Errno.Interrupted)
            {
                throw Errno.Failure(Libc.LastError, "lock", FilePath);
            }
        }

        return true;
    }

    // /proc/locks: "7: FLOCK  ADVISORY  WRITE 1234 fd:00:131 0 EOF". The device is not compared: some file systems give another
    // one there than stat does, and an inode number with a flock on it is telling enough for a message.
    private static string Holder(SafeFileHandle file)
    {
        const string somebody = "another eksnode";
        if (!Libc.Status(file, "", out var status))
        {
            return somebody;
        }

        try
        {
            var inode = ":" + status.Inode.ToString(CultureInfo.InvariantCulture);
            foreach (var line in File.ReadLines("/proc/locks"))
            {
                var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (fields is [_, "FLOCK", _, "WRITE", var pid, var where, ..] && where.EndsWith(inode, StringComparison.Ordinal))
                {
                    return $"{somebody} (process {pid})";
                }
            }
        }
        catch (IOException)
        {
            // Without /proc the holder has no name; the wait and its end are the same.
        }

        return somebody;
    }
}
