using System.Globalization;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Files;

namespace EksNode.Host.Disks.Copying;

/// <summary>
/// Copies extended attributes: access control lists, SELinux labels, capabilities, and what overlayfs notes in
/// <c>trusted.overlay.*</c>. One for each thread, for its buffers.
/// </summary>
/// <param name="context">What is copied.</param>
internal sealed class Attributes(CopyContext context)
{
    /// <summary>Set on the top of a copy when it is complete: a copy without it was interrupted, or is not ours.</summary>
    public const string CompleteMark = "trusted.eksnode.copied";

    // XATTR_LIST_MAX and XATTR_SIZE_MAX (linux/limits.h).
    private readonly byte[] names = new byte[64 * 1024];
    private readonly byte[] value = new byte[64 * 1024];

    /// <summary>Copies those of a file or directory that is open on both sides.</summary>
    public void CopyOpen(DirectoryNode node, ReadOnlySpan<byte> name, SafeHandlePair files)
    {
        var length = Libc.ListAttributes(files.Source, names);
        if (length <= 0)
        {
            CheckListed(length, node, name);
            return;
        }

        var rest = names.AsSpan(0, length);
        while (NextName(ref rest, out var attribute))
        {
            if (!Wanted(attribute, node, name))
            {
                continue;
            }

            var size = Libc.GetAttribute(files.Source, attribute, value);
            if (size < 0)
            {
                throw context.SourceFailure("read an extended attribute of", node, name);
            }

            if (!Libc.SetAttribute(files.Target, attribute, value.AsSpan(0, size)))
            {
                throw Refused(attribute, node, name);
            }
        }
    }

    /// <summary>
    /// Copies those of a link or a node, which cannot be opened: through the directory's entry in <c>/proc</c>, whose last part is
    /// not followed.
    /// </summary>
    public void CopyNamed(DirectoryNode node, ReadOnlySpan<byte> name)
    {
        var source = PathThrough(node.Source, name);
        var length = Libc.ListAttributes(source, names);
        if (length <= 0)
        {
            CheckListed(length, node, name);
            return;
        }

        var target = PathThrough(node.Target, name);
        var rest = names.AsSpan(0, length);
        while (NextName(ref rest, out var attribute))
        {
            if (!Wanted(attribute, node, name))
            {
                continue;
            }

            var size = Libc.GetAttribute(source, attribute, value);
            if (size < 0)
            {
                throw context.SourceFailure("read an extended attribute of", node, name);
            }

            if (!Libc.SetAttribute(target, attribute, value.AsSpan(0, size)))
            {
                throw Refused(attribute, node, name);
            }
        }
    }

    private static byte[] PathThrough(Microsoft.Win32.SafeHandles.SafeFileHandle directory, ReadOnlySpan<byte> name) =>
        [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{directory.DangerousGetHandle()}/")), .. name];

    private static bool NextName(ref Span<byte> rest, out Span<byte> name)
    {
        var end = rest.IndexOf((byte)0) + 1;
        name = rest[..end];
        rest = rest[end..];
        return end > 0;
    }

    private void CheckListed(int length, DirectoryNode node, ReadOnlySpan<byte> name)
    {
        if (length < 0 && Libc.LastError != Errno.NotSupported)
        {
            throw context.SourceFailure("list the extended attributes of", node, name);
        }
    }

    // xfs lists an access control list twice: as system.posix_acl_*, and under the name that it has on disk.
    // security.evm is a signature over the inode number, among others: it is never right for another file.
    private bool Wanted(ReadOnlySpan<byte> attribute, DirectoryNode node, ReadOnlySpan<byte> name)
    {
        if (attribute.SequenceEqual("trusted.eksnode.copied\0"u8) || attribute.StartsWith("trusted.SGI_ACL_"u8))
        {
            return false;
        }

        var wanted = !attribute.SequenceEqual("security.evm\0"u8)
            && (attribute.StartsWith("trusted."u8) || attribute.StartsWith("security."u8) || attribute.StartsWith("user."u8)
                || attribute.StartsWith("system.posix_acl_"u8));
        if (!wanted)
        {
            context.LeaveOut($"{node.Text(name)} [{Text(attribute)}]", LeftOutReason.Attribute);
        }

        return wanted;
    }

    private DiagnosticException Refused(ReadOnlySpan<byte> attribute, DirectoryNode node, ReadOnlySpan<byte> name)
    {
        var doing = $"set the extended attribute {Text(attribute)} of";
        var failure = context.TargetFailure(doing, node, name);
        return Libc.LastError == Errno.NotSupported
            ? new DiagnosticException(
                DiagnosticCatalogue.CopyAttributeRefused,
                $"Cannot {doing} {failure.Diagnostic.Path}: its file system keeps no such attribute.",
                "Use xfs or ext4, mounted without options that turn attributes off.",
                path: failure.Diagnostic.Path)
            : failure;
    }

    private static string Text(ReadOnlySpan<byte> name) => Encoding.UTF8.GetString(name[..^1]);
}
