using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using EksNode.Configuration.Text;
using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Files;

/// <summary>
/// A file system under a root folder: <c>/</c> on a node, any folder for tests, images and laptops. Every path is absolute
/// and resolved inside the root, so that no link in it leads out. Everything that eksnode reads or writes of a host goes
/// through here; writing goes through <see cref="FileTransaction"/>. Safe for concurrent reads.
/// </summary>
public sealed class HostRoot : IDisposable
{
    /// <summary>The most that <see cref="ReadFile"/> reads unless told otherwise: 1 MiB, far above any configuration file.</summary>
    public const int DefaultReadLimit = 1 << 20;

    private readonly SafeFileHandle handle;

    private HostRoot(string path, SafeFileHandle handle, bool byHand, IStepObserver? steps)
    {
        Path = path;
        this.handle = handle;
        Steps = steps;
        User = (int)Libc.EffectiveUser();
        Group = (int)Libc.EffectiveGroup();
        Resolver = new RootResolver(handle, byHand, RunsAsRoot);
    }

    /// <summary>The folder, as the user named it.</summary>
    public string Path { get; }

    /// <summary>Whether this process is root, so that owners can be set and must be right.</summary>
    public bool RunsAsRoot => User == 0;

    /// <summary>The user number that written files get.</summary>
    public int User { get; }

    /// <summary>The group number that written files get.</summary>
    public int Group { get; }

    internal RootResolver Resolver { get; }

    /// <inheritdoc cref="RootResolver.OpenToOthers"/>
    public string? OpenToOthers(string path) => Resolver.OpenToOthers(path);

    internal IStepObserver? Steps { get; }

    /// <summary>Opens a root folder.</summary>
    /// <param name="path">The folder; it must exist. Links on the way to it are followed, as it is the user's own choice.</param>
    /// <exception cref="DiagnosticException">It is missing, no directory, or closed to this user.</exception>
    public static HostRoot Open(string path) => Open(path, resolveByHand: false, steps: null);

    internal static HostRoot Open(string path, bool resolveByHand, IStepObserver? steps)
    {
        var handle = Libc.Open(null, path, Libc.PathOnly | Libc.DirectoryOnly);
        if (handle is null)
        {
            var why = Libc.LastError switch
            {
                Errno.NoEntry => "it does not exist",
                Errno.NotDirectory => "it is not a directory",
                Errno.AccessDenied => "permission is denied",
                _ => System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(Libc.LastError),
            };
            throw new DiagnosticException(
                Libc.LastError is Errno.NoEntry or Errno.NotDirectory ? DiagnosticCatalogue.RootMissing : DiagnosticCatalogue.RootUnusable,
                $"Cannot use {(path.Length == 0 ? "an empty path" : path)} as the root: {why}.",
                "Give `--root` a folder that exists.",
                path: path);
        }

        return new HostRoot(path, handle, resolveByHand, steps);
    }

    /// <summary>What the file system says about a path; null when nothing is there.</summary>
    /// <param name="path">The absolute path.</param>
    /// <param name="followLink">Whether a link at the path itself is followed.</param>
    public FileStatus? Status(string path, bool followLink = false)
    {
        using var place = OpenOrNull(path, Libc.PathOnly, followLink, "look at");
        return place is null ? null : StatusOf(place, path);
    }

    /// <summary>The content of a file, links followed; null when nothing is there.</summary>
    /// <param name="path">The absolute path.</param>
    /// <param name="limit">The most bytes that it may have.</param>
    /// <exception cref="DiagnosticException">It cannot be read, is no file, or is larger than the limit.</exception>
    public byte[]? ReadFile(string path, int limit = DefaultReadLimit)
    {
        using var file = OpenOrNull(path, Libc.ReadOnly | Libc.NonBlocking, follow: true, "read");
        if (file is null)
        {
            return null;
        }

        var status = StatusOf(file, path);
        if (status.Kind == FileKind.Directory)
        {
            throw Errno.Failure(Errno.IsDirectory, "read", path);
        }

        return Read(file, path, status.Size, limit) ?? throw new DiagnosticException(
            DiagnosticCatalogue.FileTooLarge,
            $"{path} is larger than {limit.ToString(System.Globalization.CultureInfo.InvariantCulture)} bytes.",
            "Look whether this is the file that was meant.",
            path: path);
    }

