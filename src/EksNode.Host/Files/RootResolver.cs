using EksNode.Configuration.Text;
using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Files;

/// <summary>
/// Finds paths inside a root: an absolute link and <c>..</c> lead back to the root, never out of it. The kernel does it
/// (openat2 with RESOLVE_IN_ROOT) where nothing but the end matters. It is done by hand, one component at a time, where the
/// kernel is too old (before Linux 5.6) or a sandbox refuses the call, and where every directory on the way must be looked at.
/// </summary>
internal sealed class RootResolver(SafeFileHandle root, bool byHand, bool asRoot)
{
    // The kernel's own limit (MAXSYMLINKS).
    private const int MostLinks = 40;

    /// <summary>Whether paths are walked by hand because the kernel cannot.</summary>
    public bool ByHand { get; } = byHand || !KernelResolves(root);

    /// <summary>Opens a path with the given flags. Null when it fails, and the error number.</summary>
    /// <param name="path">The absolute path, inside the root.</param>
    /// <param name="flags">What openat takes.</param>
    /// <param name="follow">Whether a link at the end is followed; links on the way always are.</param>
    /// <param name="error">The error number, or 0.</param>
    public SafeFileHandle? Open(string path, int flags, bool follow, out int error)
    {
        if (!follow)
        {
            flags |= Libc.NoFollow;
        }

        return ByHand ? OpenByHand(path, flags, follow, out error) : OpenByKernel(path, flags, out error);
    }

    /// <summary>
    /// Walks to a directory that is about to be written in, as far as it exists. When running as root, every directory on the
    /// way (but the root itself) must be one that nobody else may write, or another user could swap what eksnode writes.
    /// </summary>
    public FoundDirectory FindForWriting(string path)
    {
        var walk = new Walk(root, path);
        try
        {
            while (walk.Next() is { } name)
            {
                if (walk.Climb(name))
                {
                    continue;
                }

                var place = Libc.Open(walk.Top, name, Libc.PathOnly | Libc.NoFollow);
                if (place is null)
                {
                    return Libc.LastError == Errno.NoEntry
                        ? new FoundDirectory(Readable(walk.Top, path), walk.Missing(name, path))
                        : throw Errno.Failure(Libc.LastError, "open", path);
                }

                switch (walk.Enter(place, name, out var status))
                {
                    case Entered.Directory:
                        Trust(status, walk.Location, path);
                        break;
                    case Entered.Link:
                        break;
                    case Entered.TooManyLinks:
                        throw Errno.Failure(Errno.TooManyLinks, "open", path);
                    default:
                        throw Errno.Failure(Errno.NotDirectory, "open", path);
                }
            }

            return new FoundDirectory(Readable(walk.Top, path), []);
        }
        finally
        {
            walk.Close();
        }
    }

    /// <summary>
    /// Walks a path that is there as the kernel would, link by link, and says what of it others than root could change or swap: a folder, a link,
    /// or the file at its end. A folder that is root's and sticky is none: what is in it is looked at by itself. Null: nothing.
    /// </summary>
    /// <param name="path">The absolute path, inside the root.</param>
    /// <exception cref="DiagnosticException">It cannot be walked.</exception>
    public string? OpenToOthers(string path)
    {
        const int sticky = 0x200; // 01000
        var walk = new Walk(root, path);
        try
        {
            while (walk.Next() is { } name)
            {
                if (walk.Climb(name))
                {
                    continue;
                }

                var location = walk.Location.TrimEnd('/') + "/" + name;
                var place = Libc.Open(walk.Top, name, Libc.PathOnly | Libc.NoFollow) ?? throw Errno.Failure(Libc.LastError, "open", location);
                switch (walk.Enter(place, name, out var status))
                {
                    case Entered.Directory when status.WritableByOthersThanRoot && (status.User != 0 || (status.Mode & sticky) == 0):
                        return "the folder " + location;
                    case Entered.Link when status.User != 0: // the mode of a link means nothing
                        return "the link " + location;
                    case Entered.Other when status.WritableByOthersThanRoot:
                        return location;
                    case Entered.TooManyLinks:
                        throw Errno.Failure(Errno.TooManyLinks, "open", path);
                }
            }

            return null;
        }
        finally
        {
            walk.Close();
        }
    }

    private static bool KernelResolves(SafeFileHandle root)
    {
        using var probe = Libc.OpenInRoot(root, ".", Libc.PathOnly | Libc.DirectoryOnly);
        return probe is not null;
    }

    // A handle that can be flushed and listed, made from one that only marks a place.
    private static SafeFileHandle Readable(SafeFileHandle place, string path) =>
        Libc.Open(place, ".", Libc.ReadOnly | Libc.DirectoryOnly) ?? throw Errno.Failure(Libc.LastError, "open", path);

