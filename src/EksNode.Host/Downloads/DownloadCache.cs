using EksNode.Configuration.Text;
using EksNode.Host.Files;
using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Downloads;

/// <summary>
/// The folder of downloads. A complete file has its SHA-256 as its name; one that is not has the suffix <c>.part</c>, and beside it, with
/// <c>.etag</c>, what the server called the version that it is a part of.
/// </summary>
internal sealed class DownloadCache : IDisposable
{
    private readonly string folder;
    private readonly HostRoot root;

    private DownloadCache(string folder, HostRoot root, SafeFileHandle directory) => (this.folder, this.root, Directory) = (folder, root, directory);

    /// <summary>The folder, open.</summary>
    public SafeFileHandle Directory { get; }

    /// <summary>Opens the folder, and makes it when it is not there.</summary>
    /// <exception cref="DiagnosticException">It cannot be made or used, or others than root could put files into root's.</exception>
    public static DownloadCache Open(string folder, IStepObserver? steps)
    {
        folder = Path.GetFullPath(folder);
        Make(folder);
        var root = HostRoot.Open(folder, resolveByHand: false, steps);
        if (root.RunsAsRoot && root.Status("/") is { WritableByOthersThanRoot: true })
        {
            root.Dispose();
            throw new DiagnosticException(
                DiagnosticCatalogue.UntrustedDirectory,
                $"Others than root may write the folder for downloads, {folder}.",
                $"Give it to root: `chown root:root {folder}` and `chmod go-w {folder}`.",
                path: folder);
        }

        return new DownloadCache(folder, root, root.Resolver.FindForWriting("/").Handle);
    }

    // The folders above it are the user's, and have the modes of others; what is made here is for its owner alone.
    private static void Make(string folder)
    {
        if (System.IO.Directory.Exists(folder) || Path.GetDirectoryName(folder) is not { } above)
        {
            return;
        }

        Make(above);
        using var directory = Libc.Open(null, above, Libc.PathOnly | Libc.DirectoryOnly);
        if (directory is null || (Libc.MakeDirectoryAt(directory, Path.GetFileName(folder), Engine.Modes.OwnerDirectory) != 0 && Libc.LastError != Errno.Exists))
        {
            throw Errno.Failure(Libc.LastError, "create the directory", folder);
        }
    }

    /// <summary>The path of a file of the folder, on this machine.</summary>
    public string PathOf(string name) => Path.Combine(folder, name);

    /// <summary>The size of a file that is there, complete and right; null: it is not. One with another content is removed.</summary>
    public long? Find(string sha256, CancellationToken cancellation)
    {
        var place = Libc.Open(Directory, sha256, Libc.ReadOnly | Libc.NonBlocking | Libc.NoFollow);
        if (place is null)
        {
            return Libc.LastError == Errno.NoEntry ? null : throw Errno.Failure(Libc.LastError, "read", PathOf(sha256));
        }

        using var file = HashedFile.Of(place, PathOf(sha256));
        if (file.Finish(cancellation) == sha256)
        {
            return file.Count;
        }

        Remove(sha256);
        return null;
    }

    /// <summary>What is remembered of the version that a part is of; null: nothing.</summary>
    public string? Validator(string name) => root.ReadFile("/" + name) is { } text ? System.Text.Encoding.ASCII.GetString(text) : null;

    /// <summary>Opens a file for reading and writing, and makes it when it is not there.</summary>
    public SafeFileHandle OpenForWriting(string name, bool empty)
    {
        root.Steps?.Before("open", name);
        return Libc.Open(Directory, name, Libc.ReadWrite | Libc.Create | Libc.NoFollow | (empty ? Libc.EmptyFirst : 0), Engine.Modes.OwnerFile)
            ?? throw Errno.Failure(Libc.LastError, "write", PathOf(name));
    }

    /// <summary>Whether there is something of this name.</summary>
    public bool Has(string name) => Libc.Status(Directory, name, out _);

    /// <summary>Whether a name still is that of an open file.</summary>
    public bool IsAt(string name, SafeFileHandle file) =>
        Libc.Status(Directory, name, out var there) && Libc.Status(file, "", out var open)
        && FileStatus.From(there) is var a && FileStatus.From(open) is var b && a.Inode == b.Inode && a.Device == b.Device;

    /// <summary>Gives a file its final name, lasting before this returns.</summary>
    public void Rename(SafeFileHandle file, string from, string to)
    {
        var flushes = Flusher.Keeps(file);
        Step("flush", from);
        if (flushes && Libc.Flush(file) != 0)
        {
            throw Errno.Failure(Libc.LastError, "flush", PathOf(from));
        }

        Step("rename", from);
        if (Libc.RenameAt(Directory, from, Directory, to) != 0 || (flushes && Libc.Flush(Directory) != 0))
        {
            throw Errno.Failure(Libc.LastError, "write", PathOf(to));
        }
    }

    /// <summary>Removes a file; one that is not there is no failure.</summary>
    public void Remove(string name)
    {
        Step("remove", name);
        if (Libc.UnlinkAt(Directory, name, 0) != 0 && Libc.LastError != Errno.NoEntry)
        {
            throw Errno.Failure(Libc.LastError, "remove", PathOf(name));
        }
    }

    /// <summary>Tells that something is about to change.</summary>
    public void Step(string step, string name) => root.Steps?.Before(step, name);

    /// <inheritdoc/>
    public void Dispose()
    {
        Directory.Dispose();
        root.Dispose();
    }
}
