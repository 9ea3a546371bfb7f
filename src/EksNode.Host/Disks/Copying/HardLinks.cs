using EksNode.Host.Files;
using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Disks.Copying;

/// <summary>
/// Files with more than one name: the first is copied, the others are linked to it. A file leaves the table with its last name, so
/// that the table holds only those whose names are not all found yet.
/// </summary>
/// <param name="top">The top of the copy.</param>
internal sealed class HardLinks(SafeFileHandle top)
{
    // One tree is one file system, so the inode number names a file.
    private readonly Dictionary<ulong, (byte[] Path, uint Missing)> first = [];

    /// <summary>Held from <see cref="Find"/> to <see cref="Add"/>, while the first name is made.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Whether the file is in the copy already, under another name.</summary>
    public bool Find(in Libc.StatusBuffer status) => first.ContainsKey(status.Inode);

    /// <summary>Notes the first name of a file. The name is there; content and attributes may follow.</summary>
    public void Add(in Libc.StatusBuffer status, DirectoryNode node, ReadOnlySpan<byte> name) =>
        first.Add(status.Inode, (node.PathOf(name), status.Links - 1));

    /// <summary>Links a further name to the first; false and <see cref="Libc.LastError"/> when it fails.</summary>
    public bool Link(in Libc.StatusBuffer status, DirectoryNode node, ReadOnlySpan<byte> name)
    {
        var known = first[status.Inode];
        if (!Libc.MakeLink(top, known.Path, node.Target, name))
        {
            return false;
        }

        if (known.Missing <= 1)
        {
            first.Remove(status.Inode);
        }
        else
        {
            first[status.Inode] = known with { Missing = known.Missing - 1 };
        }

        return true;
    }
}
