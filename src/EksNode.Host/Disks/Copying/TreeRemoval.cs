using EksNode.Host.Files;
using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Disks.Copying;

/// <summary>Removes a tree, following nothing and staying on its file system.</summary>
internal static class TreeRemoval
{
    // struct dirent: d_type.
    private const byte DirectoryType = 4;

    /// <summary>Removes what has the name, whatever it is. Nothing there is fine.</summary>
    /// <param name="parent">The directory that holds it.</param>
    /// <param name="name">The name, ending in a zero.</param>
    /// <param name="path">Its path, for messages and steps.</param>
    /// <param name="steps">Is told before each removal.</param>
    /// <exception cref="Configuration.Text.DiagnosticException">Something cannot be removed, such as an immutable file or a mount.</exception>
    public static void Remove(SafeFileHandle parent, ReadOnlySpan<byte> name, string path, IStepObserver? steps = null)
    {
        if (RemoveName(parent, name, Libc.AtRemoveDirectory, path, steps))
        {
            return;
        }

        using var directory = Libc.Open(parent, name, Libc.ReadOnly | Libc.DirectoryOnly);
        if (directory is null)
        {
            if (Libc.LastError is not (Errno.NotDirectory or Errno.TooManyLinks))
            {
                throw Errno.Failure(Libc.LastError, "remove", path);
            }

            RemoveName(parent, name, 0, path, steps);
            return;
        }

        Empty(directory, path, steps);
        RemoveName(parent, name, Libc.AtRemoveDirectory, path, steps);
    }

    // A listing may pass over names while others are removed: it is read until a pass finds none.
    private static void Empty(SafeFileHandle directory, string path, IStepObserver? steps)
    {
        for (var found = true; found;)
        {
            found = false;
            if (Libc.Seek(directory, 0, 0) < 0)
            {
                throw Errno.Failure(Libc.LastError, "list", path);
            }

            using DirectoryListing listing = new(directory);
            while (listing.Next())
            {
                found = true;
                var below = $"{path}/{System.Text.Encoding.UTF8.GetString(listing.Name[..^1])}";
                if (listing.Kind == DirectoryType || !RemoveName(directory, listing.Name, 0, below, steps))
                {
                    Remove(directory, listing.Name, below, steps);
                }
            }

            if (listing.Error != 0)
            {
                throw Errno.Failure(listing.Error, "list", path);
            }
        }
    }

    // False: it is of the other kind, or not empty.
    private static bool RemoveName(SafeFileHandle parent, ReadOnlySpan<byte> name, int flags, string path, IStepObserver? steps)
    {
        steps?.Before("remove", path);
        if (Libc.Unlink(parent, name, flags))
        {
            return true;
        }

        return Libc.LastError switch
        {
            Errno.NoEntry => true,
            Errno.NotEmpty or Errno.Exists or Errno.NotDirectory or Errno.IsDirectory => false,
            _ => throw Errno.Failure(Libc.LastError, "remove", path),
        };
    }
}
