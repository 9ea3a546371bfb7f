using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace EksNode.NodeTests.Machines;

/// <summary>What a command in the machine answered.</summary>
internal sealed record GuestAnswer(int Status, string Output);

/// <summary>
/// The root shell on the machine's virtual serial port. It needs no network and no help of what is tested, and it is there while a boot hangs.
/// </summary>
internal sealed class GuestShell : IAsyncDisposable
{
    private const string OutputFile = "/run/node-test.output";

    private readonly string socketPath;
    private readonly SemaphoreSlim gate = new(1);
    private readonly StringBuilder received = new();
    private Socket? socket;
    private int number;

    public GuestShell(string socketPath) => this.socketPath = socketPath;

    /// <summary>Opens the port, once the emulator listens: a shell at a port that nobody has opened reads the end of its input.</summary>
    /// <returns>Whether it is open; the emulator's socket is there a moment before anything listens at it.</returns>
    public async Task<bool> TryOpenAsync(CancellationToken cancellation)
    {
        try
        {
            socket ??= await ConnectAsync(cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Runs a command of bash.</summary>
    /// <param name="command">The command.</param>
    /// <param name="deadline">How long it may take in the machine, seconds.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="NodeTestException">No answer.</exception>
    public async Task<GuestAnswer> AskAsync(string command, int deadline, CancellationToken cancellation) =>
        await TryAskAsync(command, deadline, cancellation) ?? throw new NodeTestException($"The machine's shell did not answer in {deadline} s: {command}");

    /// <summary>The output of a command that must succeed.</summary>
    public async Task<string> ReadAsync(string command, CancellationToken cancellation)
    {
        var answer = await AskAsync(command, 60, cancellation);
        return answer.Status == 0 ? answer.Output : throw new NodeTestException($"In the machine, `{command}` ended with {answer.Status}: {answer.Output}");
    }

    /// <summary>Waits until the shell is there: early in the boot.</summary>
    public Task WaitAsync(TimeSpan deadline, CancellationToken cancellation) => Waiting.UntilAsync(
        "the machine's shell", deadline, async token => await TryAskAsync("true", 5, token) is { Status: 0 }, null, cancellation);

    /// <summary>Like <see cref="AskAsync"/>; null when there is no answer, as while the machine boots.</summary>
    public async Task<GuestAnswer?> TryAskAsync(string command, int deadline, CancellationToken cancellation)
    {
        await gate.WaitAsync(cancellation);
        try
        {
            socket ??= await ConnectAsync(cancellation);
            var mark = $"@{++number}@";
            var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(command));
            // The answer is encoded, so that nothing in it looks like a mark, and the mark is not in what is sent, should the port echo.
            var line = string.Create(
                CultureInfo.InvariantCulture,
                $"timeout {deadline} bash -c \"$(echo {encoded} | base64 -d)\" </dev/null >{OutputFile} 2>&1; printf '\\n@%s@ %s %s .\\n' {number} $? \"$(base64 -w0 {OutputFile})\"\n");
            received.Clear();
            await socket.SendAsync(Encoding.UTF8.GetBytes(line), cancellation);
            using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limited.CancelAfter(TimeSpan.FromSeconds(deadline + 5));
            var buffer = new byte[64 * 1024];
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, limited.Token);
                if (length == 0)
                {
                    throw new NodeTestException("The emulator closed the shell's socket.");
                }

                received.Append(Encoding.UTF8.GetString(buffer, 0, length));
                if (Parse(received.ToString(), mark) is { } answer)
                {
                    return answer;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            gate.Release();
        }
    }

    public ValueTask DisposeAsync()
    {
        socket?.Dispose();
        gate.Dispose();
        return ValueTask.CompletedTask;
    }

    private static GuestAnswer? Parse(string text, string mark)
    {
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith(mark + " ", StringComparison.Ordinal) && line.EndsWith(" .", StringComparison.Ordinal)
                && line.Split(' ') is [_, var status, .. var rest])
            {
                return new GuestAnswer(
                    int.Parse(status, CultureInfo.InvariantCulture),
                    rest is [{ Length: > 0 } output, _] ? Encoding.UTF8.GetString(Convert.FromBase64String(output)) : "");
            }
        }

        return null;
    }

    private async Task<Socket> ConnectAsync(CancellationToken cancellation)
    {
        var connected = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await connected.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellation);
            return connected;
        }
        catch (SocketException)
        {
            connected.Dispose();
            throw;
        }
    }
}
