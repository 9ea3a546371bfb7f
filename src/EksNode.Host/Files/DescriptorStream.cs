using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Files;

/// <summary>
/// Writes to a file descriptor that the process was given, with write(2) and nothing else. Console's streams set up the terminal
/// first, which costs a millisecond and leaves its keypad mode changed; a file stream writes at offsets of its own, over what
/// others wrote to the same file.
/// </summary>
/// <param name="descriptor">The descriptor: 1 or 2.</param>
/// <param name="isLog">
/// Whether what cannot be written is dropped: it has no other place to go, and a command must not end half way because a log is
/// full.
/// </param>
public sealed partial class DescriptorStream(int descriptor, bool isLog = false) : Stream
{
    private const short Writable = 4; // POLLOUT, poll(2)
    private const int GetFlags = 1; // F_GETFD, fcntl(2)
    private const nuint GetWindowSize = 0x5413; // TIOCGWINSZ, ioctl_tty(2)

    private readonly SafeFileHandle handle = new(descriptor, ownsHandle: false);

    /// <summary>Whether the process has a descriptor of that number.</summary>
    /// <param name="descriptor">The number.</param>
    public static bool IsOpen(int descriptor) => Control(descriptor, GetFlags) >= 0;

    /// <summary>Whether a failure to write is that of a pipe or socket which nobody reads any more.</summary>
    /// <param name="failure">The failure, or one around it.</param>
    public static bool IsClosedPipe(Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return failure is IOException { HResult: Errno.BrokenPipe } || (failure.InnerException is { } cause && IsClosedPipe(cause));
    }

    /// <summary>Whether a descriptor is a terminal's: isatty(3).</summary>
    /// <param name="descriptor">The number.</param>
    public static bool IsTerminal(int descriptor) => IsATerminal(descriptor) == 1;

    /// <summary>How many characters a line of a terminal has: TIOCGWINSZ, ioctl_tty(2). Null: it is no terminal, or does not know.</summary>
    /// <param name="descriptor">The number.</param>
    public static unsafe int? TerminalWidth(int descriptor)
    {
        WindowSize size = default;
        return Ask(descriptor, GetWindowSize, &size) == 0 && size.Columns > 0 ? size.Columns : null;
    }

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
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    /// <exception cref="IOException">The descriptor does not take it (no space, a closed pipe), and it is no log. See <see cref="IsClosedPipe"/>.</exception>
    public override unsafe void Write(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            var done = 0;
            while (done < buffer.Length)
            {
                var count = WriteTo(handle, bytes + done, (nuint)(buffer.Length - done));
                if (count >= 0)
                {
                    done += (int)count;
                    continue;
                }

                var error = Marshal.GetLastPInvokeError();
                if (error == Errno.Again)
                {
                    // Somebody made the pipe non-blocking; -1: no longer than its reader lives.
                    var poll = new PollDescriptor { Descriptor = descriptor, Events = Writable };
                    _ = Poll(&poll, 1, -1);
                }
                else if (error != Errno.Interrupted)
                {
                    if (isLog)
                    {
                        return;
                    }

                    throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
                }
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint WriteTo(SafeFileHandle file, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "isatty")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int IsATerminal(int descriptor);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int Ask(int descriptor, nuint request, WindowSize* size);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int descriptor, int command);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static unsafe partial int Poll(PollDescriptor* descriptors, nuint count, int timeout);

    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort Width;
        public ushort Height;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }
}
