using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EksNode.Simulation.Kubernetes;

/// <summary>A cluster's certificate authority, with its key: it issues certificates and signs requests.</summary>
public sealed class ClusterAuthority : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    // EC2's cluster authorities are RSA or ECDSA; serving certificates live a year there, a day is enough for a test.
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    private readonly X509Certificate2 certificate;

    public ClusterAuthority(string name = "kubernetes")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = TimeProvider.System.GetUtcNow();
        certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddYears(10));
    }

    /// <summary>The certificate, in PEM.</summary>
    public string Pem => certificate.ExportCertificatePem() + "\n";

    /// <summary>The key, in PEM (PKCS #8), for programs that sign by themselves.</summary>
    public string KeyPem => certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem() + "\n";

    /// <summary>A server's certificate with its key.</summary>
    public X509Certificate2 IssueServer(string name, IEnumerable<string> hosts, IEnumerable<IPAddress> addresses)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            names.AddDnsName(host);
        }

        foreach (var address in addresses)
        {
            names.AddIpAddress(address);
        }

        return Issue($"CN={name}", ServerAuthentication, names.Build());
    }

    /// <summary>A client's certificate with its key: user and groups as Kubernetes reads them.</summary>
    public X509Certificate2 IssueClient(string user, params IReadOnlyList<string> groups) =>
        Issue(string.Join(", ", groups.Select(group => $"O={group}").Prepend($"CN={user}")), ClientAuthentication, null);

    /// <summary>Signs a kubelet's request for a serving certificate, with the names that it asks for.</summary>
    /// <param name="pem">The request, PKCS #10 in PEM.</param>
    /// <returns>The certificate in PEM.</returns>
    /// <exception cref="CryptographicException">The request cannot be read or is not signed by its own key.</exception>
    public string SignServing(string pem)
    {
        var request = Read(pem);
        var signed = new CertificateRequest(request.SubjectName, request.PublicKey, HashAlgorithmName.SHA256);
        AddLeafExtensions(signed, ServerAuthentication, NamesOf(request));
        var now = TimeProvider.System.GetUtcNow();
        using var issued = signed.Create(certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(certificate.GetECDsaPrivateKey()!), now.AddMinutes(-5), now + Lifetime, Serial());
        return issued.ExportCertificatePem() + "\n";
    }

    /// <summary>Reads a request and checks that it is signed by its own key.</summary>
    internal static CertificateRequest Read(string pem) => CertificateRequest.LoadSigningRequestPem(
        pem, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions, RSASignaturePadding.Pkcs1);

    /// <summary>The subject alternative names that a request asks for; null for none.</summary>
    internal static X509Extension? NamesOf(CertificateRequest request) => request.CertificateExtensions.FirstOrDefault(extension => extension.Oid?.Value == "2.5.29.17");

    public void Dispose() => certificate.Dispose();

    private X509Certificate2 Issue(string subject, string usage, X509Extension? names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        AddLeafExtensions(request, usage, names);
        var now = TimeProvider.System.GetUtcNow();
        using var issued = request.Create(certificate, now.AddMinutes(-5), now + Lifetime, Serial());
        using var withKey = issued.CopyWithPrivateKey(key);
        // A key that was never in a file is of no use to a TLS server on every platform: take it through PKCS #12.
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }

    private static void AddLeafExtensions(CertificateRequest request, string usage, X509Extension? names)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (names is not null)
        {
            request.CertificateExtensions.Add(names);
        }
    }

    private static byte[] Serial()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f;
        return serial;
    }
}
