using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using EksNode.Host.Tests.Packages;

namespace EksNode.Tests.Imaging;

/// <summary>What <c>eksnode image sbom</c> writes is valid, as those say who publish the formats; and what is not, they refuse.</summary>
public sealed class ImageSbomFormTests
{
    [Theory]
    [InlineData("spdx")]
    [InlineData("cyclonedx")]
    public async Task Of_a_root_with_packages_of_dpkg_it_is_valid(string format)
    {
        using var image = await DebianAsync();
        var (document, faults) = await JudgeAsync(image, format);
        Assert.Equal("", faults);
        Assert.Contains("https://deb.example.com/pool/g%2B%2B_12.deb", document, StringComparison.Ordinal);
        Assert.Contains("Debian GCC (toolchain) Maintainers <gcc@example.com>", document, StringComparison.Ordinal);
        Assert.Contains("pkg:oci/pause@sha256:", document, StringComparison.Ordinal);
        Assert.Contains("pkg:generic/kubelet@1.33.4?", document, StringComparison.Ordinal);
        Assert.Contains("https://%3Credacted%3E@example.com/kubelet?X-Amz-Signature=%3Credacted%3E", document, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", document, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("spdx")]
    [InlineData("cyclonedx")]
    public async Task Of_a_root_with_packages_of_rpm_it_is_valid(string format)
    {
        var missing = TestProgram.Missing("rpm", "rpmbuild");
        Assert.SkipWhen(missing is not null, missing ?? "");
        using var image = await AmazonAsync();
        var (document, faults) = await JudgeAsync(image, format);
        Assert.Equal("", faults);
        Assert.Contains("pkg:rpm/amzn/eksnode-demo@1.4.2~rc1%5Egit7-3.amzn2023?arch=noarch&distro=amzn-2023&epoch=2", document, StringComparison.Ordinal);
        Assert.Contains("https://cdn.example.com/eksnode-demo-1.4.2~rc1%5Egit7-3.amzn2023.noarch.rpm", document, StringComparison.Ordinal);
        Assert.Contains("GPL-2.0-or-later AND (MIT OR \\\"my own\\\")", document, StringComparison.Ordinal);
        Assert.Contains("Amazon Linux", document, StringComparison.Ordinal);
        Assert.Contains("pkg:rpm/amzn/eksnode-plain@1-1?", document, StringComparison.Ordinal);
        Assert.Contains("pkg:oci/pause@sha256:", document, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("spdx")]
    [InlineData("cyclonedx")]
    public async Task Of_a_root_with_nothing_it_is_valid(string format)
    {
        using var image = await BuiltImage.MakeAsync(TestContext.Current.CancellationToken);
        Directory.Delete(image.Root, recursive: true);
        image.Write("/var/lib/dpkg/status", "");
        var (document, faults) = await JudgeAsync(image, format);
        Assert.Equal("", faults);
        var bill = JsonNode.Parse(document)!;
        Assert.Equal(format == "spdx" ? 1 : 0, bill[format == "spdx" ? "packages" : "components"]!.AsArray().Count);
    }

    // Each fault is one that a mistake in what writes the documents would make.
    [Theory]
    [InlineData("spdx", "dataLicense", null, "parameter data_license=")]
    [InlineData("spdx", "spdxVersion", "\"SPDX-2.9\"", "only SPDX versions")]
    [InlineData("spdx", "invented", "\"x\"", "['invented']: 'x' is read as None")]
    [InlineData("spdx", "documentNamespace", "\"no address\"", "document_namespace must be a valid URI")]
    [InlineData("spdx", "creationInfo/created", "\"yesterday\"", "'yesterday' does not match format")]
    [InlineData("spdx", "creationInfo/creators/0", "\"eksnode\"", "Actor eksnode doesn't match")]
    [InlineData("spdx", "packages/1/SPDXID", "\"SPDXRef-a_b\"", "must only contain letters, numbers")]
    [InlineData("spdx", "packages/1/SPDXID", "\"SPDXRef-Image\"", "every spdx_id must be unique")]
    [InlineData("spdx", "packages/1/name", null, "parameter name=")]
    [InlineData("spdx", "packages/1/versionInfo", "7", "parameter version=7")]
    [InlineData("spdx", "packages/1/filesAnalysed", "false", "['packages', 1, 'filesAnalysed']: False is read as None")]
    [InlineData("spdx", "packages/1/downloadLocation", "\"nowhere\"", "download_location must be a valid URL")]
    [InlineData("spdx", "packages/0/primaryPackagePurpose", "\"ROOT\"", "Invalid PrimaryPackagePurpose: ROOT")]
    [InlineData("spdx", "packages/1/licenseDeclared", "\"LicenseRef-nobody-tells\"", "Unrecognized license reference: LicenseRef-nobody-tells")]
    [InlineData("spdx", "packages/1/licenseDeclared", "\"My own\"", "Unrecognized license reference: My own")]
    [InlineData("spdx", "packages/1/licenseDeclared", "\"Apache-9.9\"", "Unrecognized license reference: Apache-9.9")]
    [InlineData("spdx", "packages/1/externalRefs/0/referenceCategory", "\"PACKAGE MANAGER\"", "Invalid ExternalPackageRefCategory")]
    [InlineData("spdx", "packages/1/externalRefs/0/referenceLocator", "\"runc\"", "locator of type \"purl\" must conform")]
    [InlineData("spdx", "relationships/0/relationshipType", "\"HOLDS\"", "Invalid RelationshipType: HOLDS")]
    [InlineData("spdx", "relationships/1/relatedSpdxElement", "\"SPDXRef-Nothing\"", "did not find the referenced spdx_id \"SPDXRef-Nothing\"")]
    [InlineData("cyclonedx", "bomFormat", null, "'bomFormat' is a required property")]
    [InlineData("cyclonedx", "invented", "\"x\"", "Additional properties are not allowed")]
    [InlineData("cyclonedx", "serialNumber", "\"urn:uuid:1\"", "'urn:uuid:1' does not match")]
    [InlineData("cyclonedx", "metadata/timestamp", "\"yesterday\"", "is not a 'date-time'")]
    [InlineData("cyclonedx", "metadata/component/type", "\"image\"", "'image' is not one of")]
    [InlineData("cyclonedx", "components/0/name", null, "'name' is a required property")]
    [InlineData("cyclonedx", "components/0/version", "7", "is not of type 'string'")]
    [InlineData("cyclonedx", "components/0/hashes", "[{\"alg\": \"SHA256\", \"content\": \"00\"}]", "'SHA256' is not one of")]
    [InlineData("cyclonedx", "components/0/licenses", "[{\"license\": {\"id\": \"My own\"}}]", "'licenses']: [{'license': {'id': 'My own'}}] is not valid")]
    [InlineData("cyclonedx", "components/0/licenses", "[{\"expression\": 7}]", "is not valid under any")]
    [InlineData("cyclonedx", "components/0/externalReferences", "[{\"type\": \"distribution\", \"url\": \"https://example.com/a b\"}]", "'https://example.com/a b' is not valid")]
    [InlineData("cyclonedx", "dependencies/0/dependsOn", "[\"a\", \"a\"]", "has non-unique elements")]
    public async Task A_document_with_a_fault_is_refused(string format, string at, string? value, string fault)
    {
        using var image = await DebianAsync();
        var (_, faults) = await JudgeAsync(image, format, document => Set(document, at.Split('/'), value));
        Assert.Contains(fault, faults, StringComparison.Ordinal);
    }

    private static void Set(JsonNode document, string[] at, string? value)
    {
        foreach (var step in at[..^1])
        {
            document = document is JsonArray list ? list[int.Parse(step, CultureInfo.InvariantCulture)]! : document[step]!;
        }

        if (document is JsonArray items)
        {
            items[int.Parse(at[^1], CultureInfo.InvariantCulture)] = JsonNode.Parse(value!);
        }
        else if (value is null)
        {
            Assert.True(document.AsObject().Remove(at[^1]));
        }
        else
        {
            document[at[^1]] = JsonNode.Parse(value);
        }
    }

    // With what makes documents hard: a version with an epoch and a plus sign, a maintainer with parentheses and one that is empty, a download that needs a password.
    private static async Task<BuiltImage> DebianAsync()
    {
        var image = await BuiltImage.MakeAsync(TestContext.Current.CancellationToken);
        image.Write("/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
        File.AppendAllText(image.At("/var/lib/dpkg/status"), """
            Package: g++
            Status: install ok installed
            Maintainer: Debian GCC (toolchain) Maintainers <gcc@example.com>
            Architecture: amd64
            Version: 4:12.2.0-3+b1

            Package: homemade
            Status: install ok installed
            Maintainer:
            Architecture: all
            Version: 1~

            """);
        Resolve(image, "g++", "4:12.2.0-3+b1", "amd64", "https://deb.example.com/pool/g%2B%2B_12.deb");
        image.Edit("/etc/eksnode/image.lock.json", "https://example.com/kubelet", "https://someone:hunter2@example.com/kubelet?X-Amz-Signature=hunter2");
        return image;
    }

    // The same with rpm's database in the place of dpkg's.
    private static async Task<BuiltImage> AmazonAsync()
    {
        var image = await BuiltImage.MakeAsync(TestContext.Current.CancellationToken);
        image.Write("/etc/os-release", "ID=\"amzn\"\nVERSION_ID=\"2023\"\n");
        Directory.Delete(image.At("/var/lib/dpkg"), recursive: true);
        var database = Directory.CreateDirectory(image.At("/usr/lib/sysimage/rpm")).FullName;
        Build("eksnode-demo", "1.4.2~rc1^git7", "3.amzn2023", "GPL-2.0-or-later AND (MIT OR \"my own\")", "Epoch: 2\nVendor: Amazon Linux");
        Build("eksnode-same-license", "2", "1", "GPL-2.0-or-later AND (MIT OR \"my own\")", "Vendor: Amazon Linux");
        Build("eksnode-plain", "1", "1", "MIT", "");
        Resolve(image, "eksnode-demo", "2:1.4.2~rc1^git7-3.amzn2023", "noarch", "https://cdn.example.com/eksnode-demo-1.4.2~rc1%5Egit7-3.amzn2023.noarch.rpm");
        return image;

        void Build(string name, string version, string release, string license, string more)
        {
            var spec = image.At($"/{name}.spec");
            File.WriteAllText(spec, $"""
                Name: {name}
                Version: {version}
                Release: {release}
                Summary: A package of a test
                License: {license}
                BuildArch: noarch
                {more}
                %description
                A package of a test.
                %files
                """);
            TestProgram.Run("rpmbuild", "--quiet", "-bb", "--define", "_topdir " + image.At("/" + name), spec);
            var package = Assert.Single(Directory.GetFiles(image.At("/" + name), "*.rpm", SearchOption.AllDirectories));
            TestProgram.Run("rpm", "--dbpath", database, "--define", "_db_backend sqlite", "--justdb", "--nodeps", "-i", package);
        }
    }

    private static void Resolve(BuiltImage image, string name, string version, string architecture, string url) => image.Edit("/etc/eksnode/image.lock.json", "\"resolved\": null", $$"""
        "resolved": {"packages": [{"name": "{{name}}", "version": "{{version}}", "architecture": "{{architecture}}", "url": "{{url}}", "sha256": "{{new string('a', 64)}}", "dependency": false}]}
        """);

    private static async Task<(string Document, string Faults)> JudgeAsync(BuiltImage image, string format, Action<JsonNode>? change = null)
    {
        Assert.SkipWhen(BillJudge.Missing is not null, BillJudge.Missing ?? "");
        var file = image.At("/bill.json");
        using var output = new StringWriter();
        using var error = new StringWriter();
        var io = new CommandIo { Out = output, Error = error, OpenInput = () => Stream.Null, Environment = ImmutableDictionary<string, string>.Empty };
        var exit = await CommandLine.RunAsync(["image", "sbom", "--root", image.Root, "--format", format, "-o", file], io, TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (exit, output.ToString()));
        var document = File.ReadAllText(file);
        if (change is not null)
        {
            var changed = JsonNode.Parse(document)!;
            change(changed);
            File.WriteAllText(file, changed.ToJsonString());
        }

        return (document, await BillJudge.FaultsAsync(format, file));
    }
}
