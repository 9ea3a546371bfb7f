using EksNode.Host.Tasks;

namespace EksNode;

/// <summary>What reading an input gave.</summary>
/// <param name="Bytes">Its bytes; null when it could not be read.</param>
/// <param name="Problem">Why it could not be read, as the end of a sentence: <c>it does not exist</c>.</param>
internal sealed record InputResult(byte[]? Bytes, string Problem)
{
    /// <summary>Whether it holds more than is read.</summary>
    public bool IsTooLarge { get; init; }
}

/// <summary>
/// Reads the files and streams that a user names. They may be pipes (<c>-c &lt;(…)</c>), so their size is not known before: no
/// more than <see cref="Largest"/> is read, and no longer than the deadline, which also ends the wait for a named pipe that
/// nobody writes to.
/// </summary>
/// <param name="io">The process, for its clock and deadline.</param>
internal sealed class BoundedInput(CommandIo io)
{
    /// <summary>The most that is read, in bytes: far above the 16 KiB of user data and what a person writes.</summary>
    public const int Largest = 16 * 1024 * 1024;

    /// <summary>Reads a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public Task<InputResult> ReadFileAsync(string path, CancellationToken cancellation) => WithinDeadlineAsync(
        () =>
        {
            // .NET takes it for a file that may not be read.
            if (Directory.Exists(path))
            {
                throw new IOException("it is a folder");
            }

            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return Read(stream);
        },
        cancellation);

    /// <summary>Reads standard input to its end.</summary>
    /// <param name="cancellation">Ends the reading.</param>
    public Task<InputResult> ReadStandardInputAsync(CancellationToken cancellation) => WithinDeadlineAsync(
        () =>
        {
            using var stream = io.OpenInput();
            return Read(stream);
        },
        cancellation);

    private async Task<InputResult> WithinDeadlineAsync(Func<byte[]?> read, CancellationToken cancellation)
    {
        try
        {
            // Opening a pipe blocks in the kernel; the thread that does is left behind when the deadline passes.
            var bytes = await Task.Run(read, cancellation).WithinAsync(io.InputDeadline, io.Clock, cancellation);
            return new InputResult(bytes, bytes is null ? $"it is larger than {Largest / 1024 / 1024} MiB" : "") { IsTooLarge = bytes is null };
        }
        catch (TimeoutException)
        {
            return Failed($"nothing ended it within {io.InputDeadline.TotalSeconds:0.###} s");
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return Failed("it does not exist");
        }
        catch (UnauthorizedAccessException)
        {
            return Failed("its permissions do not let it be read");
        }
        catch (IOException failure)
        {
            // The framework ends such a message with the path, which the sentence names already.
            var end = failure.Message.IndexOf(" : '", StringComparison.Ordinal);
            return Failed(end < 0 ? failure.Message.TrimEnd('.') : failure.Message[..end]);
        }

        static InputResult Failed(string problem) => new(null, problem);
    }

    private static byte[]? Read(Stream stream)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int count; (count = stream.Read(buffer)) > 0;)
        {
            if (bytes.Length + count > Largest)
            {
                return null;
            }

            bytes.Write(buffer, 0, count);
        }

        return bytes.ToArray();
    }
}
