using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EksNode.Host.Downloads;
using static EksNode.Host.Tests.Downloads.SigningAuthority;

namespace EksNode.Host.Tests.Downloads;

public sealed class CosignVerifierTests : IDisposable
{
    private static readonly byte[] Kubelet = "kubelet"u8.ToArray();

    private readonly SigningAuthority authority = new();
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose()
    {
        authority.Dispose();
        key.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void R16_A_signature_of_the_publisher_is_right_long_after_its_certificate_ended(bool old)
    {
        using var certificate = authority.Certificate(key, old: old);

        Assert.Null(Fault(certificate));
        // As PEM as well as in base64 once more.
        Assert.Null(authority.Verifier.Fault(SHA256.HashData(Kubelet), SignatureOf(key, Kubelet), certificate.ExportCertificatePem(), Signer));
    }

    [Fact]
    public void A_workflow_has_an_address_as_its_name()
    {
        const string workflow = "https://github.com/containerd/containerd/.github/workflows/release.yml@refs/tags/v2.2.4";
        using var certificate = authority.Certificate(key, workflow, isUrl: true);

        Assert.Null(Fault(certificate, signer: $"{workflow} {Issuer}"));
    }

    [Fact]
    public void The_signature_of_another_file_is_wrong()
    {
        using var certificate = authority.Certificate(key);

        Assert.Equal("it is the signature of another file", Fault(certificate, "other"u8.ToArray()));
    }

    [Fact]
    public void A_signature_by_another_key_is_wrong()
    {
        using var another = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = authority.Certificate(another);

        Assert.Equal("it is the signature of another file", Fault(certificate));
    }

    [Theory]
    [InlineData("somebody@example.com", Issuer, "it was not made by " + Subject)]
    [InlineData("x" + Subject, Issuer, "it was not made by " + Subject)]
    [InlineData(Subject, "https://token.actions.githubusercontent.com", "https://token.actions.githubusercontent.com vouches for who made it, and not " + Issuer)]
    [InlineData(Subject, null, "nobody vouches for who made it, and not " + Issuer)]
    public void Somebody_else_s_signature_is_wrong(string subject, string? issuer, string fault)
    {
        using var certificate = authority.Certificate(key, subject, issuer);

        Assert.Equal(fault, Fault(certificate));
    }

    [Fact]
    public void A_certificate_of_another_authority_is_none()
    {
        using var impostor = new SigningAuthority();
        using var certificate = impostor.Certificate(key);

        Assert.Equal("its certificate is not one of sigstore's authority", Fault(certificate));
        Assert.Equal(
            "its certificate is not one of sigstore's authority",
            CosignVerifier.OfPublicInstance().Fault(SHA256.HashData(Kubelet), SignatureOf(key, Kubelet), certificate.ExportCertificatePem(), Signer));
    }

    [Fact]
    public void A_certificate_for_servers_is_none()
    {
        using var certificate = authority.Certificate(key, usage: "1.3.6.1.5.5.7.3.1");

        Assert.Equal("its certificate is not one of sigstore's authority", Fault(certificate));
    }

    [Fact]
    public void What_cannot_be_read_is_wrong()
    {
        using var certificate = authority.Certificate(key);
        using var rsa = RSA.Create(2048);
        using var other = authority.Certificate(rsa);
        var pem = certificate.ExportCertificatePem();
        var hash = SHA256.HashData(Kubelet);

        foreach (var (signature, text) in ((string, string)[])
        [
            ("not base64!", pem), ("", ""), (SignatureOf(key, Kubelet), "not base64!"), (SignatureOf(key, Kubelet), "AAAA"),
            (SignatureOf(key, Kubelet), pem[..200]), (SignatureOf(key, Kubelet), other.ExportCertificatePem()),
        ])
        {
            Assert.StartsWith("it cannot be read: ", authority.Verifier.Fault(hash, signature, text, Signer));
        }

        Assert.Equal("it is the signature of another file", authority.Verifier.Fault(hash, "AAAA", pem, Signer));
    }

    /// <summary>The authority in <c>data/</c>: what the metadata of sigstore's root-signing repository names, by fingerprint.</summary>
    [Fact]
    public void The_public_authority_is_the_one_that_sigstore_published()
    {
        using var stream = typeof(CosignVerifier).Assembly.GetManifestResourceStream("sigstore-fulcio.pem")!;
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(reader.ReadToEnd());

        Assert.Equal(
            [
                "3BA7B6CC4E95469D4D334B49CB257AD8537076FA84B0CA87FF4ECFE6A54680C1",
                "15D795348226B4649F750F5802592C393BEE7CC53C3B86982175B7AD087EFE47",
            ],
            certificates.Select(c => c.GetCertHashString(HashAlgorithmName.SHA256)));
        Assert.Equal(["O=sigstore.dev, CN=sigstore", "O=sigstore.dev, CN=sigstore-intermediate"], certificates.Select(c => string.Join(", ", c.Subject.Split(", ").Order().Reverse())));
    }

    [Fact]
    public void R16_A_signature_of_the_public_instance_is_verified()
    {
        var verifier = CosignVerifier.OfPublicInstance();
        var hash = SHA256.HashData(PublicSignature.Content);

        Assert.Null(verifier.Fault(hash, PublicSignature.Signature, PublicSignature.Certificate, PublicSignature.Signer));
        Assert.Equal(
            "it is the signature of another file",
            verifier.Fault(SHA256.HashData(Kubelet), PublicSignature.Signature, PublicSignature.Certificate, PublicSignature.Signer));
        Assert.Equal(
            $"https://token.actions.githubusercontent.com vouches for who made it, and not {Issuer}",
            verifier.Fault(hash, PublicSignature.Signature, PublicSignature.Certificate, Signer));
    }

    private string? Fault(X509Certificate2 certificate, byte[]? content = null, string signer = Signer) => authority.Verifier.Fault(
        SHA256.HashData(content ?? Kubelet),
        SignatureOf(key, Kubelet),
        Convert.ToBase64String(Encoding.ASCII.GetBytes(certificate.ExportCertificatePem())),
        signer);
}
