using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace EksNode.StandInKubelet;

/// <summary>The serving certificate: asked for through a certificate signing request, waited for, kept for the next start.</summary>
internal sealed class ServingCertificate(string name, IPAddress address, ApiServer api)
{
    private const string Requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
    private const string Kept = "/var/lib/kubelet/pki/kubelet-server-current.pem";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>The certificate with its key.</summary>
    public async Task<X509Certificate2> GetAsync(CancellationToken cancellation)
    {
        if (File.Exists(Kept) && X509Certificate2.CreateFromPem(File.ReadAllText(Kept), File.ReadAllText(Kept)) is var kept && kept.NotAfter > DateTime.Now)
        {
            return ForTls(kept);
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var path = await AskAsync(key, cancellation);
        while (true)
        {
            var (status, body) = await api.GetAsync(path, cancellation);
            if (status != HttpStatusCode.OK)
            {
                throw new HttpRequestException($"cannot watch on the certificate signing request: {(int)status} {body?["message"]}");
            }

            if (body?["status"]?["certificate"]?.GetValue<string>() is { Length: > 0 } encoded)
            {
                var pem = Encoding.ASCII.GetString(Convert.FromBase64String(encoded));
                Keep(pem + key.ExportPkcs8PrivateKeyPem() + "\n");
                using var certificate = X509Certificate2.CreateFromPem(pem);
                using var withKey = certificate.CopyWithPrivateKey(key);
                return ForTls(withKey);
            }

            await Task.Delay(Pause, cancellation);
        }
    }

    private async Task<string> AskAsync(ECDsa key, CancellationToken cancellation)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(address);
        var request = new CertificateRequest($"O=system:nodes, CN=system:node:{name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        var (status, body) = await api.PostAsync(
            Requests,
            new JsonObject
            {
                ["apiVersion"] = "certificates.k8s.io/v1",
                ["kind"] = "CertificateSigningRequest",
                ["metadata"] = new JsonObject { ["generateName"] = "csr-" },
                ["spec"] = new JsonObject
                {
                    ["request"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(request.CreateSigningRequestPem())),
                    ["signerName"] = "kubernetes.io/kubelet-serving",
                    ["usages"] = new JsonArray("digital signature", "server auth"),
                },
            },
            cancellation);
        return status == HttpStatusCode.Created
            ? $"{Requests}/{body!["metadata"]!["name"]!.GetValue<string>()}"
            : throw new HttpRequestException($"cannot create certificate signing request: {(int)status} {body?["message"]}");
    }

    private static X509Certificate2 ForTls(X509Certificate2 certificate) => X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);

    private static void Keep(string pem)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Kept)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var partial = Kept + ".new";
        using (var file = new FileStream(partial, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            file.Write(Encoding.ASCII.GetBytes(pem));
        }

        File.Move(partial, Kept, overwrite: true);
    }
}
