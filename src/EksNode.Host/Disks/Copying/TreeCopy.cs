using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Disks.Copying;

/// <summary>
/// Copies a directory to another file system, so that what was there before a volume is mounted over it is there afterwards:
/// content without holes, owners, modes, times of access and change, hard links, symbolic links, named pipes, sockets, device nodes
/// (the whiteouts of overlayfs among them), access control lists, SELinux labels, capabilities and all other extended attributes.
/// Flags of <c>chattr</c> and project quotas are not copied, as with <c>cp -a</c>.
/// <para>
/// The copy is made in a temporary directory beside its target, flushed, marked as complete and renamed. Killed at any instant,
/// either the target is complete, or the next run removes the temporary directory and begins anew.
/// </para>
/// </summary>
public static class TreeCopy
{
    private const uint OwnerOnly = 0x1C0; // 0700
    private const string TemporaryPrefix = ".eksnode-copy-";

    private static ReadOnlySpan<byte> Itself => "\0"u8;

    /// <summary>Copies a directory once. Whoever writes below the source must be stopped before.</summary>
    /// <param name="sourceDirectory">The absolute path of the source. A source that is missing counts as an empty directory.</param>
    /// <param name="targetParentDirectory">The absolute path of the directory that gets the copy: it must be there.</param>
    /// <param name="targetName">The name of the copy in it.</param>
    /// <param name="options">How to copy.</param>
    /// <param name="progress">Is told about once a second how far it is.</param>
    /// <param name="cancellation">Ends the copy; what was copied is removed.</param>
    /// <returns>What was done: nothing, when a complete copy or something else is in place.</returns>
    /// <exception cref="DiagnosticException">
    /// The source cannot be read or changed meanwhile, or the copy cannot be written; what was copied is removed, so that a full
    /// disk is not full afterwards.
    /// </exception>
    public static Task<CopyReport> CopyAsync(
        string sourceDirectory,
        string targetParentDirectory,
        string targetName,
        CopyOptions? options = null,
        IProgress<CopyProgress>? progress = null,
        CancellationToken cancellation = default) =>
        CopyAsync(sourceDirectory, targetParentDirectory, targetName, options ?? CopyOptions.Default, progress, null, cancellation);

    /// <summary>
    /// Removes the temporary directories that killed copies left in a directory, those of targets that are no longer wanted among
    /// them. No copy to that directory may run.
    /// </summary>
    /// <param name="targetParentDirectory">The absolute path of the directory.</param>
    /// <returns>The paths of what was removed.</returns>
    /// <exception cref="DiagnosticException">Something cannot be removed.</exception>
    public static IReadOnlyList<string> RemoveLeftovers(string targetParentDirectory)
    {
        using var parent = OpenParent(targetParentDirectory);
        List<byte[]> leftovers = [];
        using (DirectoryListing listing = new(parent))
        {
            while (listing.Next())
            {
                if (listing.Name.StartsWith(".eksnode-copy-"u8))
                {
                    leftovers.Add(listing.Name.ToArray());
                }
            }

            if (listing.Error != 0)
            {
                throw Errno.Failure(listing.Error, "list", targetParentDirectory);
            }
        }

        return [.. leftovers.Select(name =>
        {
            var path = $"{targetParentDirectory}/{Encoding.UTF8.GetString(name.AsSpan(..^1))}";
            TreeRemoval.Remove(parent, name, path);
            return path;
        })];
    }

    /// <summary>The same, with an observer of each change.</summary>
    internal static Task<CopyReport> CopyAsync(
        string sourceDirectory,
        string targetParentDirectory,
        string targetName,
        CopyOptions options,
        IProgress<CopyProgress>? progress,
        IStepObserver? steps,
        CancellationToken cancellation)
    {
        if (targetName is "" or "." or ".." || targetName.Contains('/', StringComparison.Ordinal))
        {
            throw new ArgumentException("The name of a copy is one name.", nameof(targetName));
        }

        CopyContext context = new(sourceDirectory, $"{targetParentDirectory}/{targetName}", options, progress, steps, cancellation);
        return Task.Run(() => Copy(context, sourceDirectory, targetParentDirectory, targetName, steps), cancellation);
    }

