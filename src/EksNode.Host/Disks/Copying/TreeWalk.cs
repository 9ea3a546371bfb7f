using EksNode.Host.Files;
using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Disks.Copying;

/// <summary>Walks the source and makes the copy, with several threads.</summary>
/// <param name="context">What is copied.</param>
/// <param name="top">The top of source and copy.</param>
internal sealed class TreeWalk(CopyContext context, DirectoryNode top)
{
    // Linux takes no longer path; so a tree is at most half as many directories deep.
    private const int LongestPath = 4095;

    // A thread goes down a tree by calling itself; 2048 levels fit several times. Only what is touched becomes memory.
    private const int StackBytes = 16 * 1024 * 1024;

    // struct dirent: d_type.
    private const byte DirectoryType = 4;
    private const byte RegularType = 8;

    private readonly DirectoryQueue queue = new(context.Options.Threads);
    private readonly HardLinks links = new(top.Target);
    private readonly HashSet<DirectoryNode> open = [];
    private Libc.StatusBuffer copy;

    private static ReadOnlySpan<byte> Itself => "\0"u8;

    /// <summary>Copies everything; the top is open on both sides. Its attributes are set at the end, as of all directories.</summary>
    /// <exception cref="Configuration.Text.DiagnosticException">Something could not be read or written.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public void Run()
    {
        if (!Libc.Status(top.Source, Itself, out var status) || !Libc.Status(top.Target, Itself, out copy))
        {
            throw context.SourceFailure("read", top);
        }

        top.Status = status;
        queue.Begin(top);
        var threads = new Thread[context.Options.Threads];
        for (var i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(Work, StackBytes) { IsBackground = true, Name = "copy" };
            threads[i].Start();
        }

        foreach (var thread in threads)
        {
            thread.Join();
        }

        foreach (var node in open)
        {
            node.Dispose();
        }

        if (context.Failure is { } failure)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    private void Work()
    {
        EntryCopier copier = new(context, links);
        try
        {
            while (queue.Take() is { } node)
            {
                CopyDirectory(copier, node);
            }
        }
#pragma warning disable CA1031 // Whatever ends one thread ends all of them, and is thrown again where they were started.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            context.Fail(exception);
            queue.End();
        }
    }

    private void CopyDirectory(EntryCopier copier, DirectoryNode node)
    {
        if (node != top)
        {
            OpenBoth(node);
        }

        if (!node.Covered)
        {
            CopyEntries(copier, node);
        }

        for (var done = node; done is not null && done.Done(); done = done.Parent)
        {
            Finish(copier, done);
        }
    }

    private void OpenBoth(DirectoryNode node)
    {
        var parent = node.Parent!;
        node.Source = OpenSource(parent.Source, node.Name) ?? throw context.SourceFailure("read", parent, node.Name);
        lock (open)
        {
            open.Add(node);
        }

        if (!Libc.Status(node.Source, Itself, out var status))
        {
            throw context.SourceFailure("read", node);
        }

        if ((status.Inode, status.DeviceMajor, status.DeviceMinor) == (copy.Inode, copy.DeviceMajor, copy.DeviceMinor))
        {
            throw context.IntoItself();
        }

        node.Status = status;
        node.Covered = EntryCopier.IsElsewhere(parent, status);
        if (node.Covered)
        {
            context.LeaveOut(node.Text(), LeftOutReason.OtherMount);
        }

        context.Step("mkdir", node);
        node.Target = MakeDirectory(parent.Target, node.Name) ?? throw context.TargetFailure("create the directory", node);
    }

    private void CopyEntries(EntryCopier copier, DirectoryNode node)
    {
        using DirectoryListing listing = new(node.Source);
        while (listing.Next())
        {
            context.Check();
            var name = listing.Name;
            if (node.PathLength + name.Length > LongestPath)
            {
                throw context.TooDeep(node);
            }

            switch (listing.Kind)
            {
                case RegularType:
                    copier.CopyFile(node, name);
                    break;
                case DirectoryType:
                    Enter(copier, node, name);
                    break;
                default:
                    CopyLooked(copier, node, name);
                    break;
            }
        }

        if (listing.Error != 0)
        {
            // A directory that was removed cannot be listed any more.
            throw listing.Error == Errno.NoEntry ? context.Changed(node) : Errno.Failure(listing.Error, "list", node.Text());
        }
    }

    // Links and nodes, and whatever the file system does not tell the kind of.
    private void CopyLooked(EntryCopier copier, DirectoryNode node, ReadOnlySpan<byte> name)
    {
        if (!Libc.Status(node.Source, name, out var status))
        {
            throw context.SourceFailure("read", node, name);
        }

        switch (status.Mode & EntryCopier.KindMask)
        {
            case EntryCopier.RegularKind:
                copier.CopyFile(node, name);
                break;
            case EntryCopier.DirectoryKind:
                Enter(copier, node, name);
                break;
            default:
                copier.CopySpecial(node, name, status);
                break;
        }
    }

    private void Enter(EntryCopier copier, DirectoryNode node, ReadOnlySpan<byte> name)
    {
        DirectoryNode below = new(node, name.ToArray(), node.PathLength + name.Length);
        node.Expect();
        if (!queue.Offer(below))
        {
            CopyDirectory(copier, below);
        }
    }

    private void Finish(EntryCopier copier, DirectoryNode node)
    {
        if (!node.Covered && (!Libc.Status(node.Source, Itself, out var after) || EntryCopier.IsChanged(node.Status, after)))
        {
            throw context.Changed(node);
        }

        copier.Finish(node, default, new SafeHandlePair(node.Source, node.Target), node.Status);
        context.Count(0);
        if (node == top)
        {
            return;
        }

        lock (open)
        {
            open.Remove(node);
        }

        node.Dispose();
    }

    /// <summary>Opens a directory of the source, without a trace where that is allowed.</summary>
    public static SafeFileHandle? OpenSource(SafeFileHandle parent, ReadOnlySpan<byte> name)
    {
        var flags = Libc.ReadOnly | Libc.DirectoryOnly;
        return Libc.Open(parent, name, flags | Libc.NoAccessTime)
            ?? (Libc.LastError == Errno.NotPermitted ? Libc.Open(parent, name, flags) : null);
    }

    private static SafeFileHandle? MakeDirectory(SafeFileHandle parent, ReadOnlySpan<byte> name)
    {
        const uint ownerOnly = 0x1C0; // 0700
        return Libc.MakeDirectory(parent, name, ownerOnly) ? Libc.Open(parent, name, Libc.ReadOnly | Libc.DirectoryOnly) : null;
    }
}
