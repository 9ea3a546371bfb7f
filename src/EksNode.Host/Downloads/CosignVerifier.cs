using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EksNode.Host.Http;

namespace EksNode.Host.Downloads;

/// <summary>
/// Verifies the signature of a file that cosign made without a long-lived key, as Kubernetes' releases are signed: the key lived for minutes, and its
/// certificate says who had logged in, at whom. The certificate must be one of sigstore's authority, judged at the moment from which on
/// it is valid: it ends ten minutes later. The log of signatures (Rekor) is not asked, so that a mirror is enough.
/// </summary>
/// <remarks>Certificates of Fulcio: "Fulcio OID Information" and "Certificate Specification" of sigstore; blobs: "cosign sign-blob".</remarks>
internal sealed class CosignVerifier
{
    private const string CodeSigning = "1.3.6.1.5.5.7.3.3"; // RFC 5280, 4.2.1.12
    private const string SubjectAlternativeName = "2.5.29.17"; // RFC 5280, 4.2.1.6
    private const string Issuer = "1.3.6.1.4.1.57264.1.8";
    private const string OldIssuer = "1.3.6.1.4.1.57264.1.1"; // the text itself, without a type

    private readonly string authorities;

    /// <summary>A verifier that trusts certificates of these authorities.</summary>
    /// <param name="authorities">Certificates as PEM: those that signed themselves are trusted, the others may be on the way to one.</param>
    public CosignVerifier(string authorities) => this.authorities = authorities;

    /// <summary>The authority of sigstore's public instance: <c>data/sigstore-fulcio.pem</c>.</summary>
    public static CosignVerifier OfPublicInstance()
    {
        const string name = "sigstore-fulcio.pem";
        using var stream = typeof(CosignVerifier).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not embedded.");
        using var reader = new StreamReader(stream);
        return new CosignVerifier(reader.ReadToEnd());
    }

    /// <summary>What is wrong with a signature, as a clause; null: nothing.</summary>
    /// <param name="sha256">The SHA-256 of the signed file.</param>
    /// <param name="signature">The signature: base64 of an ECDSA signature in DER.</param>
    /// <param name="certificate">The certificate as PEM, or base64 of that.</param>
    /// <param name="signer">Who must have signed: the subject, a blank, and who vouches for it.</param>
    public string? Fault(ReadOnlySpan<byte> sha256, string signature, string certificate, string signer)
    {
        try
        {
            using var leaf = ReadCertificate(certificate);
            if (!IsOfAuthority(leaf))
            {
                return "its certificate is not one of sigstore's authority";
            }

            var blank = signer.LastIndexOf(' ');
            return IdentityFault(leaf, signer[..blank], signer[(blank + 1)..])
                ?? (HasSigned(leaf, sha256, Convert.FromBase64String(signature)) ? null : "it is the signature of another file");
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException or FormatException)
        {
            return "it cannot be read: " + e.Message.TrimEnd('.');
        }
    }

    private static X509Certificate2 ReadCertificate(string text)
    {
        const string pem = "-----BEGIN";
        return X509Certificate2.CreateFromPem(text.Contains(pem, StringComparison.Ordinal) ? text : Encoding.ASCII.GetString(Convert.FromBase64String(text)));
    }

    private bool IsOfAuthority(X509Certificate2 leaf)
    {
        SystemTrust.LoadEmpty();
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.VerificationTime = leaf.NotBefore;
        policy.ApplicationPolicy.Add(new Oid(CodeSigning));
        AddAuthorities(policy);
        try
        {
            return chain.Build(leaf);
        }
        finally
        {
            Dispose(policy.CustomTrustStore);
            Dispose(policy.ExtraStore);
        }
    }

    private static void Dispose(X509Certificate2Collection certificates)
    {
        foreach (var certificate in certificates)
        {
            certificate.Dispose();
        }
    }

    private void AddAuthorities(X509ChainPolicy policy)
    {
        var rest = authorities.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            var one = X509Certificate2.CreateFromPem(rest[fields.Location]);
            var isRoot = one.SubjectName.RawData.AsSpan().SequenceEqual(one.IssuerName.RawData);
            (isRoot ? policy.CustomTrustStore : policy.ExtraStore).Add(one);
            rest = rest[fields.Location.End..];
        }
    }

    private static string? IdentityFault(X509Certificate2 leaf, string subject, string issuer)
    {
        var actual = IssuerOf(leaf);
        return actual != issuer ? $"{actual ?? "nobody"} vouches for who made it, and not {issuer}"
            : !IsOf(leaf, subject) ? $"it was not made by {subject}"
            : null;
    }

    private static string? IssuerOf(X509Certificate2 leaf)
    {
        if (leaf.Extensions[Issuer] is { } typed)
        {
            var tag = AsnDecoder.ReadEncodedValue(typed.RawData, AsnEncodingRules.DER, out var start, out var length, out _);
            return tag == new Asn1Tag(UniversalTagNumber.UTF8String) ? Encoding.UTF8.GetString(typed.RawData, start, length) : null;
        }

        return leaf.Extensions[OldIssuer] is { } plain ? Encoding.UTF8.GetString(plain.RawData) : null;
    }

    // A person's or a service's address is an rfc822Name, that of a workflow a uniformResourceIdentifier.
    private static bool IsOf(X509Certificate2 leaf, string subject)
    {
        if (leaf.Extensions[SubjectAlternativeName] is not { } extension)
        {
            return false;
        }

        AsnDecoder.ReadSequence(extension.RawData, AsnEncodingRules.DER, out var start, out var length, out _);
        var names = extension.RawData.AsSpan(start, length);
        while (!names.IsEmpty)
        {
            var tag = AsnDecoder.ReadEncodedValue(names, AsnEncodingRules.DER, out var at, out var count, out var consumed);
            if (tag is { TagClass: TagClass.ContextSpecific, TagValue: 1 or 6 } && Encoding.UTF8.GetString(names.Slice(at, count)) == subject)
            {
                return true;
            }

            names = names[consumed..];
        }

        return false;
    }

    private static bool HasSigned(X509Certificate2 leaf, ReadOnlySpan<byte> sha256, byte[] signature)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(leaf.PublicKey.ExportSubjectPublicKeyInfo(), out _);
        return key.VerifyHash(sha256, signature, DSASignatureFormat.Rfc3279DerSequence);
    }
}