    /// <summary>What a link says, as it is; null when nothing is there or it is no link.</summary>
    public string? ReadLink(string path)
    {
        using var place = OpenOrNull(path, Libc.PathOnly, follow: false, "look at");
        return place is null ? null : Libc.ReadLink(place, "");
    }

    /// <summary>The names in a directory, in ordinal order, without <c>.</c> and <c>..</c>; null when it is not there.</summary>
    public IReadOnlyList<string>? List(string path)
    {
        using var directory = OpenOrNull(path, Libc.ReadOnly | Libc.DirectoryOnly, follow: true, "list");
        if (directory is null)
        {
            return null;
        }

        var names = new List<string>();
        ForEachEntry(directory, path, names, static (names, name) => names.Add(Encoding.UTF8.GetString(name)));
        return names.Order(StringComparer.Ordinal).ToList();
    }

    /// <summary>Makes a directory and its parents, these with mode 0755, whatever the umask. One that is there stays as it is.</summary>
    /// <param name="path">The absolute path.</param>
    /// <param name="mode">The permission bits of the last one.</param>
    public void MakeDirectory(string path, int mode = 0x1ED)
    {
        var found = Resolver.FindForWriting(Checked(path));
        using var directory = DirectoryMaker.Make(this, found, path, (_, last) => last ? mode : DirectoryMaker.DefaultMode);
    }

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();

    /// <summary>Opens what is at a path, or null when nothing is there.</summary>
    internal SafeFileHandle? OpenOrNull(string path, int flags, bool follow, string doing)
    {
        var opened = Resolver.Open(Checked(path), flags, follow, out var error);
        return error is 0 or Errno.NoEntry or Errno.NotDirectory ? opened : throw Errno.Failure(error, doing, path);
    }

    /// <summary>The status of an open file.</summary>
    internal static FileStatus StatusOf(SafeFileHandle file, string path) =>
        Libc.Status(file, "", out var status) ? FileStatus.From(status) : throw Errno.Failure(Libc.LastError, "look at", path);

    /// <summary>Reads to the end; null when there is more than the limit.</summary>
    internal static byte[]? Read(SafeFileHandle file, string path, long expected, int limit)
    {
        if (expected > limit)
        {
            return null;
        }

        // One more than expected, so that one call usually sees the end too. Files of /proc say size 0 and have content.
        var buffer = new byte[expected > 0 ? expected + 1 : 4096];
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }

            var count = Libc.Read(file, buffer.AsSpan(length));
            if (count == 0)
            {
                return length <= limit ? buffer.AsSpan(0, length).ToArray() : null;
            }

            if (count > 0)
            {
                length += count;
            }
            else if (Libc.LastError != Errno.Interrupted)
            {
                throw Errno.Failure(Libc.LastError, "read", path);
            }

            if (length > limit)
            {
                return null;
            }
        }
    }

    internal delegate void EntryAction<in TState>(TState state, ReadOnlySpan<byte> name);

    /// <summary>Calls an action with each name in an open directory, but <c>.</c> and <c>..</c>.</summary>
    internal static void ForEachEntry<TState>(SafeFileHandle directory, string path, TState state, EntryAction<TState> action)
    {
        // struct linux_dirent64: inode 8, offset 8, record length 2, kind 1, name with a NUL.
        const int lengthAt = 16;
        const int nameAt = 19;
        var buffer = ArrayPool<byte>.Shared.Rent(32768);
        try
        {
            while (true)
            {
                var count = Libc.Entries(directory, buffer);
                if (count < 0)
                {
                    throw Errno.Failure(Libc.LastError, "list", path);
                }

                if (count == 0)
                {
                    return;
                }

                for (var at = 0; at < count;)
                {
                    var record = buffer.AsSpan(at, BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(at + lengthAt)));
                    var name = record[nameAt..];
                    name = name[..name.IndexOf((byte)0)];
                    if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                    {
                        action(state, name);
                    }

                    at += record.Length;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The path itself, when it is one: absolute and without NUL.</summary>
    internal static string Checked(string path) =>
        path.StartsWith('/') && !path.Contains('\0', StringComparison.Ordinal)
            ? path
            : throw new DiagnosticException(
                DiagnosticCatalogue.InvalidPath, $"`{path}` is not an absolute path.", "Begin it with `/`; it is taken inside the root.", path: path);
}
