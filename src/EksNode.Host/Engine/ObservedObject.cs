using System.Collections.Immutable;
using System.Runtime.InteropServices;
using EksNode.Host.Files;
using EksNode.Host.Hashing;
using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Engine;

/// <summary>What a path holds now.</summary>
/// <param name="Identity">What tells it from other states.</param>
/// <param name="Status">What the file system says; null when nothing is there.</param>
/// <param name="Content">The bytes of a file of at most <see cref="HostRoot.DefaultReadLimit"/>; default for everything else.</param>
internal sealed record ObservedObject(ObjectIdentity Identity, FileStatus? Status, ImmutableArray<byte> Content)
{
    private static readonly ObservedObject missing = new(ObjectIdentity.Missing, null, default);

    /// <summary>Looks at a path; a link there is not followed.</summary>
    public static ObservedObject At(HostRoot root, string path)
    {
        // Files are by far the most: they are opened at once, and only what refuses that way is looked at again.
        var handle = root.Resolver.Open(HostRoot.Checked(path), Libc.ReadOnly | Libc.NonBlocking, follow: false, out var error);
        switch (error)
        {
            case 0:
                using (handle)
                {
                    return FromOpen(root, handle!, path);
                }

            case Errno.NoEntry or Errno.NotDirectory:
                return missing;
            default:
                return root.Status(path) is { } status && status.Kind != FileKind.File
                    ? FromStatus(root, status, path)
                    : throw Errno.Failure(error, "read", path);
        }
    }

    private static ObservedObject FromOpen(HostRoot root, SafeFileHandle handle, string path)
    {
        var status = HostRoot.StatusOf(handle, path);
        if (status.Kind != FileKind.File)
        {
            return FromStatus(root, status, path);
        }

        var content = HostRoot.Read(handle, path, status.Size, HostRoot.DefaultReadLimit);
        var sha256 = content is null ? HashLarge(root, path) : Sha256.Of(content);
        return new ObservedObject(
            root.RunsAsRoot
                ? ObjectIdentity.File(sha256, status.Mode, status.User, status.Group)
                : ObjectIdentity.File(sha256, status.Mode, root.User, root.Group),
            status,
            content is null ? default : ImmutableCollectionsMarshal.AsImmutableArray(content));
    }

    private static ObservedObject FromStatus(HostRoot root, FileStatus status, string path) => status.Kind == FileKind.Symlink
        ? new ObservedObject(ObjectIdentity.Symlink(root.ReadLink(path) ?? ""), status, default)
        : new ObservedObject(new ObjectIdentity { Kind = status.Kind }, status, default);

    private static string HashLarge(HostRoot root, string path)
    {
        using var file = root.OpenOrNull(path, Libc.ReadOnly | Libc.NonBlocking, follow: false, "read")
            ?? throw Errno.Failure(Errno.NoEntry, "read", path);
        var hash = new Sha256();
        var buffer = new byte[65536];
        int count;
        while ((count = Libc.Read(file, buffer)) != 0)
        {
            if (count > 0)
            {
                hash.Add(buffer.AsSpan(0, count));
            }
            else if (Libc.LastError != Errno.Interrupted)
            {
                throw Errno.Failure(Libc.LastError, "read", path);
            }
        }

        return hash.FinishHex();
    }
}
