using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Files;

/// <content>
/// What copying a tree needs. Names are bytes that end in a zero, as the kernel lists them: a container image may hold names that
/// are no UTF-8.
/// </content>
internal static unsafe partial class Libc
{
    /// <summary>O_NOATIME: reading leaves no trace.</summary>
    public const int NoAccessTime = 0x40000;

    /// <summary>STATX_MNT_ID (Linux 5.8; ignored before).</summary>
    public const uint MountStatus = 0x1000;

    /// <summary>SEEK_DATA.</summary>
    public const int SeekData = 3;

    /// <summary>SEEK_HOLE.</summary>
    public const int SeekHole = 4;

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static partial int OpenAt(SafeFileHandle directory, in byte name, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static partial int StatX(SafeFileHandle directory, in byte name, int flags, uint mask, out StatusBuffer status);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true)]
    private static partial nint ReadLinkAt(SafeFileHandle directory, in byte name, ref byte buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true)]
    private static partial int MakeDirectoryAt(SafeFileHandle directory, in byte name, uint mode);

    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true)]
    private static partial int SymlinkAt(in byte target, SafeFileHandle directory, in byte name);

    [LibraryImport("libc", EntryPoint = "mknodat", SetLastError = true)]
    private static partial int MakeNodeAt(SafeFileHandle directory, in byte name, uint mode, ulong device);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true)]
    private static partial int LinkAt(SafeFileHandle fromDirectory, in byte from, SafeFileHandle toDirectory, in byte to, int flags);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    private static partial int UnlinkAt(SafeFileHandle directory, in byte name, int flags);

    [LibraryImport("libc", EntryPoint = "fchownat", SetLastError = true)]
    private static partial int ChangeOwnerAt(SafeFileHandle directory, in byte name, uint user, uint group, int flags);

    [LibraryImport("libc", EntryPoint = "fchmodat", SetLastError = true)]
    private static partial int ChangeModeAt(SafeFileHandle directory, in byte name, uint mode, int flags);

    [LibraryImport("libc", EntryPoint = "utimensat", SetLastError = true)]
    private static partial int SetTimesAt(SafeFileHandle directory, in byte name, TimePair* times, int flags);

    [LibraryImport("libc", EntryPoint = "futimens", SetLastError = true)]
    private static partial int SetTimes(SafeFileHandle file, TimePair* times);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    private static partial nint ReadAt(SafeFileHandle file, ref byte buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    private static partial nint WriteAt(SafeFileHandle file, in byte buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "copy_file_range", SetLastError = true)]
    private static partial nint CopyFileRange(SafeFileHandle from, long* fromOffset, SafeFileHandle to, long* toOffset, nuint count, uint flags);

    [LibraryImport("libc", EntryPoint = "flistxattr", SetLastError = true)]
    private static partial nint ListAttributes(SafeFileHandle file, ref byte buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "fgetxattr", SetLastError = true)]
    private static partial nint GetAttribute(SafeFileHandle file, in byte name, ref byte value, nuint size);

    [LibraryImport("libc", EntryPoint = "fsetxattr", SetLastError = true)]
    private static partial int SetAttribute(SafeFileHandle file, in byte name, in byte value, nuint size, int flags);

    [LibraryImport("libc", EntryPoint = "fremovexattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RemoveAttributeOf(SafeFileHandle file, string name);

    [LibraryImport("libc", EntryPoint = "llistxattr", SetLastError = true)]
    private static partial nint ListAttributes(in byte path, ref byte buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "lgetxattr", SetLastError = true)]
    private static partial nint GetAttribute(in byte path, in byte name, ref byte value, nuint size);

    [LibraryImport("libc", EntryPoint = "lsetxattr", SetLastError = true)]
    private static partial int SetAttribute(in byte path, in byte name, in byte value, nuint size, int flags);

    /// <summary>lseek.</summary>
    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    public static partial long Seek(SafeFileHandle file, long offset, int whence);

    /// <summary>ftruncate.</summary>
    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int Truncate(SafeFileHandle file, long length);

    /// <summary>syncfs: everything of the file system that holds the file.</summary>
    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    public static partial int FlushFileSystem(SafeFileHandle file);

    /// <summary>openat of a name that ends in a zero, its last part not followed; null and <see cref="LastError"/> when it fails.</summary>
    public static SafeFileHandle? Open(SafeFileHandle directory, ReadOnlySpan<byte> name, int flags, uint mode = 0) =>
        Handle(OpenAt(directory, in name[0], flags | NoFollow | CloseOnExec, mode));

    /// <summary>statx with the mount, links not followed.</summary>
    public static bool Status(SafeFileHandle directory, ReadOnlySpan<byte> name, out StatusBuffer status) =>
        StatX(directory, in name[0], AtNoFollow | (name[0] == 0 ? AtEmptyPath : 0), BasicStatus | MountStatus, out status) == 0;

    /// <summary>readlinkat: the number of bytes, negative when it fails.</summary>
    public static int ReadLink(SafeFileHandle directory, ReadOnlySpan<byte> name, Span<byte> buffer) =>
        (int)ReadLinkAt(directory, in name[0], ref buffer[0], (nuint)buffer.Length);

    /// <summary>mkdirat.</summary>
    public static bool MakeDirectory(SafeFileHandle directory, ReadOnlySpan<byte> name, uint mode) =>
        MakeDirectoryAt(directory, in name[0], mode) == 0;

    /// <summary>symlinkat.</summary>
    public static bool MakeSymlink(ReadOnlySpan<byte> target, SafeFileHandle directory, ReadOnlySpan<byte> name) =>
        SymlinkAt(in target[0], directory, in name[0]) == 0;

    /// <summary>mknodat.</summary>
    public static bool MakeNode(SafeFileHandle directory, ReadOnlySpan<byte> name, uint mode, uint major, uint minor)
    {
        // gnu_dev_makedev: the low halves as in the old 16 bit number, the high halves above.
        var device = ((ulong)(major & 0xFFFFF000) << 32) | ((ulong)(major & 0xFFF) << 8) | ((ulong)(minor & 0xFFFFFF00) << 12) | (minor & 0xFF);
        return MakeNodeAt(directory, in name[0], mode, device) == 0;
    }

    /// <summary>linkat; a link at the old name is linked, not followed.</summary>
    public static bool MakeLink(SafeFileHandle fromDirectory, ReadOnlySpan<byte> from, SafeFileHandle toDirectory, ReadOnlySpan<byte> to) =>
        LinkAt(fromDirectory, in from[0], toDirectory, in to[0], 0) == 0;

    /// <summary>unlinkat.</summary>
    public static bool Unlink(SafeFileHandle directory, ReadOnlySpan<byte> name, int flags) => UnlinkAt(directory, in name[0], flags) == 0;

    /// <summary>fchownat, links not followed.</summary>
    public static bool ChangeOwner(SafeFileHandle directory, ReadOnlySpan<byte> name, uint user, uint group) =>
        ChangeOwnerAt(directory, in name[0], user, group, AtNoFollow) == 0;

    /// <summary>fchmodat. It follows links: only for what was made just before.</summary>
    public static bool ChangeMode(SafeFileHandle directory, ReadOnlySpan<byte> name, uint mode) =>
        ChangeModeAt(directory, in name[0], mode, 0) == 0;

    /// <summary>utimensat, links not followed.</summary>
    public static bool SetTimes(SafeFileHandle directory, ReadOnlySpan<byte> name, in StatusBuffer status)
    {
        var times = TimePair.Of(status);
        return SetTimesAt(directory, in name[0], &times, AtNoFollow) == 0;
    }

    /// <summary>futimens.</summary>
    public static bool SetTimes(SafeFileHandle file, in StatusBuffer status)
    {
        var times = TimePair.Of(status);
        return SetTimes(file, &times) == 0;
    }

    /// <summary>pread: the number of bytes, 0 at the end, negative when it fails.</summary>
    public static int ReadAt(SafeFileHandle file, Span<byte> buffer, long offset) =>
        (int)ReadAt(file, ref buffer[0], (nuint)buffer.Length, offset);

    /// <summary>pwrite of all of it; false and <see cref="LastError"/> when it fails.</summary>
    public static bool WriteAllAt(SafeFileHandle file, ReadOnlySpan<byte> content, long offset)
    {
        while (content.Length > 0)
        {
            var count = (int)WriteAt(file, in content[0], (nuint)content.Length, offset);
            if (count < 0 && LastError != Errno.Interrupted)
            {
                return false;
            }

            content = content[Math.Max(count, 0)..];
            offset += Math.Max(count, 0);
        }

        return true;
    }

    /// <summary>copy_file_range at the same offset of both: the number of bytes, negative when it fails.</summary>
    public static long CopyRange(SafeFileHandle from, SafeFileHandle to, long offset, long count)
    {
        long fromOffset = offset, toOffset = offset;
        return CopyFileRange(from, &fromOffset, to, &toOffset, (nuint)count, 0);
    }

    /// <summary>flistxattr: the number of bytes, negative when it fails.</summary>
    public static int ListAttributes(SafeFileHandle file, Span<byte> buffer) => (int)ListAttributes(file, ref buffer[0], (nuint)buffer.Length);

    /// <summary>llistxattr.</summary>
    public static int ListAttributes(ReadOnlySpan<byte> path, Span<byte> buffer) => (int)ListAttributes(in path[0], ref buffer[0], (nuint)buffer.Length);

    /// <summary>fgetxattr: the number of bytes, negative when it fails.</summary>
    public static int GetAttribute(SafeFileHandle file, ReadOnlySpan<byte> name, Span<byte> value) =>
        (int)GetAttribute(file, in name[0], ref value[0], (nuint)value.Length);

    /// <summary>lgetxattr.</summary>
    public static int GetAttribute(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, Span<byte> value) =>
        (int)GetAttribute(in path[0], in name[0], ref value[0], (nuint)value.Length);

    /// <summary>fsetxattr.</summary>
    public static bool SetAttribute(SafeFileHandle file, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        SetAttribute(file, in name[0], in MemoryMarshal.GetReference(value), (nuint)value.Length, 0) == 0;

    /// <summary>lsetxattr.</summary>
    public static bool SetAttribute(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        SetAttribute(in path[0], in name[0], in MemoryMarshal.GetReference(value), (nuint)value.Length, 0) == 0;

    /// <summary>fremovexattr; true as well when there was none, or the file system keeps none.</summary>
    public static bool RemoveAttribute(SafeFileHandle file, string name) =>
        RemoveAttributeOf(file, name) == 0 || LastError is Errno.NoData or Errno.NotSupported;

    /// <summary>struct timespec, twice: last access, last change of the content.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct TimePair
    {
        public long AccessedSeconds;
        public long AccessedNanoseconds;
        public long ModifiedSeconds;
        public long ModifiedNanoseconds;

        public static TimePair Of(in StatusBuffer status) => new()
        {
            AccessedSeconds = status.AccessedSeconds,
            AccessedNanoseconds = status.AccessedNanoseconds,
            ModifiedSeconds = status.ModifiedSeconds,
            ModifiedNanoseconds = status.ModifiedNanoseconds,
        };
    }
}
