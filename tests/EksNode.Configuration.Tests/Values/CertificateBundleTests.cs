using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.Tests.Values;

public sealed class CertificateBundleTests
{
    private static readonly string Elliptic = Pem(ECDsa.Create(ECCurve.NamedCurves.nistP256));
    private static readonly string Rsa = Pem(RSA.Create(2048));

    public static TheoryData<string, string> Bad => new()
    {
        { "", "empty" },
        { "hello", "no PEM certificate" },
        { "-----BEGIN CERTIFICATE-----\n", "damaged or cut off" },
        { Elliptic[..^30], "damaged or cut off" },
        { Elliptic + Rsa[..200], "block 2" },
        { Elliptic.Replace("CERTIFICATE", "TRUSTED CERTIFICATE", StringComparison.Ordinal), "TRUSTED CERTIFICATE" },
        { Elliptic + "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n", "private key" },
        { "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "Certificate 1" },
        { Elliptic + "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", "Certificate 2" },
        { Convert.ToBase64String(Encoding.ASCII.GetBytes(Elliptic)), "twice" },
        { "\u00e9" + Elliptic, "not ASCII" },
    };

    [Fact]
    public void One_certificate_or_several_with_text_between_them_are_a_bundle()
    {
        Assert.Equal(1, Count(Elliptic));
        Assert.Equal(1, Count(Rsa));
        Assert.Equal(2, Count(Elliptic + Rsa));
        Assert.Equal(2, Count($"# the old one\n{Elliptic}\n\n# the new one\r\n{Rsa.Replace("\n", "\r\n", StringComparison.Ordinal)}"));
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void What_is_no_bundle_is_explained(string text, string message)
    {
        var problem = CertificateBundle.Parse(Encoding.UTF8.GetBytes(text)).Problem;
        Assert.NotNull(problem);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Der_is_told_from_rubbish()
    {
        using var certificate = X509Certificate2.CreateFromPem(Elliptic);
        Assert.Contains("DER", CertificateBundle.Parse(certificate.RawData).Problem?.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("DER", CertificateBundle.Parse(certificate.RawData.AsSpan(0, 50)).Problem?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_byte_cut_off_a_certificate_is_noticed()
    {
        using var certificate = X509Certificate2.CreateFromPem(Elliptic);
        for (var length = 1; length < certificate.RawData.Length; length++)
        {
            var pem = new string(PemEncoding.Write("CERTIFICATE", certificate.RawData.AsSpan(0, length)));
            Assert.False(CertificateBundle.Parse(Encoding.ASCII.GetBytes(pem)).IsValid, $"{length} bytes");
        }
    }

    private static int Count(string pem) => CertificateBundle.Parse(Encoding.ASCII.GetBytes(pem)).Value;

    private static string Pem(AsymmetricAlgorithm key)
    {
        var request = key is RSA rsa
            ? new CertificateRequest("CN=kubernetes", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest("CN=kubernetes", (ECDsa)key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var certificate = request.CreateSelfSigned(start, start.AddYears(10));
        key.Dispose();
        return certificate.ExportCertificatePem() + "\n";
    }
}
