using EksNode.Configuration.Text;
using EksNode.Host.Downloads;
using static EksNode.Host.Tests.Downloads.DownloadBench;

namespace EksNode.Host.Tests.Downloads;

/// <summary>Signatures beside a file, on a server and in a folder.</summary>
public sealed class SignatureTests : IDisposable
{
    private static readonly DownloadSignature ByKubernetes = new("cosign", SigningAuthority.Signer);

    private readonly DownloadBench bench = new();
    private readonly SigningAuthority authority = new();

    public void Dispose()
    {
        bench.Dispose();
        authority.Dispose();
    }

    [Fact]
    public async Task R16_A_signature_beside_the_file_is_verified()
    {
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(10_000));
        var (signature, certificate) = authority.Sign(kubelet.Content);
        server.Add("/kubelet.sig", signature).First.Enqueue("503 Busy\r\nContent-Length: 0");
        server.Add("/kubelet.cert", certificate);

        var file = await bench.FetchAsync(Of(server.At("/kubelet"), kubelet.Sha256, ByKubernetes), Options(cosign: authority.Verifier));

        Assert.Equal((true, null), (file.IsSignatureVerified, file.Remark));
    }

    [Fact]
    public async Task R16_A_wrong_signature_is_an_error_although_the_checksum_is_right()
    {
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(10_000));
        var (signature, certificate) = authority.Sign(kubelet.Content, "somebody@example.com");
        server.Add("/kubelet.sig", signature);
        server.Add("/kubelet.cert", certificate);

        var diagnostic = await bench.FailAsync(Of(server.At("/kubelet"), kubelet.Sha256, ByKubernetes), Options(cosign: authority.Verifier));

        Assert.Equal(DiagnosticCatalogue.SignatureWrong.Code, diagnostic.Code);
        Assert.Contains(server.At("/kubelet.sig").ToString(), diagnostic.Message);
        Assert.Contains("it was not made by " + SigningAuthority.Subject, diagnostic.Message);
    }

    [Theory]
    [InlineData(".sig")]
    [InlineData(".cert")]
    public async Task A_missing_signature_is_a_warning_that_names_it(string missing)
    {
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(10_000));
        server.Add("/kubelet" + (missing == ".sig" ? ".cert" : ".sig"), "AAAA");

        var file = await bench.FetchAsync(Of(server.At("/kubelet"), kubelet.Sha256, ByKubernetes));

        Assert.Equal((false, DiagnosticCatalogue.SignatureMissing.Code, Severity.Warning), (file.IsSignatureVerified, file.Remark?.Code, file.Remark?.Severity));
        Assert.Contains(server.At("/kubelet" + missing) + " cannot be had, the server answers 404", file.Remark?.Message);
    }

    [Fact]
    public async Task A_folder_has_signatures_as_well()
    {
        var path = Path.Combine(bench.Temporary, "kubelet");
        File.WriteAllText(path, "kubelet");
        var download = Of(new Uri(path), EksNode.Host.Hashing.Sha256.Of("kubelet"u8), ByKubernetes);

        var without = await bench.FetchAsync(download);
        var (signature, certificate) = authority.Sign("kubelet"u8.ToArray());
        File.WriteAllText(path + ".sig", signature);
        File.WriteAllText(path + ".cert", certificate);
        var with = await bench.FetchAsync(download, Options(cosign: authority.Verifier));

        Assert.Contains(path + ".sig cannot be had, there is no such file", without.Remark?.Message);
        Assert.Equal((true, null), (with.IsSignatureVerified, with.Remark));
    }
}
