using EksNode.Configuration.Text;
using EksNode.Host.Hashing;
using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Files;

/// <summary>A file that is read from its beginning to its end, and its SHA-256 on the way.</summary>
internal sealed class HashedFile : Stream
{
    private readonly Sha256 hash = new();
    private readonly SafeFileHandle file;
    private readonly string path;

    private HashedFile(SafeFileHandle file, string path) => (this.file, this.path) = (file, path);

    /// <summary>Reads a file that is open, from where it is, and closes it at the end.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">What messages call it.</param>
    public static HashedFile Of(SafeFileHandle file, string path) => new(file, path);

    /// <summary>Opens a file of this machine.</summary>
    /// <param name="path">The path, as this process sees it; a link is followed.</param>
    /// <exception cref="DiagnosticException">It cannot be opened, or is no file.</exception>
    public static HashedFile Open(string path)
    {
        var file = Libc.Open(null, path, Libc.ReadOnly | Libc.NonBlocking) ?? throw Errno.Failure(Libc.LastError, "read", path);
        if (HostRoot.StatusOf(file, path).Kind == FileKind.File)
        {
            return new HashedFile(file, path);
        }

        file.Dispose();
        throw Errno.Failure(Errno.IsDirectory, "read", path);
    }

    /// <summary>How many bytes were read.</summary>
    public long Count { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Reads the rest, and answers the hash of the whole file in lower-case hexadecimal. It is called once, at the end.</summary>
    /// <param name="cancellation">Ends it.</param>
    public string Finish(CancellationToken cancellation)
    {
        var buffer = new byte[64 * 1024];
        while (Read(buffer) > 0)
        {
            cancellation.ThrowIfCancellationRequested();
        }

        return hash.FinishHex();
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int count;
        while ((count = Libc.Read(file, buffer)) < 0)
        {
            if (Libc.LastError != Errno.Interrupted)
            {
                throw Errno.Failure(Libc.LastError, "read", path);
            }
        }

        hash.Add(buffer[..count]);
        Count += count;
        return count;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        // Nothing is written.
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        file.Dispose();
        base.Dispose(disposing);
    }
}
