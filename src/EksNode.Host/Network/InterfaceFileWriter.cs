using System.Collections.Immutable;
using EksNode.Host.Files;
using EksNode.Planning.Network;
using EksNode.Planning.Plans;

namespace EksNode.Host.Network;

/// <summary>
/// Writes the network files of interfaces. Hooks of several interfaces run at once at boot; each writes files of its own, so none waits
/// for another, nor for a join that waits for the network itself.
/// </summary>
/// <param name="root">The root of the machine.</param>
public sealed class InterfaceFileWriter(HostRoot root)
{
    /// <summary>Writes what differs: a file that is written again, even with the same bytes, makes systemd-networkd set up its link anew.</summary>
    /// <param name="files">Files and links.</param>
    /// <returns>The paths that were written.</returns>
    public ImmutableArray<string> Write(ImmutableArray<Resource> files)
    {
        var writing = new FileTransaction(root);
        var written = new List<string>();
        foreach (var resource in files.Where(f => !IsThere(f)))
        {
            switch (resource)
            {
                case FileResource file:
                    writing.Write(file.Path, file.Content.AsMemory(), file.Mode);
                    break;
                case SymlinkResource link:
                    writing.Link(link.Path, link.Target);
                    break;
                default:
                    throw new InvalidOperationException($"{resource.Id} is neither a file nor a link.");
            }

            written.Add(resource.Path);
        }

        Commit(writing);
        return written.ToImmutable();
    }

    /// <summary>Removes the files of an interface that is gone.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The paths that were removed.</returns>
    public ImmutableArray<string> Remove(string name)
    {
        var writing = new FileTransaction(root);
        string[] files = [InterfaceFiles.NetworkFileOf(name), InterfaceFiles.DropInLinkOf(name)];
        ImmutableArray<string> there = [.. files.Where(path => root.Status(path) is not (null or { Kind: FileKind.Directory }))];
        foreach (var path in there)
        {
            writing.Remove(path);
        }

        Commit(writing);
        return there;
    }

    // An administrator's own folder stands where the link would be: it serves the same purpose.
    private bool IsThere(Resource resource) => resource switch
    {
        SymlinkResource link => root.Status(link.Path) is { Kind: FileKind.Directory } || root.ReadLink(link.Path) == link.Target,
        FileResource file => root.Status(file.Path) is { Kind: FileKind.File } status && status.Mode == file.Mode
            && root.ReadFile(file.Path).AsSpan().SequenceEqual(file.Content.AsSpan()),
        _ => false,
    };

    private static void Commit(FileTransaction writing)
    {
        if (!writing.IsEmpty)
        {
            writing.Stage();
            writing.Commit();
        }
    }
}
