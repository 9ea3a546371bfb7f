using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

[assembly: InternalsVisibleTo("EksNode.Host.Tests")]

namespace EksNode.Host.Files;

/// <summary>
/// The system calls that writing a node needs and .NET's own file API lacks: everything relative to an open directory, links
/// never followed by accident, modes independent of the umask. Numbers are those of Linux on x64 and arm64; the few that
/// differ between the two are chosen here and nowhere else.
/// </summary>
internal static unsafe partial class Libc
{
    /// <summary>Open for reading.</summary>
    public const int ReadOnly = 0;

    /// <summary>Open for writing.</summary>
    public const int WriteOnly = 1;

    /// <summary>O_TRUNC.</summary>
    public const int EmptyFirst = 0x200;

    /// <summary>Open for both.</summary>
    public const int ReadWrite = 2;

    /// <summary>O_CREAT.</summary>
    public const int Create = 0x40;

    /// <summary>O_EXCL.</summary>
    public const int Exclusive = 0x80;

    /// <summary>O_NONBLOCK: opening a named pipe does not wait for its other end.</summary>
    public const int NonBlocking = 0x800;

    /// <summary>O_CLOEXEC.</summary>
    public const int CloseOnExec = 0x80000;

    /// <summary>O_PATH: a handle to the place, not to the content.</summary>
    public const int PathOnly = 0x200000;

    /// <summary>AT_SYMLINK_NOFOLLOW.</summary>
    public const int AtNoFollow = 0x100;

    /// <summary>AT_EMPTY_PATH: the descriptor itself.</summary>
    public const int AtEmptyPath = 0x1000;

    /// <summary>AT_REMOVEDIR.</summary>
    public const int AtRemoveDirectory = 0x200;

    /// <summary>STATX_BASIC_STATS.</summary>
    public const uint BasicStatus = 0x7FF;

    /// <summary>LOCK_EX | LOCK_NB.</summary>
    public const int ExclusiveLockNow = 2 | 4;

    /// <summary>LOCK_UN.</summary>
    public const int Unlock = 8;

    /// <summary>The number of openat2, the same on x64 and arm64 (Linux 5.6).</summary>
    public const long OpenAt2Number = 437;

    /// <summary>RESOLVE_IN_ROOT of openat2: absolute links and <c>..</c> stay inside the directory.</summary>
    public const ulong ResolveInRoot = 0x10;

    /// <summary>f_type of tmpfs (linux/magic.h).</summary>
    public const long TmpfsMagic = 0x01021994;

    /// <summary>f_type of ramfs (linux/magic.h).</summary>
    public const long RamfsMagic = 0x858458f6;

    private static readonly bool arm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>O_DIRECTORY (asm/fcntl.h: arm64 has its own number).</summary>
    public static int DirectoryOnly { get; } = arm ? 0x4000 : 0x10000;

    /// <summary>O_NOFOLLOW (asm/fcntl.h: arm64 has its own number).</summary>
    public static int NoFollow { get; } = arm ? 0x8000 : 0x20000;

