using System.Net;
using System.Net.Security;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EksNode.Configuration.Text;
using EksNode.Host.Http;

namespace EksNode.Host.Tests.Http;

public sealed class TrustStoreTests : IDisposable
{
    private const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuth = "1.3.6.1.5.5.7.3.2";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("trust");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Trusts_a_server_of_an_authority_in_the_bundle()
    {
        using var authority = new Authority("CN=One");

        Assert.Equal(200, Assert.IsType<HttpAnswer>(await CallAsync(authority.Issue("localhost"), Bundle(new Authority("CN=Two"), authority))).Status);
    }

    [Fact]
    public async Task Trusts_a_server_through_the_intermediate_that_it_sends()
    {
        using var root = new Authority("CN=Root");
        using var middle = new Authority("CN=Middle", root);

        Assert.IsType<HttpAnswer>(await CallAsync(middle.Issue("localhost"), Bundle(root), middle.Certificate));
        Assert.IsType<HttpFault>(await CallAsync(middle.Issue("localhost"), Bundle(root)));
    }

    [Fact]
    public async Task Refuses_a_server_of_another_authority()
    {
        using var authority = new Authority("CN=One");

        await RefusesAsync(authority.Issue("localhost"), Bundle(new Authority("CN=Two")), "not signed by an authority in AWS_CA_BUNDLE");
    }

    [Fact]
    public async Task Refuses_an_authority_that_only_has_the_name_of_one_in_the_bundle()
    {
        using var impostor = new Authority("CN=One");

        await RefusesAsync(impostor.Issue("localhost"), Bundle(new Authority("CN=One")), "not signed by an authority");
    }

    [Fact]
    public async Task Refuses_a_server_that_signed_itself()
    {
        using var self = new Authority("CN=localhost");

        await RefusesAsync(self.Certificate, Bundle(new Authority("CN=Two")), "certificate");
    }

    [Fact]
    public async Task Refuses_a_certificate_for_another_name()
    {
        using var authority = new Authority("CN=One");

        await RefusesAsync(authority.Issue("example.com"), Bundle(authority), "for another name");
    }

    [Fact]
    public async Task Refuses_a_certificate_that_has_expired()
    {
        using var authority = new Authority("CN=One");

        await RefusesAsync(authority.Issue("localhost", expired: true), Bundle(authority), "the clock is wrong");
    }

    [Fact]
    public async Task Refuses_a_certificate_that_is_not_for_servers()
    {
        using var authority = new Authority("CN=One");

        await RefusesAsync(authority.Issue("localhost", usage: ClientAuth), Bundle(authority), "not for a TLS server");
    }

    [Fact]
    public async Task Reads_a_folder_of_certificates()
    {
        using var authority = new Authority("CN=One");
        File.WriteAllText(Path.Combine(folder.FullName, "one.pem"), authority.Certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder.FullName, "README"), "not a certificate");

