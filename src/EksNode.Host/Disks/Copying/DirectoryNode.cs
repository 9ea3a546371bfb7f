using System.Text;
using EksNode.Host.Files;
using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Disks.Copying;

/// <summary>A directory that is being copied. It stays open until everything below it is done.</summary>
/// <param name="parent">The directory that holds it; null for the top of the tree.</param>
/// <param name="name">Its name, ending in a zero.</param>
/// <param name="pathLength">How many bytes its path below the top has.</param>
internal sealed class DirectoryNode(DirectoryNode? parent, byte[] name, int pathLength) : IDisposable
{
    // Its own listing counts as one.
    private int pending = 1;

    public DirectoryNode? Parent { get; } = parent;

    public byte[] Name { get; } = name;

    public int PathLength { get; } = pathLength;

    public SafeFileHandle Source { get; set; } = new();

    public SafeFileHandle Target { get; set; } = new();

    /// <summary>What the source said before it was listed.</summary>
    public Libc.StatusBuffer Status { get; set; }

    /// <summary>Whether another mount covers it: then it is copied empty.</summary>
    public bool Covered { get; set; }

    /// <summary>A subdirectory was found that is not done yet.</summary>
    public void Expect() => Interlocked.Increment(ref pending);

    /// <summary>The listing or a subdirectory is done; true when that was the last.</summary>
    public bool Done() => Interlocked.Decrement(ref pending) == 0;

    /// <summary>The path of an entry below the top, ending in a zero.</summary>
    public byte[] PathOf(ReadOnlySpan<byte> entry)
    {
        var path = new byte[PathLength + 1 + entry.Length];
        var end = path.Length - entry.Length;
        entry.CopyTo(path.AsSpan(end));
        for (var at = this; at.Parent is not null; at = at.Parent)
        {
            path[--end] = (byte)'/';
            end -= at.Name.Length - 1;
            at.Name.AsSpan(0, at.Name.Length - 1).CopyTo(path.AsSpan(end));
        }

        return path[end..];
    }

    /// <summary>The path of an entry for messages; without one, of the directory.</summary>
    public string Text(ReadOnlySpan<byte> entry = default)
    {
        var path = entry.IsEmpty || entry[0] == 0 ? Parent is null ? [] : Parent.PathOf(Name) : PathOf(entry);
        return Encoding.UTF8.GetString(path).TrimEnd('\0');
    }

    public void Dispose()
    {
        Source.Dispose();
        Target.Dispose();
    }
}
