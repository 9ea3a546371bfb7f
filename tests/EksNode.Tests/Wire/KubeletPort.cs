using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EksNode.Tests.Wire;

/// <summary>A kubelet's own port on loopback, with TLS; what it answers is the test's.</summary>
internal sealed class KubeletPort : IAsyncDisposable
{
    private readonly CancellationTokenSource end = new();
    private readonly TcpListener listener;
    private readonly Task serving;

    /// <summary>Listens from now on.</summary>
    /// <param name="port">The port; 0: a free one.</param>
    public KubeletPort(int port = 0)
    {
        listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        serving = ServeAsync();
    }

    public int Port { get; }

    /// <summary>What it shows; null: it speaks no TLS.</summary>
    public X509Certificate2? Certificate { get; set; }

    /// <summary>Whether it wants a certificate of the client, too.</summary>
    public bool WantsClientCertificate { get; set; }

    /// <summary>Writes the answer, and may take its time.</summary>
    public Func<Stream, CancellationToken, Task> Answer { get; set; } = Text(404, "not found");

    /// <summary>Each request: its first line, and the value of the header <c>Authorization</c>.</summary>
    public ConcurrentQueue<(string Line, string Authorization)> Requests { get; } = [];

    public static Func<Stream, CancellationToken, Task> Text(int status, string body) => async (stream, cancellation) =>
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {bytes.Length}\r\nConnection: close\r\n\r\n"), cancellation);
        await stream.WriteAsync(bytes, cancellation);
    };

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        listener.Dispose();
        await serving;
        end.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await listener.AcceptTcpClientAsync(end.Token));
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                Stream stream = client.GetStream();
                if (Certificate is { } certificate)
                {
                    var tls = new SslStream(stream);
                    await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate, ClientCertificateRequired = WantsClientCertificate }, end.Token);
                    stream = tls;
                }

                await using var secured = stream;
                using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
                var line = await reader.ReadLineAsync(end.Token) ?? "";
                var authorization = "";
                while (await reader.ReadLineAsync(end.Token) is { Length: > 0 } header)
                {
                    if (header.StartsWith("Authorization: ", StringComparison.OrdinalIgnoreCase))
                    {
                        authorization = header["Authorization: ".Length..];
                    }
                }

                Requests.Enqueue((line, authorization));
                await Answer(stream, end.Token);
                await stream.FlushAsync(end.Token);
            }
            catch (Exception exception) when (exception is IOException or AuthenticationException or OperationCanceledException or ObjectDisposedException)
            {
                // The other side went away, which is often what is tested.
            }
        }
    }
}
