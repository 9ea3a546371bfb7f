using System.Collections.Immutable;
using System.Text.Json;
using EksNode.Imaging.Bills;

namespace EksNode.Tests.Imaging;

/// <summary><c>eksnode image sbom</c> in this process, of a root that is shaped like Debian's.</summary>
public sealed class ImageSbomTests
{
    [Fact]
    public async Task As_spdx_it_names_packages_downloads_and_images()
    {
        using var image = await MakeAsync();
        var (exit, output, error) = await RunAsync(null, "--root", image.Root);
        Assert.Equal((0, ""), (exit, error));
        using var json = JsonDocument.Parse(output);
        var bill = json.RootElement;
        Assert.Equal(("SPDX-2.3", "SPDXRef-DOCUMENT", "CC0-1.0"), (Text(bill, "spdxVersion"), Text(bill, "SPDXID"), Text(bill, "dataLicense")));
        Assert.StartsWith("https://eksnode.io/spdx/eks-node-standard-", Text(bill, "documentNamespace"), StringComparison.Ordinal);
        var packages = bill.GetProperty("packages").EnumerateArray().ToList();
        var runc = packages.Single(p => Text(p, "name") == "runc");
        Assert.Equal("https://deb.example.com/runc.deb", Text(runc, "downloadLocation"));
        Assert.Equal(new string('a', 64), Text(runc.GetProperty("checksums")[0], "checksumValue"));
        Assert.StartsWith("pkg:deb/debian/runc@1:", Text(runc.GetProperty("externalRefs")[0], "referenceLocator"), StringComparison.Ordinal);
        Assert.EndsWith("~ds1-1?arch=amd64&distro=debian-12", Text(runc.GetProperty("externalRefs")[0], "referenceLocator"), StringComparison.Ordinal);
        var kubelet = packages.Single(p => Text(p, "name") == "kubelet");
        Assert.Equal(
            $"pkg:generic/kubelet@1.33.4?checksum=sha256:{Text(kubelet.GetProperty("checksums")[0], "checksumValue")}&download_url=https://example.com/kubelet",
            Text(kubelet.GetProperty("externalRefs")[0], "referenceLocator"));
        Assert.Contains(packages, p => Text(p, "name") == "public.ecr.aws/eks-distro/kubernetes/pause" && Text(p, "primaryPackagePurpose") == "CONTAINER");

        // Everything that is related is there, each once.
        var ids = packages.Select(p => Text(p, "SPDXID")).ToList();
        Assert.Equal(ids.Count, ids.Distinct(StringComparer.Ordinal).Count());
        var related = bill.GetProperty("relationships").EnumerateArray().Select(r => Text(r, "relatedSpdxElement"));
        Assert.Equal(ids.Order(StringComparer.Ordinal), related.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task As_cyclonedx_it_says_the_same()
    {
        using var image = await MakeAsync();
        var (exit, output, error) = await RunAsync(null, "--root", image.Root, "--format", "cyclonedx");
        Assert.Equal((0, ""), (exit, error));
        using var json = JsonDocument.Parse(output);
        var bill = json.RootElement;
        Assert.Equal(("CycloneDX", "1.6"), (Text(bill, "bomFormat"), Text(bill, "specVersion")));
        Assert.Matches("^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", Text(bill, "serialNumber"));
        var references = bill.GetProperty("components").EnumerateArray().Select(c => Text(c, "bom-ref")).ToList();
        Assert.Equal(references, bill.GetProperty("dependencies")[0].GetProperty("dependsOn").EnumerateArray().Select(d => d.GetString()));
        using var spdx = JsonDocument.Parse((await RunAsync(null, "--root", image.Root)).Output);
        Assert.Equal(
            spdx.RootElement.GetProperty("packages").EnumerateArray().Skip(1).Select(p => Text(p.GetProperty("externalRefs")[0], "referenceLocator")),
            references);
    }

    [Fact]
    public async Task The_same_image_gives_the_same_bytes_and_another_gives_another_id()
    {
        using var image = await MakeAsync();
        File.SetLastWriteTimeUtc(image.At("/etc/eksnode/image.lock.json"), new DateTime(2026, 1, 31, 12, 0, 0, DateTimeKind.Utc));
        foreach (var format in (string[])["spdx", "cyclonedx"])
        {
            var first = (await RunAsync(null, "--root", image.Root, "--format", format)).Output;
            Assert.Equal(first, (await RunAsync(null, "--root", image.Root, "--format", format)).Output);
            Assert.Contains("\"2026-01-31T12:00:00Z\"", first, StringComparison.Ordinal);
            var file = image.At("/bill.json");
            Assert.Equal((0, "", ""), await RunAsync(null, "--root", image.Root, "--format", format, "-o", file));
            Assert.Equal(first, File.ReadAllText(file));
            File.Delete(file);

            var dated = (await RunAsync("1700000000", "--root", image.Root, "--format", format)).Output;
            Assert.Contains("\"2023-11-14T22:13:20Z\"", dated, StringComparison.Ordinal);
        }

        var before = Id((await RunAsync(null, "--root", image.Root)).Output);
        image.Edit("/var/lib/dpkg/status", "Package: runc\n", "Package: crun\n");
        Assert.NotEqual(before, Id((await RunAsync(null, "--root", image.Root)).Output));
    }

    [Fact]
    public async Task Without_a_lock_it_says_what_it_lacks()
    {
        using var image = await MakeAsync();
        File.Delete(image.At("/etc/eksnode/image.lock.json"));
        var (exit, output, error) = await RunAsync(null, "--root", image.Root);
        Assert.Equal(0, exit);
        Assert.Contains("warning EKN0697", error, StringComparison.Ordinal);
        Assert.Contains("pkg:generic/kubelet@1.33.4\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mistakes_are_told()
    {
        using var image = await MakeAsync();
        var (exit, output, error) = await RunAsync("yesterday", "--root", image.Root);
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains("error EKN0698", error, StringComparison.Ordinal);
        (exit, _, error) = await RunAsync(null, "--root", image.Root, "-o", image.At("/no/such/bill.json"));
        Assert.Equal(1, exit);
        Assert.Contains("the folder that it would be in does not exist", error, StringComparison.Ordinal);
        File.Delete(image.At("/var/lib/dpkg/status"));
        (exit, output, error) = await RunAsync(null, "--root", image.Root);
        Assert.Equal((1, ""), (exit, output));
        Assert.Contains("error EKN0695", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_package_url_keeps_what_it_may_and_escapes_the_rest() => Assert.Equal(
        "pkg:deb/debian/g%2B%2B@4:12.2.0-3%2Bb1~x?arch=amd64&download_url=https://example.com/a%20b%3Fc",
        new PackageUrl("deb/debian", "g++", "4:12.2.0-3+b1~x").With("download_url", "https://example.com/a b?c").With("arch", "amd64").With("none", "").With("null", null).ToString());

    private static async Task<BuiltImage> MakeAsync()
    {
        var image = await BuiltImage.MakeAsync(TestContext.Current.CancellationToken);
        image.Write("/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
        var runc = File.ReadAllText(image.At("/var/lib/dpkg/status")).Split("\n\n").Single(s => s.StartsWith("Package: runc\n", StringComparison.Ordinal));
        image.Edit("/etc/eksnode/image.lock.json", "\"resolved\": null", $$"""
            "resolved": {"packages": [{"name": "runc", "version": "{{runc[(runc.IndexOf("Version: ", StringComparison.Ordinal) + 9)..]}}", "architecture": "amd64",
              "url": "https://deb.example.com/runc.deb", "sha256": "{{new string('a', 64)}}", "dependency": false}]}
            """);
        return image;
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static string? Id(string spdx)
    {
        using var json = JsonDocument.Parse(spdx);
        return Text(json.RootElement, "documentNamespace");
    }

    private static async Task<(int Exit, string Output, string Error)> RunAsync(string? sourceDate, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var environment = sourceDate is null ? ImmutableDictionary<string, string>.Empty : ImmutableDictionary<string, string>.Empty.Add("SOURCE_DATE_EPOCH", sourceDate);
        var io = new CommandIo { Out = output, Error = error, OpenInput = () => new MemoryStream(), Environment = environment };
        var exit = await CommandLine.RunAsync(["image", "sbom", .. arguments], io, TestContext.Current.CancellationToken);
        return (exit, output.ToString(), error.ToString());
    }
}
