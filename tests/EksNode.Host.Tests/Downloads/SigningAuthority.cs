using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EksNode.Host.Downloads;

namespace EksNode.Host.Tests.Downloads;

/// <summary>An authority of the form of sigstore's, and what it signs.</summary>
internal sealed class SigningAuthority : IDisposable
{
    public const string Subject = "krel-staging@k8s-releng-prod.iam.gserviceaccount.com";
    public const string Issuer = "https://accounts.google.com";
    public const string Signer = Subject + " " + Issuer;

    private const string CodeSigning = "1.3.6.1.5.5.7.3.3";

    private readonly ECDsa rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    private readonly ECDsa intermediateKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    private readonly X509Certificate2 root;
    private readonly X509Certificate2 intermediate;

    public SigningAuthority()
    {
        var name = new CertificateRequest("O=sigstore.dev, CN=sigstore", rootKey, HashAlgorithmName.SHA384);
        name.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        root = name.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-3), DateTimeOffset.UtcNow.AddYears(5));
        var below = new CertificateRequest("O=sigstore.dev, CN=sigstore-intermediate", intermediateKey, HashAlgorithmName.SHA384);
        below.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        below.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(CodeSigning)], false));
        intermediate = below.Create(root, DateTimeOffset.UtcNow.AddYears(-2), DateTimeOffset.UtcNow.AddYears(4), [7]);
    }

    public CosignVerifier Verifier => new(root.ExportCertificatePem() + "\n" + intermediate.ExportCertificatePem() + "\n");

    /// <summary>A certificate as the authority issues it: valid for ten minutes, a year ago.</summary>
    public X509Certificate2 Certificate(
        AsymmetricAlgorithm key, string subject = Subject, string? issuer = Issuer, bool old = false, string usage = CodeSigning, bool isUrl = false)
    {
        var request = key is RSA rsa
            ? new CertificateRequest("", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest("", (ECDsa)key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (isUrl)
        {
            names.AddUri(new Uri(subject));
        }
        else
        {
            names.AddEmailAddress(subject);
        }

        request.CertificateExtensions.Add(names.Build(critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (issuer is not null && old)
        {
            request.CertificateExtensions.Add(new X509Extension("1.3.6.1.4.1.57264.1.1", Encoding.UTF8.GetBytes(issuer), false));
        }
        else if (issuer is not null)
        {
            var text = new AsnWriter(AsnEncodingRules.DER);
            text.WriteCharacterString(UniversalTagNumber.UTF8String, issuer);
            request.CertificateExtensions.Add(new X509Extension("1.3.6.1.4.1.57264.1.8", text.Encode(), false));
        }

        var from = DateTimeOffset.UtcNow.AddYears(-1);
        return request.Create(intermediate.SubjectName, X509SignatureGenerator.CreateForECDsa(intermediateKey), from, from.AddMinutes(10), [1, 2, 3]);
    }

    /// <summary>What the publisher has beside a file: base64 of a signature, and base64 of a certificate as PEM.</summary>
    public (string Signature, string Certificate) Sign(byte[] content, string subject = Subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Certificate(key, subject);
        return (SignatureOf(key, content), Convert.ToBase64String(Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n")));
    }

    public static string SignatureOf(ECDsa key, byte[] content) =>
        Convert.ToBase64String(key.SignData(content, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)) + "\n";

    public void Dispose()
    {
        root.Dispose();
        intermediate.Dispose();
        rootKey.Dispose();
        intermediateKey.Dispose();
    }
}
