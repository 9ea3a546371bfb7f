using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EksNode.Simulation.Scenarios;

/// <summary>The certificate authority of the simulated cluster: a real self-signed certificate, made once a process.</summary>
public static class ClusterCertificate
{
    private static readonly Lazy<string> Lazily = new(Create);

    public static string Pem => Lazily.Value;

    /// <summary>The form that user data and EKS DescribeCluster carry.</summary>
    public static string Base64 => Convert.ToBase64String(Encoding.ASCII.GetBytes(Pem));

    private static string Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kubernetes", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
        return certificate.ExportCertificatePem() + "\n";
    }
}