        Assert.IsType<HttpAnswer>(await CallAsync(authority.Issue("localhost"), new Dictionary<string, string> { ["SSL_CERT_DIR"] = folder.FullName }));
    }

    [Theory]
    [InlineData("/no/such/bundle.pem", "cannot be read")]
    [InlineData("/dev/null", "no certificate in AWS_CA_BUNDLE")]
    public async Task A_bundle_without_certificates_is_an_error_that_names_it(string path, string message)
    {
        using var authority = new Authority("CN=One");

        var e = await Assert.ThrowsAsync<DiagnosticException>(
            () => CallAsync(authority.Issue("localhost"), new Dictionary<string, string> { ["AWS_CA_BUNDLE"] = path }));

        Assert.Equal(DiagnosticCatalogue.TrustStoreUnreadable.Code, e.Diagnostic.Code);
        Assert.Contains(message, e.Diagnostic.Message);
    }

    [Fact]
    public void The_variables_have_an_order()
    {
        Assert.StartsWith("AWS_CA_BUNDLE", Name(("SSL_CERT_FILE", "/a"), ("AWS_CA_BUNDLE", "/b")));
        Assert.StartsWith("SSL_CERT_FILE", Name(("SSL_CERT_FILE", "/a"), ("SSL_CERT_DIR", "/b"), ("AWS_CA_BUNDLE", "")));
        Assert.StartsWith("SSL_CERT_DIR", Name(("SSL_CERT_DIR", "/b")));
        Assert.StartsWith("/etc/", Name());

        static string Name(params (string Name, string Value)[] variables) =>
            TrustStore.FromEnvironment(variables.ToDictionary(v => v.Name, v => v.Value)).Name;
    }

    [Fact]
    public void The_environment_of_other_programs_is_left_as_it_was()
    {
        using var authority = new Authority("CN=One");
        _ = TrustStore.FromEnvironment(Bundle(authority)).ClientOptions();

        var inherited = File.ReadAllText("/proc/self/environ").Split('\0').Select(v => v.Split('=', 2)).Where(v => v.Length == 2).ToLookup(v => v[0], v => v[1]);
        foreach (var name in (string[])["SSL_CERT_FILE", "SSL_CERT_DIR"])
        {
            Assert.Equal(inherited[name].FirstOrDefault(), Marshal.PtrToStringUTF8(GetEnvironment(name)));
        }
    }

    [Theory]
    [InlineData("EC")]
    [InlineData("RSA")]
    public async Task A_certificate_of_the_client_is_shown_to_a_server_of_the_given_authority(string kind)
    {
        using var authority = new Authority("CN=Cluster");
        using AsymmetricAlgorithm key = kind == "EC" ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : RSA.Create(2048);
        using var client = authority.Issue("node", key, ClientAuth);
        using var server = authority.Issue("localhost");
        var shown = "";
        await using var listening = new RawServer(
            (stream, _, cancel) => stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), cancel).AsTask(),
            async stream =>
            {
                var tls = new SslStream(stream);
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = SslStreamCertificateContext.Create(server, [], offline: true),
                    ClientCertificateRequired = true,
                    RemoteCertificateValidationCallback = (_, certificate, _, _) => (shown = certificate?.Subject ?? "").Length > 0,
                });
                return tls;
            });
        using var sender = new HttpSender(
            new HttpSenderOptions
            {
                Trust = TrustStore.Of("the cluster's certificate authority", System.Text.Encoding.ASCII.GetBytes(authority.Certificate.ExportCertificatePem())),
                ClientCertificate = client.ExportCertificatePem() + "\n" + (key is ECDsa curve ? curve.ExportECPrivateKeyPem() : ((RSA)key).ExportRSAPrivateKeyPem()) + "\n",
            },
            TimeProvider.System);
        var outcome = await sender.SendAsync(
            new HttpCall { Method = HttpMethod.Get, Address = new Uri($"https://localhost:{listening.Port}/"), Timeout = TimeSpan.FromSeconds(30) },
            TestContext.Current.CancellationToken);
        Assert.Equal(200, Assert.IsType<HttpAnswer>(outcome).Status);
        Assert.Equal("CN=node", shown);
        Assert.Contains("not signed by an authority in AWS_CA_BUNDLE", Assert.IsType<HttpFault>(await CallAsync(server, Bundle(new Authority("CN=Other")))).Detail);
    }

    [DllImport("libc", EntryPoint = "getenv")]
    private static extern nint GetEnvironment([MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    private static async Task RefusesAsync(X509Certificate2 server, Dictionary<string, string> environment, string reason)
    {
        var fault = Assert.IsType<HttpFault>(await CallAsync(server, environment));
        Assert.Equal(HttpFaultKind.Tls, fault.Kind);
        Assert.Contains(reason, fault.Detail);
    }

    private static async Task<HttpOutcome> CallAsync(X509Certificate2 certificate, Dictionary<string, string> environment, params X509Certificate2[] sent)
    {
        var context = SslStreamCertificateContext.Create(certificate, [.. sent], offline: true);
        await using var server = new RawServer(
            (stream, _, cancel) => stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), cancel).AsTask(),
            async stream =>
            {
                var tls = new SslStream(stream);
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = context });
                return tls;
            });
        using var sender = new HttpSender(new HttpSenderOptions { Trust = TrustStore.FromEnvironment(environment) }, TimeProvider.System);
        return await sender.SendAsync(
            new HttpCall { Method = HttpMethod.Get, Address = new Uri($"https://localhost:{server.Port}/"), Timeout = TimeSpan.FromSeconds(30) },
            TestContext.Current.CancellationToken);
    }

    private Dictionary<string, string> Bundle(params Authority[] authorities)
    {
        var file = Path.Combine(folder.FullName, Guid.NewGuid() + ".pem");
        File.WriteAllText(file, "# a comment\n" + string.Join("\n", authorities.Select(a => a.Certificate.ExportCertificatePem())) + "\n");
        return new Dictionary<string, string> { ["AWS_CA_BUNDLE"] = file };
    }

    /// <summary>A certificate authority made for one test.</summary>
    private sealed class Authority : IDisposable
    {
        private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        public Authority(string name, Authority? parent = null)
        {
            var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            var (from, to) = (DateTimeOffset.UtcNow.AddYears(-2), DateTimeOffset.UtcNow.AddYears(1));
            Certificate = parent is null
                ? request.CreateSelfSigned(from, to)
                : request.Create(parent.Certificate, from, to.AddDays(-1), [1, 2, 3]).CopyWithPrivateKey(key);
        }

        public X509Certificate2 Certificate { get; }

        public X509Certificate2 Issue(string host, bool expired = false, string usage = ServerAuth)
        {
            using var serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using var issued = Issue(host, serverKey, usage, expired);
            return issued.CopyWithPrivateKey(serverKey);
        }

        /// <summary>A certificate of a key that the caller has.</summary>
        public X509Certificate2 Issue(string host, AsymmetricAlgorithm owned, string usage, bool expired = false)
        {
            var request = owned is RSA rsa
                ? new CertificateRequest("CN=" + host, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                : new CertificateRequest("CN=" + host, (ECDsa)owned, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(host);
            request.CertificateExtensions.Add(names.Build());
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
            var to = DateTimeOffset.UtcNow.AddDays(expired ? -1 : 30);
            return request.Create(Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(key), DateTimeOffset.UtcNow.AddDays(-10), to, [4, 5, 6]);
        }

        public void Dispose()
        {
            Certificate.Dispose();
            key.Dispose();
        }
    }
}