    private void Trust(FileStatus status, string directory, string path)
    {
        if (asRoot && status.WritableByOthersThanRoot)
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.UntrustedDirectory,
                $"Others than root may write {directory}, which is on the way to {path}.",
                $"Give it to root: `chown root:root {directory}` and `chmod go-w {directory}`.",
                path: path);
        }
    }

    private SafeFileHandle? OpenByKernel(string path, int flags, out int error)
    {
        // EAGAIN: something was renamed while `..` was resolved; the kernel's page asks callers to try again.
        const int mostTries = 16;
        for (var attempt = 1; ; attempt++)
        {
            var handle = Libc.OpenInRoot(root, path, flags);
            error = handle is null ? Libc.LastError : 0;
            if (error is not (Errno.Again or Errno.Interrupted) || attempt == mostTries)
            {
                return handle;
            }
        }
    }

    private SafeFileHandle? OpenByHand(string path, int flags, bool follow, out int error)
    {
        var walk = new Walk(root, path);
        try
        {
            while (walk.Next() is { } name)
            {
                if (walk.Climb(name))
                {
                    continue;
                }

                if (walk.AtEnd && !follow)
                {
                    return Last(walk.Top, name, flags, out error);
                }

                var place = Libc.Open(walk.Top, name, Libc.PathOnly | Libc.NoFollow);
                if (place is null)
                {
                    error = Libc.LastError;
                    return null;
                }

                var directory = walk.Top;
                switch (walk.Enter(place, name, out _))
                {
                    case Entered.Directory or Entered.Link:
                        break;
                    case Entered.TooManyLinks:
                        error = Errno.TooManyLinks;
                        return null;
                    case Entered.Other when walk.AtEnd:
                        return Last(directory, name, flags | Libc.NoFollow, out error);
                    default:
                        error = Errno.NotDirectory;
                        return null;
                }
            }

            return Last(walk.Top, ".", flags, out error);
        }
        finally
        {
            walk.Close();
        }
    }

    private static SafeFileHandle? Last(SafeFileHandle directory, string name, int flags, out int error)
    {
        var handle = Libc.Open(directory, name, flags);
        error = handle is null ? Libc.LastError : 0;
        return handle;
    }

    private enum Entered
    {
        Directory,
        Link,
        Other,
        TooManyLinks,
    }

    // The directories entered so far, and the components still to go. The root is never closed and never left.
    private sealed class Walk
    {
        private readonly SafeFileHandle root;
        private readonly List<(SafeFileHandle Handle, string Name)> entered = [];
        private readonly Stack<string> rest = new();
        private int links;

        public Walk(SafeFileHandle root, string path)
        {
            this.root = root;
            Push(path);
        }

        public SafeFileHandle Top => entered.Count == 0 ? root : entered[^1].Handle;

        public bool AtEnd => rest.Count == 0;

        public string Location => "/" + string.Join('/', entered.Select(e => e.Name));

        public string? Next() => rest.Count == 0 ? null : rest.Pop();

        public bool Climb(string name)
        {
            if (name == "..")
            {
                if (entered.Count > 0)
                {
                    entered[^1].Handle.Dispose();
                    entered.RemoveAt(entered.Count - 1);
                }

                return true;
            }

            return name == ".";
        }

        public Entered Enter(SafeFileHandle place, string name, out FileStatus status)
        {
            if (!Libc.Status(place, "", out var buffer))
            {
                var error = Libc.LastError;
                place.Dispose();
                throw Errno.Failure(error, "look at", Location + "/" + name);
            }

            status = FileStatus.From(buffer);
            if (status.Kind == FileKind.Directory)
            {
                entered.Add((place, name));
                return Entered.Directory;
            }

            var target = status.Kind == FileKind.Symlink ? Libc.ReadLink(place, "") : null;
            place.Dispose();
            if (target is null)
            {
                return Entered.Other;
            }

            if (++links > MostLinks)
            {
                return Entered.TooManyLinks;
            }

            if (target.StartsWith('/'))
            {
                Close();
            }

            Push(target);
            return Entered.Link;
        }

        public List<string> Missing(string first, string path)
        {
            List<string> missing = [first];
            while (Next() is { } name)
            {
                if (name == "..")
                {
                    throw new DiagnosticException(
                        DiagnosticCatalogue.InvalidPath,
                        $"Cannot make {path}: it climbs with `..` out of a directory that is not there.",
                        "Write the path without `..`.",
                        path: path);
                }

                if (name != ".")
                {
                    missing.Add(name);
                }
            }

            return missing;
        }

        public void Close()
        {
            foreach (var (handle, _) in entered)
            {
                handle.Dispose();
            }

            entered.Clear();
        }

        private void Push(string path)
        {
            var components = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
            for (var i = components.Length - 1; i >= 0; i--)
            {
                rest.Push(components[i]);
            }
        }
    }
}

/// <summary>A directory that is about to be written in.</summary>
/// <param name="Handle">The deepest directory on the way that is there. The caller closes it.</param>
/// <param name="Missing">The names below it that are not there yet, outermost first.</param>
internal sealed record FoundDirectory(SafeFileHandle Handle, IReadOnlyList<string> Missing);
