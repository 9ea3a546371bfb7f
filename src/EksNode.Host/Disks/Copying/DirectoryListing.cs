using System.Buffers;
using System.Buffers.Binary;
using EksNode.Host.Files;
using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Disks.Copying;

/// <summary>The entries of a directory as they come, a block at a time: a directory of a million files takes no more memory.</summary>
/// <param name="directory">The directory, open for reading.</param>
internal ref struct DirectoryListing(SafeFileHandle directory)
{
    private const int BlockBytes = 32 * 1024;

    // struct linux_dirent64: inode, offset, length of the record, kind, name.
    private const int LengthOffset = 16;
    private const int KindOffset = 18;
    private const int NameOffset = 19;

    private readonly byte[] block = ArrayPool<byte>.Shared.Rent(BlockBytes);
    private int filled;
    private int next;

    /// <summary>The name, ending in a zero.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>d_type; 0 when the file system does not say.</summary>
    public byte Kind { get; private set; }

    /// <summary>The error number of a failed listing.</summary>
    public int Error { get; private set; }

    /// <summary>Goes to the next entry, without <c>.</c> and <c>..</c>; false at the end or after an <see cref="Error"/>.</summary>
    public bool Next()
    {
        while (true)
        {
            if (next == filled)
            {
                next = 0;
                filled = Libc.Entries(directory, block);
                if (filled <= 0)
                {
                    Error = filled < 0 ? Libc.LastError : 0;
                    filled = 0;
                    return false;
                }
            }

            var entry = block.AsSpan(next, BinaryPrimitives.ReadUInt16LittleEndian(block.AsSpan(next + LengthOffset)));
            next += entry.Length;
            Kind = entry[KindOffset];
            var name = entry[NameOffset..];
            Name = name[..(name.IndexOf((byte)0) + 1)];
            if (!Name.SequenceEqual(".\0"u8) && !Name.SequenceEqual("..\0"u8))
            {
                return true;
            }
        }
    }

    public readonly void Dispose() => ArrayPool<byte>.Shared.Return(block);
}
