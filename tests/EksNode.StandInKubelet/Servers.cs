using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EksNode.StandInKubelet;

/// <summary>The kubelet's two ports: health on loopback, and the one for the API server, with TLS both ways.</summary>
internal static class Servers
{
    private const int HealthPort = 10248;
    private const int Port = 10250;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Answers <c>/healthz</c> until the end.</summary>
    public static Task ServeHealthAsync(Func<string?> problem, CancellationToken cancellation) => ServeAsync(
        new TcpListener(IPAddress.Loopback, HealthPort), stream => Task.FromResult<Stream>(stream),
        path => path != "/healthz" ? (404, "not found") : problem() is { } text ? (500, text) : (200, "ok"), cancellation);

    /// <summary>Answers <c>/configz</c> to clients with a certificate of the authority, until the end.</summary>
    public static Task ServeApiAsync(X509Certificate2 certificate, string authorityFile, Func<string> configuration, CancellationToken cancellation)
    {
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificate = certificate,
            ClientCertificateRequired = true,
            CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck },
        };
        options.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(authorityFile);
        return ServeAsync(
            new TcpListener(IPAddress.Any, Port),
            async stream =>
            {
                var tls = new SslStream(stream);
                await tls.AuthenticateAsServerAsync(options, cancellation);
                return tls;
            },
            path => path == "/configz" ? (200, $"{{\"kubeletconfig\":{configuration()}}}") : (404, "not found"), cancellation);
    }

    private static async Task ServeAsync(TcpListener listener, Func<NetworkStream, Task<Stream>> secure, Func<string, (int Status, string Body)> answer, CancellationToken cancellation)
    {
        listener.Start();
        using (listener)
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(cancellation);
                _ = AnswerAsync(client, secure, answer, cancellation);
            }
        }
    }

    private static async Task AnswerAsync(TcpClient client, Func<NetworkStream, Task<Stream>> secure, Func<string, (int Status, string Body)> answer, CancellationToken cancellation)
    {
        using (client)
        {
            using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limited.CancelAfter(Patience);
            try
            {
                await using var stream = await secure(client.GetStream());
                using var reader = new StreamReader(stream, leaveOpen: true);
                var line = await reader.ReadLineAsync(limited.Token);
                while (await reader.ReadLineAsync(limited.Token) is { Length: > 0 })
                {
                }

                var (status, body) = line?.Split(' ') is ["GET", var target, ..] ? answer(target.Split('?')[0]) : (405, "only GET");
                var bytes = Encoding.UTF8.GetBytes(body);
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} -\r\nContent-Length: {bytes.Length}\r\nConnection: close\r\n\r\n"), limited.Token);
                await stream.WriteAsync(bytes, limited.Token);
                await stream.FlushAsync(limited.Token);
            }
            catch (Exception exception) when (exception is IOException or AuthenticationException or OperationCanceledException)
            {
                Log.Warn($"http: {exception.Message}");
            }
        }
    }
}
