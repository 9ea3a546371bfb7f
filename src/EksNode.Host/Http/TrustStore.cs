using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EksNode.Configuration.Text;

namespace EksNode.Host.Http;

/// <summary>
/// The certificate authorities that a server is checked against: a bundle of PEM certificates, of which only those are loaded that
/// the server's certificates name as issuers.
/// </summary>
/// <remarks>
/// .NET reads every file of OpenSSL's certificate folder before the first handshake, whatever trust a caller asks for: 50 ms and
/// 5 MB at the start of a program that lives 30 ms. So the machine's store is loaded as an empty one (see
/// <see cref="SystemTrust"/>), and each handshake is judged here, by the same OpenSSL, against the authorities of the bundle.
/// </remarks>
public sealed class TrustStore
{
    /// <summary>The bundles of distributions: Amazon Linux and Fedora, Debian, the first without links, Alpine.</summary>
    private static readonly string[] KnownBundles =
    [
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ];

    private readonly Func<IEnumerable<string>> readBundles;
    private readonly Lazy<List<Authority>> authorities;

    private TrustStore(string name, Func<IEnumerable<string>> readBundles)
    {
        Name = name;
        this.readBundles = readBundles;
        authorities = new Lazy<List<Authority>>(Load, LazyThreadSafetyMode.ExecutionAndPublication);
    }

    /// <summary>Where the authorities come from, for messages: <c>AWS_CA_BUNDLE (/etc/own.pem)</c>.</summary>
    public string Name { get; }

    /// <summary>
    /// The store that the environment asks for: <c>AWS_CA_BUNDLE</c>, else <c>SSL_CERT_FILE</c>, else <c>SSL_CERT_DIR</c> (folders
    /// separated by colons), else the distribution's bundle. Nothing is read before the first handshake.
    /// </summary>
    public static TrustStore FromEnvironment(IReadOnlyDictionary<string, string> environment)
    {
        foreach (var name in (ReadOnlySpan<string>)["AWS_CA_BUNDLE", "SSL_CERT_FILE"])
        {
            if (environment.TryGetValue(name, out var file) && file.Length > 0)
            {
                return OfFiles($"{name} ({file})", () => [file]);
            }
        }

        if (environment.TryGetValue("SSL_CERT_DIR", out var folders) && folders.Length > 0)
        {
            return OfFiles($"SSL_CERT_DIR ({folders})", () => FilesOf(folders));
        }

        var bundle = Array.Find(KnownBundles, File.Exists) ?? KnownBundles[0];
        return OfFiles(bundle, () => [bundle]);
    }

    /// <summary>A store of the certificates in a text.</summary>
    /// <param name="name">Where they come from, for messages.</param>
    /// <param name="pem">One or more certificates, as PEM.</param>
    public static TrustStore Of(string name, ReadOnlyMemory<byte> pem) => new(name, () => [Encoding.Latin1.GetString(pem.Span)]);

    /// <summary>This store and more certificates.</summary>
    /// <param name="name">Where they come from, for messages.</param>
    /// <param name="pem">The certificates, as PEM.</param>
    public TrustStore With(string name, string pem) => new($"{Name} and {name}", () => readBundles().Append(pem));

