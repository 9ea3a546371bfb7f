using EksNode.Host.Files;
using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Disks.Copying;

/// <summary>Copies one entry of a directory that is no directory. One for each thread.</summary>
/// <param name="context">What is copied.</param>
/// <param name="links">Files with several names.</param>
internal sealed class EntryCopier(CopyContext context, HardLinks links)
{
    /// <summary>S_IFMT.</summary>
    public const int KindMask = 0xF000;

    /// <summary>S_IFREG.</summary>
    public const int RegularKind = 0x8000;

    /// <summary>S_IFDIR.</summary>
    public const int DirectoryKind = 0x4000;

    /// <summary>S_IFLNK.</summary>
    public const int SymlinkKind = 0xA000;

    private const int PermissionMask = 0xFFF;
    private const uint OwnerOnly = 0x180; // 0600

    // PATH_MAX: the kernel makes no longer links.
    private readonly byte[] linkText = new byte[4096 + 1];
    private readonly FileContent content = new(context);

    /// <summary>The attributes of this thread.</summary>
    public Attributes Attributes { get; } = new(context);

    private static ReadOnlySpan<byte> Itself => "\0"u8;

    /// <summary>
    /// Copies a regular file. It is looked at once it is open, so that what is copied is what was looked at, and again at the end.
    /// </summary>
    public void CopyFile(DirectoryNode node, ReadOnlySpan<byte> name)
    {
        using var source = OpenSource(node, name);
        if (!Libc.Status(source, Itself, out var before))
        {
            throw context.SourceFailure("read", node, name);
        }

        if ((before.Mode & KindMask) != RegularKind)
        {
            throw context.Changed(node, name);
        }

        if (IsElsewhere(node, before))
        {
            context.LeaveOut(node.Text(name), LeftOutReason.OtherMount);
            return;
        }

        using var target = MakeFile(node, name, before);
        if (target is null)
        {
            context.Count(0);
            return;
        }

        SafeHandlePair files = new(source, target);
        var copied = content.Copy(node, name, files, before);
        if (!Libc.Status(source, Itself, out var after) || IsChanged(before, after))
        {
            throw context.Changed(node, name);
        }

        Finish(node, name, files, before);
        context.Count(copied);
    }

    /// <summary>Copies a link, a device, a named pipe or a socket.</summary>
    public void CopySpecial(DirectoryNode node, ReadOnlySpan<byte> name, in Libc.StatusBuffer status)
    {
        if (IsElsewhere(node, status))
        {
            context.LeaveOut(node.Text(name), LeftOutReason.OtherMount);
            return;
        }

        if (!MakeSpecial(node, name, status))
        {
            context.Count(0);
            return;
        }

        var isLink = (status.Mode & KindMask) == SymlinkKind;
        context.Step("attributes", node, name);
        if ((IsForeign(status) && !Libc.ChangeOwner(node.Target, name, status.User, status.Group))
            || (!isLink && !Libc.ChangeMode(node.Target, name, (uint)status.Mode & PermissionMask)))
        {
            throw context.TargetFailure("set the owner and mode of", node, name);
        }

        Attributes.CopyNamed(node, name);
        if (!Libc.SetTimes(node.Target, name, status))
        {
            throw context.TargetFailure("set the times of", node, name);
        }

        context.Count(0);
    }

    /// <summary>
    /// Owner, then mode (a new owner takes set-user-id away), then attributes (a new owner and new content take capabilities away,
    /// and an access control list says more than the mode), then times.
    /// </summary>
    public void Finish(DirectoryNode node, ReadOnlySpan<byte> name, SafeHandlePair files, in Libc.StatusBuffer status)
    {
        context.Step("attributes", node, name);
        if ((IsForeign(status) && Libc.ChangeOwner(files.Target, status.User, status.Group) != 0)
            || Libc.ChangeMode(files.Target, (uint)status.Mode & PermissionMask) != 0)
        {
            throw context.TargetFailure("set the owner and mode of", node, name);
        }

        Attributes.CopyOpen(node, name, files);
        if (!Libc.SetTimes(files.Target, status))
        {
            throw context.TargetFailure("set the times of", node, name);
        }
    }

