using Microsoft.Win32.SafeHandles;

namespace EksNode;

/// <summary>Standard input, output and error of the process, also where whoever started it closed them.</summary>
internal static class StandardStreams
{
    // Kept open to the end.
    private static readonly List<SafeFileHandle> Placeholders = [];

    /// <summary>
    /// Takes the numbers 0 to 2 where they are free. Otherwise the next file that is opened gets one, and what is meant for
    /// standard error would be written into a file of the node.
    /// </summary>
    public static void Occupy()
    {
        while (true)
        {
            var handle = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            if (handle.DangerousGetHandle() > 2)
            {
                handle.Dispose();
                return;
            }

            Placeholders.Add(handle);
        }
    }

    /// <summary>Whether an exception is a failure of a stream: a full disk behind it, or no stream at all.</summary>
    public static bool IsFailure(Exception failure) => failure is IOException or UnauthorizedAccessException;

    /// <summary>Standard error: what cannot be written there has no other place to go, and the exit code says the rest.</summary>
    /// <param name="stream">The stream behind it.</param>
    public sealed class ErrorStream(Stream stream) : Stream
    {
        /// <inheritdoc/>
        public override bool CanRead => false;

        /// <inheritdoc/>
        public override bool CanSeek => false;

        /// <inheritdoc/>
        public override bool CanWrite => true;

        /// <inheritdoc/>
        public override long Length => throw new NotSupportedException();

        /// <inheritdoc/>
        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        /// <inheritdoc/>
        public override void Flush()
        {
            // Nothing is kept back.
        }

        /// <inheritdoc/>
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        /// <inheritdoc/>
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        /// <inheritdoc/>
        public override void SetLength(long value) => throw new NotSupportedException();

        /// <inheritdoc/>
        public override void Write(byte[] buffer, int offset, int count)
        {
            try
            {
                stream.Write(buffer, offset, count);
            }
            catch (Exception failure) when (IsFailure(failure))
            {
                // A command must not end half way because a log is full.
            }
        }
    }
}
