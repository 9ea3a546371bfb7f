using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Files;

/// <summary>Makes the missing part of a path to a directory.</summary>
internal static class DirectoryMaker
{
    /// <summary>0755.</summary>
    public const int DefaultMode = 0x1ED;

    /// <summary>
    /// Makes what is missing and answers a handle to the last directory. The handle of <paramref name="found"/> is closed,
    /// unless nothing was missing: then it is the answer.
    /// </summary>
    /// <param name="root">The root.</param>
    /// <param name="found">The part that is there and the names that are not.</param>
    /// <param name="path">The path, for messages.</param>
    /// <param name="mode">The mode of the n-th missing directory, and whether it is the last.</param>
    /// <param name="parents">Gets the handle of each directory that got a new one; without it they are closed.</param>
    public static SafeFileHandle Make(
        HostRoot root, FoundDirectory found, string path, Func<int, bool, int> mode, List<(SafeFileHandle Directory, string Path)>? parents = null)
    {
        var at = found.Handle;
        for (var i = 0; i < found.Missing.Count; i++)
        {
            var below = MakeOne(root, at, found.Missing[i], mode(i, i == found.Missing.Count - 1), path);
            if (parents is null)
            {
                at.Dispose();
            }
            else
            {
                parents.Add((at, path));
            }

            at = below;
        }

        return at;
    }

    /// <summary>
    /// Gives a directory of our own its mode and owner: the umask took bits away, and a set-group-id parent gave its group.
    /// </summary>
    public static void Own(HostRoot root, SafeFileHandle directory, int mode, string path)
    {
        root.Steps?.Before("own", path);
        if ((root.RunsAsRoot && Libc.ChangeOwner(directory, 0, 0) != 0) || Libc.ChangeMode(directory, (uint)mode) != 0)
        {
            throw Errno.Failure(Libc.LastError, "set the mode of", path);
        }
    }

    private static SafeFileHandle MakeOne(HostRoot root, SafeFileHandle parent, string name, int mode, string path)
    {
        root.Steps?.Before("mkdir", path);
        var made = Libc.MakeDirectoryAt(parent, name, (uint)mode) == 0;
        if (!made && Libc.LastError != Errno.Exists)
        {
            throw Errno.Failure(Libc.LastError, "create the directory", path);
        }

        var directory = Libc.Open(parent, name, Libc.ReadOnly | Libc.DirectoryOnly | Libc.NoFollow)
            ?? throw Errno.Failure(Libc.LastError, "open the directory", path);
        if (made)
        {
            Own(root, directory, mode, path);
        }

        return directory;
    }
}
