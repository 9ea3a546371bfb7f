using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EksNode.Simulation.Http;

/// <summary>One request that a proxy received.</summary>
/// <param name="Method">CONNECT, or the method of a request in absolute form.</param>
/// <param name="Target">Host and port, or the URL.</param>
/// <param name="Authorization">The Proxy-Authorization header.</param>
public sealed record ProxiedRequest(string Method, string Target, string? Authorization);

/// <summary>
/// A forward proxy (CONNECT and absolute form) that records what goes through it. Loopback targets are reached as asked; every
/// other host name leads to the simulated AWS, so that names that need no proxy exception can be tried without DNS.
/// </summary>
public sealed class RecordingProxy : IAsyncDisposable
{
    private const int MaxHead = 64 * 1024;

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly ConcurrentQueue<ProxiedRequest> requests = new();
    private readonly ConcurrentDictionary<Task, byte> connections = new();
    private readonly ConcurrentDictionary<int, byte> outgoingPorts;
    private readonly int awsPort;
    private readonly string? credentials;
    private readonly Task accepting;

    internal RecordingProxy(int awsPort, string? credentials, ConcurrentDictionary<int, byte> outgoingPorts)
    {
        this.awsPort = awsPort;
        this.credentials = credentials;
        this.outgoingPorts = outgoingPorts;
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>The address without credentials.</summary>
    public Uri Url => new($"http://127.0.0.1:{Port}");

    /// <summary>Everything received, in order.</summary>
    public IReadOnlyList<ProxiedRequest> Requests => [.. requests];

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Stop();
        await accepting;
        await Task.WhenAll(connections.Keys);
        listener.Dispose();
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            TcpClient client;
            try
            {
                client = await listener.AcceptTcpClientAsync(stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            var serving = ServeAsync(client);
            connections[serving] = 0;
            _ = serving.ContinueWith(done => connections.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await RelayAsync(client.GetStream());
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
            {
                // One side hung up: that is how every tunnel ends.
            }
        }
    }

    private async Task RelayAsync(NetworkStream client)
    {
        var head = await ReadHeadAsync(client);
        if (head is not ([var requestLine, .. var headers], var rest) || requestLine.Split(' ') is not [var method, var target, var version])
        {
            await WriteAsync(client, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            return;
        }

        var authorization = headers.FirstOrDefault(header => header.StartsWith("Proxy-Authorization:", StringComparison.OrdinalIgnoreCase))?.Split(':', 2)[1].Trim();
        requests.Enqueue(new ProxiedRequest(method, target, authorization));
        if (credentials is not null && authorization != "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)))
        {
            await WriteAsync(client, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"simulator\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            return;
        }

        var url = new Uri(method == "CONNECT" ? $"http://{target}" : target);
        using var server = new TcpClient();
        await server.ConnectAsync(IPAddress.Loopback, url.IsLoopback ? url.Port : awsPort, stopping.Token);
        var outgoing = ((IPEndPoint)server.Client.LocalEndPoint!).Port;
        outgoingPorts[outgoing] = 0;
        try
        {
            var upstream = server.GetStream();
            if (method == "CONNECT")
            {
                await WriteAsync(client, "HTTP/1.1 200 Connection Established\r\n\r\n");
            }
            else
            {
                // Each request of a kept connection would need its own target: this proxy serves one and closes.
                var kept = headers.Where(header => !header.StartsWith("Proxy-", StringComparison.OrdinalIgnoreCase) && !header.StartsWith("Connection:", StringComparison.OrdinalIgnoreCase));
                await WriteAsync(upstream, $"{method} {url.PathAndQuery} {version}\r\n{string.Join("\r\n", kept)}\r\nConnection: close\r\n\r\n");
            }

            await upstream.WriteAsync(rest, stopping.Token);
            await PumpBothAsync(client, upstream);
        }
        finally
        {
            outgoingPorts.TryRemove(outgoing, out _);
        }
    }

    private async Task PumpBothAsync(NetworkStream client, NetworkStream upstream)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        var up = client.CopyToAsync(upstream, either.Token);
        var down = upstream.CopyToAsync(client, either.Token);
        await Task.WhenAny(up, down);
        await either.CancelAsync();
        await Task.WhenAll(up, down);
    }

    private async Task<(string[] Lines, byte[] Body)?> ReadHeadAsync(NetworkStream stream)
    {
        var buffer = new byte[MaxHead];
        var length = 0;
        while (length < buffer.Length)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), stopping.Token);
            if (read == 0)
            {
                return null;
            }

            length += read;
            var end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                return (Encoding.Latin1.GetString(buffer, 0, end).Split("\r\n"), buffer[(end + 4)..length]);
            }
        }

        return null;
    }

    private async Task WriteAsync(NetworkStream stream, string text) => await stream.WriteAsync(Encoding.Latin1.GetBytes(text), stopping.Token);
}
