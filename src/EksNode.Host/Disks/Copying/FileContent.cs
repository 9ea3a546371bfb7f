using EksNode.Host.Files;
using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Disks.Copying;

/// <summary>A file that is open on both sides.</summary>
/// <param name="Source">The file of the source.</param>
/// <param name="Target">The file of the copy.</param>
internal readonly record struct SafeHandlePair(SafeFileHandle Source, SafeFileHandle Target);

/// <summary>Copies what is in a file: only what is there, so that holes stay holes. One for each thread, for its buffer.</summary>
/// <param name="context">What is copied.</param>
internal sealed class FileContent(CopyContext context)
{
    // A small file is read and written in one go: two calls, as copy_file_range, which may have to be refused first.
    private const int BufferBytes = 256 * 1024;

    // How often a large file looks whether the copy is to end.
    private const long StepBytes = 16 * 1024 * 1024;

    // stx_blocks counts these (statx(2)).
    private const ulong BlockBytes = 512;

    private readonly byte[] buffer = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);

    /// <summary>Copies the content and answers how many bytes were copied.</summary>
    public long Copy(DirectoryNode node, ReadOnlySpan<byte> name, SafeHandlePair files, in Libc.StatusBuffer status)
    {
        var size = (long)status.Size;
        if (status.Blocks * BlockBytes >= status.Size)
        {
            CopyRange(node, name, files, 0, size);
            return size;
        }

        if (Libc.Truncate(files.Target, size) != 0)
        {
            throw context.TargetFailure("write", node, name);
        }

        long copied = 0;
        for (var hole = 0L; hole < size;)
        {
            var data = Libc.Seek(files.Source, hole, Libc.SeekData);
            if (data < 0)
            {
                // No data any more.
                return Libc.LastError == Errno.NoDeviceOrAddress ? copied : throw context.SourceFailure("read", node, name);
            }

            hole = Libc.Seek(files.Source, data, Libc.SeekHole);
            if (hole < 0)
            {
                throw context.Changed(node, name);
            }

            hole = Math.Min(hole, size);
            CopyRange(node, name, files, data, hole - data);
            copied += Math.Max(hole - data, 0);
        }

        return copied;
    }

    private void CopyRange(DirectoryNode node, ReadOnlySpan<byte> name, SafeHandlePair files, long offset, long count)
    {
        if (count > BufferBytes)
        {
            var done = InKernel(node, name, files, offset, count);
            offset += done;
            count -= done;
        }

        while (count > 0)
        {
            var read = Libc.ReadAt(files.Source, buffer.AsSpan(0, (int)Math.Min(count, BufferBytes)), offset);
            if (read < 0 && Libc.LastError == Errno.Interrupted)
            {
                continue;
            }

            if (read <= 0)
            {
                throw read == 0 ? context.Changed(node, name) : context.SourceFailure("read", node, name);
            }

            if (!Libc.WriteAllAt(files.Target, buffer.AsSpan(0, read), offset))
            {
                throw context.TargetFailure("write", node, name);
            }

            offset += read;
            count -= read;
            context.Check();
        }
    }

    /// <summary>How much the kernel copied; less than asked when it cannot between these two file systems.</summary>
    private long InKernel(DirectoryNode node, ReadOnlySpan<byte> name, SafeHandlePair files, long offset, long count)
    {
        long done = 0;
        while (done < count && !context.RangesRefused)
        {
            context.Check();
            var copied = Libc.CopyRange(files.Source, files.Target, offset + done, Math.Min(count - done, StepBytes));
            if (copied > 0)
            {
                done += copied;
                continue;
            }

            if (copied == 0)
            {
                // Reading says why.
                break;
            }

            switch (Libc.LastError)
            {
                case Errno.Interrupted:
                    break;
                case Errno.CrossDevice or Errno.InvalidArgument or Errno.NotImplemented or Errno.NotSupported:
                    context.RangesRefused = true;
                    break;
                case Errno.NoSpace or Errno.QuotaExceeded:
                    throw context.TargetFailure("write", node, name);
                default:
                    // It does not say on which side: reading and writing do.
                    return done;
            }
        }

        return done;
    }
}