    /// <summary>The TLS options of a client that trusts this store.</summary>
    /// <exception cref="DiagnosticException">A file of the store cannot be read or holds no certificate.</exception>
    public SslClientAuthenticationOptions ClientOptions()
    {
        // Read now, so that a bundle that is missing is not mistaken for a server that is not trusted.
        _ = authorities.Value;
        SystemTrust.LoadEmpty();
        return new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = Policy([]),
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => IsTrusted(certificate, chain, errors),
        };
    }

    private static X509ChainPolicy Policy(X509Certificate2Collection roots)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1")); // TLS server authentication, RFC 5280 §4.2.1.12
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }

    // .NET has compared the name; its verdict about the chain is always no, since it was given no roots.
    private bool IsTrusted(X509Certificate? certificate, X509Chain? sent, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 server)
        {
            throw new AuthenticationException("the server has no certificate");
        }

        if ((errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0)
        {
            throw new AuthenticationException("the server's certificate is for another name");
        }

        var presented = new X509Certificate2Collection(server);
        if (sent is not null)
        {
            presented.AddRange(sent.ChainPolicy.ExtraStore);
        }

        var roots = new X509Certificate2Collection();
        using var chain = new X509Chain();
        try
        {
            foreach (var one in presented)
            {
                AddIssuers(one.IssuerName.RawData, roots);
            }

            chain.ChainPolicy = Policy(roots);
            chain.ChainPolicy.ExtraStore.AddRange(presented);
            return chain.Build(server) ? true : throw new AuthenticationException(Explain(chain));
        }
        finally
        {
            foreach (var element in chain.ChainElements)
            {
                element.Certificate.Dispose();
            }

            foreach (var root in roots)
            {
                root.Dispose();
            }
        }
    }

    private string Explain(X509Chain chain)
    {
        foreach (var status in chain.ChainStatus)
        {
            switch (status.Status)
            {
                case X509ChainStatusFlags.NotTimeValid:
                    return "the server's certificate is not valid at this host's time: it has expired, or the clock is wrong";
                case X509ChainStatusFlags.NotValidForUsage:
                    return "the server's certificate is not for a TLS server";
                default:
                    break;
            }
        }

        return $"the server's certificate is not signed by an authority in {Name}";
    }

    private void AddIssuers(ReadOnlySpan<byte> issuer, X509Certificate2Collection roots)
    {
        foreach (var authority in authorities.Value)
        {
            if (issuer.SequenceEqual(authority.Certificate.AsSpan(authority.Subject)))
            {
                roots.Add(X509CertificateLoader.LoadCertificate(authority.Certificate));
            }
        }
    }

    private static TrustStore OfFiles(string name, Func<IReadOnlyList<string>> files) =>
        new(name, () => files().Select(f => File.ReadAllText(f, Encoding.Latin1)));

    private List<Authority> Load()
    {
        var found = new List<Authority>();
        try
        {
            foreach (var bundle in readBundles())
            {
                ReadBundle(bundle, found);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(
                new Diagnostic(
                    DiagnosticCatalogue.TrustStoreUnreadable.Code,
                    Severity.Error,
                    $"The certificate authorities in {Name} cannot be read: {e.Message.TrimEnd('.')}.",
                    "Install the package ca-certificates, or set AWS_CA_BUNDLE to a readable file of PEM certificates."),
                e);
        }

        return found.Count > 0
            ? found
            : throw new DiagnosticException(
                DiagnosticCatalogue.TrustStoreUnreadable,
                $"There is no certificate in {Name}.",
                "Install the package ca-certificates, or set AWS_CA_BUNDLE to a file of PEM certificates.");
    }

    private static List<string> FilesOf(string folders)
    {
        var files = new List<string>();
        foreach (var folder in folders.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            files.AddRange(Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal));
        }

        return files;
    }

    private static void ReadBundle(ReadOnlySpan<char> text, List<Authority> found)
    {
        while (PemEncoding.TryFind(text, out var fields))
        {
            // "TRUSTED CERTIFICATE" (OpenSSL's own form) ends in bytes that are no certificate, so it is not read.
            if (text[fields.Label] is "CERTIFICATE" or "X509 CERTIFICATE")
            {
                var certificate = new byte[fields.DecodedDataLength];
                if (Convert.TryFromBase64Chars(text[fields.Base64Data], certificate, out var length)
                    && Der.SubjectOf(certificate.AsSpan(0, length)) is { } subject)
                {
                    found.Add(new Authority(certificate, subject));
                }
            }

            text = text[fields.Location.End..];
        }
    }

    private sealed record Authority(byte[] Certificate, Range Subject);

    /// <summary>Finds the subject of a certificate without decoding the rest (X.690, RFC 5280 §4.1).</summary>
    private static class Der
    {
        private const byte Sequence = 0x30;
        private const byte Version = 0xA0;

        public static Range? SubjectOf(ReadOnlySpan<byte> certificate)
        {
            var at = 0;
            if (!Enter(certificate, ref at) || !Enter(certificate, ref at))
            {
                return null;
            }

            // version (when there), serialNumber, signature, issuer, validity; then comes the subject.
            var before = at < certificate.Length && certificate[at] == Version ? 5 : 4;
            for (var i = 0; i < before; i++)
            {
                if (!Skip(certificate, ref at))
                {
                    return null;
                }
            }

            var start = at;
            return at < certificate.Length && certificate[at] == Sequence && Skip(certificate, ref at) ? start..at : null;
        }

        private static bool Enter(ReadOnlySpan<byte> data, ref int at) =>
            at < data.Length && data[at] == Sequence && Length(data, ref at) >= 0;

        private static bool Skip(ReadOnlySpan<byte> data, ref int at)
        {
            var length = Length(data, ref at);
            at += Math.Max(length, 0);
            return length >= 0;
        }

        private static int Length(ReadOnlySpan<byte> data, ref int at)
        {
            if (at + 2 > data.Length)
            {
                return -1;
            }

            int length = data[at + 1];
            at += 2;
            if (length >= 0x80)
            {
                var bytes = length & 0x7F;
                if (bytes is 0 or > 3 || at + bytes > data.Length)
                {
                    return -1;
                }

                length = 0;
                for (var i = 0; i < bytes; i++)
                {
                    length = (length << 8) | data[at++];
                }
            }

            return at + length <= data.Length ? length : -1;
        }
    }
}
