using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EksNode.Host.Http;
using EksNode.Host.Tests.Http;

namespace EksNode.Host.Tests.Downloads;

/// <summary>A server of files on loopback, which does what each <see cref="Artifact"/> says; what it does not have is 404.</summary>
internal sealed class ArtifactServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Artifact> artifacts = new();
    private readonly RawServer server;

    public ArtifactServer(X509Certificate2? certificate = null) =>
        (server, Scheme) = (new RawServer(AnswerAsync, certificate is null ? null : stream => TlsAsync(stream, certificate)), certificate is null ? "http" : "https");

    public IReadOnlyList<string> Requests => server.Requests;

    private string Scheme { get; }

    public Uri At(string path) => new($"{Scheme}://localhost:{server.Port}{path}");

    public Artifact Add(string path, Artifact artifact) => artifacts[path] = artifact;

    public Artifact Add(string path, string text) => Add(path, new Artifact(System.Text.Encoding.ASCII.GetBytes(text)));

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static async Task<Stream> TlsAsync(Stream stream, X509Certificate2 certificate)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, [], offline: true),
        });
        return tls;
    }

    private async Task AnswerAsync(Stream stream, string request, CancellationToken cancellation)
    {
        var target = request.Split(' ')[1];
        // A proxy is asked for the whole address.
        var path = Uri.TryCreate(target, UriKind.Absolute, out var address) && address.Scheme == "http" ? address.AbsolutePath : target.Split('?')[0];
        if (artifacts.TryGetValue(path, out var artifact))
        {
            await artifact.AnswerAsync(stream, request, cancellation);
        }
        else
        {
            await stream.WriteAsync("HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), cancellation);
        }
    }
}

/// <summary>A certificate authority and a server's certificate from it.</summary>
internal sealed class OwnAuthority : IDisposable
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 authority;

    public OwnAuthority()
    {
        var request = new CertificateRequest("CN=Mirror authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(30));
        using var serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var server = new CertificateRequest("CN=localhost", serverKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        server.CertificateExtensions.Add(names.Build());
        using var issued = server.Create(authority, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(20), [1, 2]);
        Server = issued.CopyWithPrivateKey(serverKey);
    }

    public X509Certificate2 Server { get; }

    public TrustStore Trust => TrustStore.Of("the test's own authority", System.Text.Encoding.ASCII.GetBytes(authority.ExportCertificatePem()));

    public void Dispose()
    {
        Server.Dispose();
        authority.Dispose();
        key.Dispose();
    }
}