    /// <summary>Whether a mount is on it: another file system, or a part of the same one.</summary>
    public static bool IsElsewhere(DirectoryNode node, in Libc.StatusBuffer status)
    {
        var around = node.Status;
        return (status.DeviceMajor, status.DeviceMinor, status.Mount) != (around.DeviceMajor, around.DeviceMinor, around.Mount);
    }

    /// <summary>Whether somebody wrote, or changed attributes, between two looks.</summary>
    public static bool IsChanged(in Libc.StatusBuffer before, in Libc.StatusBuffer after) =>
        before.Size != after.Size
        || (before.ModifiedSeconds, before.ModifiedNanoseconds) != (after.ModifiedSeconds, after.ModifiedNanoseconds)
        || (before.ChangedSeconds, before.ChangedNanoseconds) != (after.ChangedSeconds, after.ChangedNanoseconds);

    // Only the owner and root may ask that the time of access stays.
    private SafeFileHandle OpenSource(DirectoryNode node, ReadOnlySpan<byte> name)
    {
        const int flags = Libc.ReadOnly | Libc.NonBlocking;
        return Libc.Open(node.Source, name, flags | Libc.NoAccessTime)
            ?? (Libc.LastError == Errno.NotPermitted ? Libc.Open(node.Source, name, flags) : null)
            ?? throw context.SourceFailure("read", node, name);
    }

    private bool IsForeign(in Libc.StatusBuffer status) => (status.User, status.Group) != context.Self;

    // Null: it is a further name of a file that is there.
    private SafeFileHandle? MakeFile(DirectoryNode node, ReadOnlySpan<byte> name, in Libc.StatusBuffer status)
    {
        if (status.Links == 1)
        {
            return Create(node, name);
        }

        lock (links.Gate)
        {
            if (Linked(node, name, status))
            {
                return null;
            }

            var made = Create(node, name);
            links.Add(status, node, name);
            return made;
        }
    }

    private SafeFileHandle Create(DirectoryNode node, ReadOnlySpan<byte> name)
    {
        context.Step("create", node, name);
        return Libc.Open(node.Target, name, Libc.WriteOnly | Libc.Create | Libc.Exclusive, OwnerOnly)
            ?? throw context.TargetFailure("create", node, name);
    }

    private bool MakeSpecial(DirectoryNode node, ReadOnlySpan<byte> name, in Libc.StatusBuffer status)
    {
        if (status.Links == 1)
        {
            MakeNode(node, name, status);
            return true;
        }

        lock (links.Gate)
        {
            if (Linked(node, name, status))
            {
                return false;
            }

            MakeNode(node, name, status);
            links.Add(status, node, name);
            return true;
        }
    }

    private bool Linked(DirectoryNode node, ReadOnlySpan<byte> name, in Libc.StatusBuffer status)
    {
        if (!links.Find(status))
        {
            return false;
        }

        context.Step("link", node, name);
        return links.Link(status, node, name) ? true : throw context.TargetFailure("link", node, name);
    }

    private void MakeNode(DirectoryNode node, ReadOnlySpan<byte> name, in Libc.StatusBuffer status)
    {
        context.Step("create", node, name);
        if ((status.Mode & KindMask) != SymlinkKind)
        {
            var mode = (uint)(status.Mode & KindMask) | OwnerOnly;
            if (!Libc.MakeNode(node.Target, name, mode, status.NodeMajor, status.NodeMinor))
            {
                throw context.TargetFailure("create", node, name);
            }

            return;
        }

        var length = Libc.ReadLink(node.Source, name, linkText.AsSpan(0, linkText.Length - 1));
        if (length < 0)
        {
            throw Libc.LastError == Errno.InvalidArgument ? context.Changed(node, name) : context.SourceFailure("read the link", node, name);
        }

        linkText[length] = 0;
        if (!Libc.MakeSymlink(linkText.AsSpan(0, length + 1), node.Target, name))
        {
            throw context.TargetFailure("create", node, name);
        }
    }
}
