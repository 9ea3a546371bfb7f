using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EksNode.Host.Tests.Http;

/// <summary>A TCP server on loopback that answers each connection with what a test wants, byte for byte.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly Func<Stream, string, CancellationToken, Task> answer;
    private readonly Func<Stream, Task<Stream>>? wrap;
    private readonly List<string> requests = [];
    private readonly Task serving;

    public RawServer(Func<Stream, string, CancellationToken, Task> answer, Func<Stream, Task<Stream>>? wrap = null)
    {
        (this.answer, this.wrap) = (answer, wrap);
        listener.Start();
        serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public Uri Url => new($"http://127.0.0.1:{Port}/");

    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (requests)
            {
                return [.. requests];
            }
        }
    }

    public static RawServer Sending(string text) => new((stream, _, cancel) => stream.WriteAsync(Encoding.ASCII.GetBytes(text), cancel).AsTask());

    public static RawServer Silent() => new((_, _, cancel) => Task.Delay(Timeout.Infinite, cancel));

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await serving;
        listener.Dispose();
        stopping.Dispose();
    }

    private async Task ServeAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(HandleAsync(await listener.AcceptTcpClientAsync(stopping.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task HandleAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                Stream stream = client.GetStream();
                stream = wrap is null ? stream : await wrap(stream);
                var head = new StringBuilder();
                var buffer = new byte[4096];
                while (!head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
                {
                    var read = await stream.ReadAsync(buffer, stopping.Token);
                    if (read == 0)
                    {
                        return;
                    }

                    head.Append(Encoding.ASCII.GetString(buffer, 0, read));
                }

                lock (requests)
                {
                    requests.Add(head.ToString());
                }

                await answer(stream, head.ToString(), stopping.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or System.Security.Authentication.AuthenticationException)
            {
                // The client went away, as some tests want.
            }
        }
    }
}