    private static CopyReport Copy(CopyContext context, string sourcePath, string parentPath, string targetName, IStepObserver? steps)
    {
        using var parent = OpenParent(parentPath);
        var name = Name(targetName);
        var temporary = Name(TemporaryPrefix + targetName);
        var temporaryPath = $"{parentPath}/{TemporaryPrefix}{targetName}";
        TreeRemoval.Remove(parent, temporary, temporaryPath, steps);
        if (InPlace(parent, name, $"{parentPath}/{targetName}") is { } outcome)
        {
            return context.Report(outcome);
        }

        try
        {
            using var top = MakeTop(context, parent, temporary, temporaryPath);
            Fill(context, sourcePath, top);
            context.Check(); // who gave up during the last entry wants no copy, either
            context.Step("complete", temporaryPath);
            if (!Libc.SetAttribute(top, Attributes.CompleteMark, "1"u8))
            {
                throw Errno.Failure(Libc.LastError, "mark as complete", temporaryPath);
            }

            context.Step("flush", temporaryPath);
            if (Libc.FlushFileSystem(top) != 0)
            {
                throw Errno.Failure(Libc.LastError, "flush", temporaryPath);
            }

            context.Step("rename", temporaryPath);
            if (Libc.RenameAt(parent, TemporaryPrefix + targetName, parent, targetName) != 0)
            {
                throw Errno.Failure(Libc.LastError, "rename to its place", temporaryPath);
            }
        }
        catch (Exception exception) when (exception is DiagnosticException or OperationCanceledException)
        {
            RemoveAfter(exception, parent, temporary, temporaryPath);
            throw;
        }

        context.Step("flush", parentPath);
        return Libc.Flush(parent) == 0
            ? context.Report(CopyOutcome.Copied)
            : throw Errno.Failure(Libc.LastError, "flush", parentPath);
    }

    private static void Fill(CopyContext context, string sourcePath, SafeFileHandle target)
    {
        var source = Libc.Open(null, sourcePath, Libc.ReadOnly | Libc.DirectoryOnly);
        if (source is null)
        {
            if (Libc.LastError != Errno.NoEntry)
            {
                throw Errno.Failure(Libc.LastError, "read", sourcePath);
            }

            // 0755, as of a directory that a package would bring.
            if (Libc.ChangeMode(target, DirectoryMaker.DefaultMode) != 0)
            {
                throw Errno.Failure(Libc.LastError, "set the mode of the copy of", sourcePath);
            }

            return;
        }

        using (source)
        {
            DirectoryNode top = new(null, [], 0) { Source = source, Target = target };
            new TreeWalk(context, top).Run();
        }
    }

    // A parent with a default access control list hands it down to all that is made in it: the source knows nothing of it.
    private static SafeFileHandle MakeTop(CopyContext context, SafeFileHandle parent, byte[] name, string path)
    {
        context.Step("mkdir", path);
        if (!Libc.MakeDirectory(parent, name, OwnerOnly))
        {
            throw Errno.Failure(Libc.LastError, "create the directory", path);
        }

        var top = Libc.Open(parent, name, Libc.ReadOnly | Libc.DirectoryOnly) ?? throw Errno.Failure(Libc.LastError, "open the directory", path);
        if (Libc.RemoveAttribute(top, "system.posix_acl_default")
            && Libc.RemoveAttribute(top, "system.posix_acl_access")
            && Libc.ChangeOwner(top, context.Self.User, context.Self.Group) == 0
            && Libc.ChangeMode(top, OwnerOnly) == 0)
        {
            return top;
        }

        var error = Libc.LastError;
        top.Dispose();
        throw Errno.Failure(error, "set the mode of", path);
    }

    // Null: nothing is there, or an empty directory, which the rename replaces.
    private static CopyOutcome? InPlace(SafeFileHandle parent, byte[] name, string path)
    {
        using var target = Libc.Open(parent, name, Libc.ReadOnly | Libc.DirectoryOnly);
        if (target is null)
        {
            return Libc.LastError == Errno.NoEntry ? null : throw Errno.Failure(Libc.LastError, "copy to", path);
        }

        if (Libc.Attribute(target, Attributes.CompleteMark) is not null)
        {
            return CopyOutcome.AlreadyThere;
        }

        using DirectoryListing listing = new(target);
        return listing.Next() ? CopyOutcome.Occupied
            : listing.Error == 0 ? null
            : throw Errno.Failure(listing.Error, "list", path);
    }

    // What made the copy fail is the news, not what else fails then; the next run removes what is left.
    private static void RemoveAfter(Exception failure, SafeFileHandle parent, byte[] temporary, string path)
    {
        try
        {
            TreeRemoval.Remove(parent, temporary, path);
        }
        catch (DiagnosticException second)
        {
            failure.Data["left over"] = second.Diagnostic.ToString();
        }
    }

    private static SafeFileHandle OpenParent(string path) =>
        Libc.Open(null, path, Libc.ReadOnly | Libc.DirectoryOnly) ?? throw Errno.Failure(Libc.LastError, "open the directory", path);

    private static byte[] Name(string name) => [.. Encoding.UTF8.GetBytes(name), 0];
}
