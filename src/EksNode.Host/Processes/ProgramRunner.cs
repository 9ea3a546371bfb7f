using System.Buffers;
using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace EksNode.Host.Processes;

/// <summary>A program to run: its path and arguments as they are, without a shell.</summary>
/// <param name="Path">The absolute path of the program.</param>
/// <param name="Arguments">The arguments.</param>
/// <param name="Deadline">How long it may take, its start included.</param>
/// <param name="OutputLimit">The most bytes that are kept of each stream; the rest is read and dropped.</param>
public sealed record ProgramCall(string Path, ImmutableArray<string> Arguments, TimeSpan Deadline, int OutputLimit = 64 * 1024)
{
    /// <summary>Variables beside those that every program gets, or in their place: <c>DEBIAN_FRONTEND=noninteractive</c>.</summary>
    public ImmutableArray<string> Environment { get; init; } = [];

    /// <summary>Told of each line of either stream as it comes, from any thread, without its end; null: nobody is.</summary>
    public Action<string>? OnLine { get; init; }

    /// <summary>The command for messages: <c>/usr/bin/kubelet --version</c>.</summary>
    public override string ToString() => string.Join(' ', [Path, .. Arguments]);
}

/// <summary>How a program ended.</summary>
public enum ProgramEnd
{
    /// <summary>It exited by itself.</summary>
    Exited,

    /// <summary>Its deadline passed and it was killed, with what it had started.</summary>
    DeadlinePassed,

    /// <summary>It could not be started.</summary>
    NotStarted,
}

/// <summary>What a program did.</summary>
/// <param name="End">How it ended.</param>
/// <param name="ExitCode">The exit code, when it exited.</param>
/// <param name="Output">What it wrote to standard output, up to the limit.</param>
/// <param name="Error">What it wrote to standard error, up to the limit; why it did not start, when it did not.</param>
public sealed record ProgramResult(ProgramEnd End, int? ExitCode, string Output, string Error)
{
    /// <summary>Whether it exited with 0.</summary>
    public bool Succeeded => End == ProgramEnd.Exited && ExitCode == 0;

    /// <summary>What happened, as a clause for a message: <c>exited with 1: no such flag</c>.</summary>
    public string Describe() => End switch
    {
        ProgramEnd.DeadlinePassed => "did not end in time and was killed",
        ProgramEnd.NotStarted => $"could not be started: {Error}",
        _ => FormattableString.Invariant($"exited with {ExitCode}{(LastLine(Error) is { } line ? ": " + line : "")}"),
    };

    private static string? LastLine(string text) =>
        text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is [.., var last] ? last : null;
}

/// <summary>
/// The one place that runs programs: no shell, a fixed environment, nothing on standard input, bounded output, and a deadline after
/// which the program and all that it started are killed.
/// </summary>
public sealed class ProgramRunner
{
    // ETXTBSY, execve(2).
    private const int TextFileBusy = 26;
    private const int BusyAttempts = 20;
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(10);

    // What a service of systemd gets; in the C locale, so that answers can be read.
    private static readonly (string Name, string Value)[] Environment =
        [("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), ("LC_ALL", "C.UTF-8"), ("HOME", "/")];

    private int started;

    /// <summary>How many programs were started.</summary>
    public int Started => started;

    /// <summary>Runs a program to its end.</summary>
    /// <param name="call">What to run.</param>
    /// <param name="cancellation">Kills the program.</param>
    /// <exception cref="OperationCanceledException">The caller gave up; the program is killed.</exception>
    public async Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var process = new Process { StartInfo = StartInfo(call) };
        if (await StartAsync(process, cancellation).ConfigureAwait(false) is { } problem)
        {
            return new ProgramResult(ProgramEnd.NotStarted, null, "", problem);
        }

        Interlocked.Increment(ref started);

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(call.Deadline);
        process.StandardInput.Close();
        var output = new BoundedText(call);
        var error = new BoundedText(call);
        var reading = Task.WhenAll(
            output.ReadAsync(process.StandardOutput.BaseStream, deadline.Token),
            error.ReadAsync(process.StandardError.BaseStream, deadline.Token));
        try
        {
            // A child of the program may hold its output open: that counts against the deadline, too.
            await process.WaitForExitAsync(deadline.Token).ConfigureAwait(false);
            await reading.ConfigureAwait(false);
            return new ProgramResult(ProgramEnd.Exited, process.ExitCode, output.ToString(), error.ToString());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            return new ProgramResult(ProgramEnd.DeadlinePassed, null, output.ToString(), error.ToString());
        }
    }

    // A program that was just written is busy while a child that another thread started at that moment still holds the file
    // open for writing: for as long as that child needs to reach its own exec.
    private static async Task<string?> StartAsync(Process process, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                process.Start();
                return null;
            }
            catch (Win32Exception exception) when (exception.NativeErrorCode == TextFileBusy && attempt < BusyAttempts)
            {
                await Task.Delay(BusyPause, cancellation).ConfigureAwait(false);
            }
            catch (Win32Exception exception)
            {
                return exception.Message;
            }
        }
    }

    private static ProcessStartInfo StartInfo(ProgramCall call)
    {
        var info = new ProcessStartInfo(call.Path)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        foreach (var argument in call.Arguments)
        {
            info.ArgumentList.Add(argument);
        }

        info.Environment.Clear();
        foreach (var (name, value) in Environment)
        {
            info.Environment[name] = value;
        }

        foreach (var variable in call.Environment)
        {
            var equals = variable.IndexOf('=', StringComparison.Ordinal);
            info.Environment[variable[..equals]] = variable[(equals + 1)..];
        }

        return info;
    }

    /// <summary>Keeps the beginning of a stream and reads the rest, so that the program does not wait for us.</summary>
    private sealed class BoundedText(ProgramCall call)
    {
        // A line that has no end is told in parts.
        private const int LongestLine = 4096;

        private readonly ArrayBufferWriter<byte> kept = new();
        private readonly ArrayBufferWriter<byte> line = new();

        public async Task ReadAsync(Stream stream, CancellationToken cancellation)
        {
            var buffer = new byte[4096];
            int count;
            while ((count = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
            {
                kept.Write(buffer.AsSpan(0, Math.Min(count, call.OutputLimit - kept.WrittenCount)));
                if (call.OnLine is not null)
                {
                    Tell(buffer.AsSpan(0, count));
                }
            }

            EndLine();
        }

        public override string ToString() => Encoding.UTF8.GetString(kept.WrittenSpan);

        // A carriage return alone ends a line as well: what is drawn over on a terminal.
        private void Tell(ReadOnlySpan<byte> bytes)
        {
            foreach (var value in bytes)
            {
                if (value is (byte)'\n' or (byte)'\r')
                {
                    EndLine();
                    continue;
                }

                line.Write([value]);
                if (line.WrittenCount == LongestLine)
                {
                    EndLine();
                }
            }
        }

        private void EndLine()
        {
            if (line.WrittenCount > 0)
            {
                call.OnLine!(Encoding.UTF8.GetString(line.WrittenSpan));
                line.Clear();
            }
        }
    }
}
