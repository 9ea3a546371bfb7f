namespace EksNode.Host.Files;

/// <summary>What is at a path.</summary>
public enum FileKind
{
    /// <summary>Nothing.</summary>
    Missing,

    /// <summary>A regular file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link.</summary>
    Symlink,

    /// <summary>A device, a named pipe or a socket.</summary>
    Special,
}

/// <summary>What the file system says about a path.</summary>
/// <param name="Kind">What is there.</param>
/// <param name="Mode">The permission bits, with set-id and sticky bits (07777).</param>
/// <param name="User">The owner's number.</param>
/// <param name="Group">The group's number.</param>
/// <param name="Size">The size in bytes; 0 for what has none, as in <c>/proc</c>.</param>
/// <param name="Modified">When the content last changed, in nanoseconds since 1970.</param>
/// <param name="Changed">When content or attributes last changed, in nanoseconds since 1970.</param>
/// <param name="Device">The device that holds it: major number in the upper half, minor in the lower.</param>
/// <param name="Inode">Its number on that device.</param>
public sealed record FileStatus(
    FileKind Kind, int Mode, int User, int Group, long Size, long Modified, long Changed, ulong Device, ulong Inode)
{
    /// <summary>
    /// Whether others than root may change it: everybody, the group unless it is root's, or an owner that is not root.
    /// </summary>
    public bool WritableByOthersThanRoot => User != 0 || (Mode & 2) != 0 || ((Mode & 16) != 0 && Group != 0);

    internal static FileStatus From(in Libc.StatusBuffer status) => new(
        (status.Mode & 0xF000) switch
        {
            0x8000 => FileKind.File,
            0x4000 => FileKind.Directory,
            0xA000 => FileKind.Symlink,
            _ => FileKind.Special,
        },
        status.Mode & 0xFFF,
        (int)status.User,
        (int)status.Group,
        (long)status.Size,
        (status.ModifiedSeconds * 1_000_000_000) + status.ModifiedNanoseconds,
        (status.ChangedSeconds * 1_000_000_000) + status.ChangedNanoseconds,
        ((ulong)status.DeviceMajor << 32) | status.DeviceMinor,
        status.Inode);
}