    /// <summary>The error number of the last call of this thread.</summary>
    public static int LastError => Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenAt2(nint number, int directory, string path, OpenHow* how, nuint size);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenAt(int directory, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, StatusBuffer* status);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ReadLinkAt(SafeFileHandle directory, string path, byte* buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeFileHandle file, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeFileHandle file, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "getdents64", SetLastError = true)]
    private static partial nint GetEntries(SafeFileHandle directory, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    private static partial int FileSystemStatus(SafeFileHandle file, byte* buffer);

    [LibraryImport("libc", EntryPoint = "fgetxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetAttribute(SafeFileHandle file, string name, byte* value, nuint size);

    [LibraryImport("libc", EntryPoint = "fsetxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetAttribute(SafeFileHandle file, string name, byte* value, nuint size, int flags);

    /// <summary>mkdirat.</summary>
    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MakeDirectoryAt(SafeFileHandle directory, string path, uint mode);

    /// <summary>unlinkat.</summary>
    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int UnlinkAt(SafeFileHandle directory, string path, int flags);

    /// <summary>renameat.</summary>
    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int RenameAt(SafeFileHandle fromDirectory, string from, SafeFileHandle toDirectory, string to);

    /// <summary>symlinkat.</summary>
    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SymlinkAt(string target, SafeFileHandle directory, string path);

    /// <summary>fchmod.</summary>
    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    public static partial int ChangeMode(SafeFileHandle file, uint mode);

    /// <summary>fchown.</summary>
    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    public static partial int ChangeOwner(SafeFileHandle file, uint user, uint group);

    /// <summary>fsync.</summary>
    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Flush(SafeFileHandle file);

    /// <summary>flock.</summary>
    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(SafeFileHandle file, int operation);

    /// <summary>geteuid.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    /// <summary>getegid.</summary>
    [LibraryImport("libc", EntryPoint = "getegid")]
    public static partial uint EffectiveGroup();

    /// <summary>openat2 with RESOLVE_IN_ROOT; null and <see cref="LastError"/> when it fails.</summary>
    public static SafeFileHandle? OpenInRoot(SafeFileHandle root, string path, int flags)
    {
        var how = new OpenHow { Flags = (ulong)(flags | CloseOnExec), Resolve = ResolveInRoot };
        var held = false;
        root.DangerousAddRef(ref held);
        try
        {
            return Handle((int)OpenAt2((nint)OpenAt2Number, (int)root.DangerousGetHandle(), path, &how, (nuint)sizeof(OpenHow)));
        }
        finally
        {
            root.DangerousRelease();
        }
    }

    /// <summary>openat; null and <see cref="LastError"/> when it fails. A null directory is the working directory.</summary>
    public static SafeFileHandle? Open(SafeFileHandle? directory, string path, int flags, uint mode = 0)
    {
        if (directory is null)
        {
            const int workingDirectory = -100;
            return Handle(OpenAt(workingDirectory, path, flags | CloseOnExec, mode));
        }

        var held = false;
        directory.DangerousAddRef(ref held);
        try
        {
            return Handle(OpenAt((int)directory.DangerousGetHandle(), path, flags | CloseOnExec, mode));
        }
        finally
        {
            directory.DangerousRelease();
        }
    }

    /// <summary>statx of a descriptor (empty name) or of a name in a directory, links not followed.</summary>
    public static bool Status(SafeFileHandle directory, string name, out StatusBuffer status)
    {
        StatusBuffer buffer = default;
        var held = false;
        directory.DangerousAddRef(ref held);
        try
        {
            var flags = name.Length == 0 ? AtEmptyPath : AtNoFollow;
            var result = StatX((int)directory.DangerousGetHandle(), name, flags, BasicStatus, &buffer);
            status = buffer;
            return result == 0;
        }
        finally
        {
            directory.DangerousRelease();
        }
    }

    /// <summary>What a link says; null and <see cref="LastError"/> when it fails. An empty name is the descriptor itself.</summary>
    public static string? ReadLink(SafeFileHandle directory, string name)
    {
        // PATH_MAX: the kernel makes no longer links.
        const int longest = 4096;
        var buffer = stackalloc byte[longest];
        var length = ReadLinkAt(directory, name, buffer, longest);
        return length < 0 ? null : Marshal.PtrToStringUTF8((nint)buffer, (int)length);
    }

    /// <summary>read: the number of bytes, 0 at the end, negative when it fails.</summary>
    public static int Read(SafeFileHandle file, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return (int)Read(file, start, (nuint)buffer.Length);
        }
    }

    /// <summary>Writes all of it; false and <see cref="LastError"/> when it fails.</summary>
    public static bool WriteAll(SafeFileHandle file, ReadOnlySpan<byte> content)
    {
        fixed (byte* start = content)
        {
            nuint written = 0;
            while (written < (nuint)content.Length)
            {
                var count = Write(file, start + written, (nuint)content.Length - written);
                if (count < 0 && LastError != Errno.Interrupted)
                {
                    return false;
                }

                written += (nuint)Math.Max(count, 0);
            }
        }

        return true;
    }

    /// <summary>getdents64: the number of bytes, 0 at the end, negative when it fails.</summary>
    public static int Entries(SafeFileHandle directory, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return (int)GetEntries(directory, start, (nuint)buffer.Length);
        }
    }

    /// <summary>f_type of the file system that holds the file, or 0 when the kernel does not say.</summary>
    public static long FileSystemType(SafeFileHandle file)
    {
        // struct statfs is 120 bytes on both architectures and begins with f_type, a long.
        var buffer = stackalloc byte[256];
        return FileSystemStatus(file, buffer) == 0 ? *(long*)buffer : 0;
    }

    /// <summary>An extended attribute, or null when the file has none or the file system keeps none.</summary>
    public static byte[]? Attribute(SafeFileHandle file, string name)
    {
        // XATTR_SIZE_MAX is 64 KiB; a SELinux label is far below one page.
        const int longest = 4096;
        var buffer = stackalloc byte[longest];
        var length = GetAttribute(file, name, buffer, longest);
        return length < 0 ? null : new ReadOnlySpan<byte>(buffer, (int)length).ToArray();
    }

    /// <summary>Sets an extended attribute; false and <see cref="LastError"/> when it fails.</summary>
    public static bool SetAttribute(SafeFileHandle file, string name, ReadOnlySpan<byte> value)
    {
        fixed (byte* start = value)
        {
            return SetAttribute(file, name, start, (nuint)value.Length, 0) == 0;
        }
    }

    private static SafeFileHandle? Handle(int descriptor) => descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);

    /// <summary>struct open_how.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    /// <summary>struct statx, which has one layout on every architecture. Only what is used has a name.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct StatusBuffer
    {
        /// <summary>stx_nlink.</summary>
        [FieldOffset(16)]
        public uint Links;

        /// <summary>stx_uid.</summary>
        [FieldOffset(20)]
        public uint User;

        /// <summary>stx_gid.</summary>
        [FieldOffset(24)]
        public uint Group;

        /// <summary>stx_mode: kind and permission bits.</summary>
        [FieldOffset(28)]
        public ushort Mode;

        /// <summary>stx_ino.</summary>
        [FieldOffset(32)]
        public ulong Inode;

        /// <summary>stx_size.</summary>
        [FieldOffset(40)]
        public ulong Size;

        /// <summary>stx_blocks: what it takes on disk, in units of 512 bytes.</summary>
        [FieldOffset(48)]
        public ulong Blocks;

        /// <summary>stx_atime.tv_sec.</summary>
        [FieldOffset(64)]
        public long AccessedSeconds;

        /// <summary>stx_atime.tv_nsec.</summary>
        [FieldOffset(72)]
        public uint AccessedNanoseconds;

        /// <summary>stx_ctime.tv_sec.</summary>
        [FieldOffset(96)]
        public long ChangedSeconds;

        /// <summary>stx_ctime.tv_nsec.</summary>
        [FieldOffset(104)]
        public uint ChangedNanoseconds;

        /// <summary>stx_mtime.tv_sec.</summary>
        [FieldOffset(112)]
        public long ModifiedSeconds;

        /// <summary>stx_mtime.tv_nsec.</summary>
        [FieldOffset(120)]
        public uint ModifiedNanoseconds;

        /// <summary>stx_rdev_major: which device a device node stands for.</summary>
        [FieldOffset(128)]
        public uint NodeMajor;

        /// <summary>stx_rdev_minor.</summary>
        [FieldOffset(132)]
        public uint NodeMinor;

        /// <summary>stx_dev_major.</summary>
        [FieldOffset(136)]
        public uint DeviceMajor;

        /// <summary>stx_dev_minor.</summary>
        [FieldOffset(140)]
        public uint DeviceMinor;

        /// <summary>stx_mnt_id, when it was asked for and the kernel knows it (Linux 5.8).</summary>
        [FieldOffset(144)]
        public ulong Mount;
    }
}
