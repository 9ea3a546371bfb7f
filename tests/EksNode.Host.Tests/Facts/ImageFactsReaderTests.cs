using EksNode.Configuration.Documents;
using EksNode.Host.Facts;

namespace EksNode.Host.Tests.Facts;

public sealed class ImageFactsReaderTests : IDisposable
{
    private const string Kubelet = "/usr/bin/kubelet";
    private const string Containerd = "/usr/bin/containerd";

    private readonly FakeRoot root = new();

    public void Dispose() => root.Dispose();

    private string[] Codes() => [.. root.Diagnostics.Items.Select(d => d.Code)];

    [Fact]
    public async Task An_empty_root_tells_nothing()
    {
        var reading = await root.ReadImage();
        Assert.Equal(new Planning.Facts.ImageFacts(), reading.Facts);
        Assert.Null(reading.Manifest);
        Assert.Empty(reading.Sources);
        Assert.Empty(root.Diagnostics.Items);
        Assert.False(Directory.Exists(root.At("/var")));
    }

    [Fact]
    public async Task The_manifest_needs_versions_only()
    {
        root.File(ImageManifest.Path, """{"components":{"kubelet":{"version":"1.33.4"},"containerd":{"version":"v2.1.9"}}}""")
            .File("/etc/eks/kubelet-version.txt", "1.1.1").Script(Kubelet, "exit 1");
        var (facts, manifest, sources) = await root.ReadImage();
        Assert.Equal(("1.33.4", "2.1.9", null, null), (facts.KubeletVersion, facts.ContainerdVersion, facts.Variant, facts.Profile));
        Assert.Equal((null, null, null), (manifest!.Fips, facts.Fips, manifest.Defaults));
        Assert.Equal(ImageManifest.Path, sources["image.kubeletVersion"]);
        Assert.Empty(root.Diagnostics.Items);
        Assert.Equal(0, root.Programs.Started);
    }

    [Fact]
    public async Task The_manifest_tells_variant_profile_and_defaults_with_their_places()
    {
        root.File(ImageManifest.Path, """
            {"schemaVersion": 1, "variant": "standard", "profile": "cis-l1", "fips": true,
             "components": {"kubelet": {"version": "1.33.4"}, "containerd": {"version": "2.1.9"}, "runc": {"version": "1.3.0"}},
             "defaults": {"spec": {"kubelet": {"config": {"maxPods": 20}}}},
             "images": [{"name": "pause", "digest": "sha256:0", "pinned": true}], "baked": ["file:/etc/x"], "later": {}}
            """);
        var (facts, manifest, sources) = await root.ReadImage();
        Assert.Equal(("standard", "cis-l1", true, true), (facts.Variant, facts.Profile, facts.Fips, manifest!.Fips));
        Assert.Equal((ImageManifest.Path, ImageManifest.Path), (sources["image.profile"], sources["image.fips"]));
        Assert.Equal("1.3.0", manifest.Components["runc"].Version);
        var maxPods = Assert.IsType<TreeScalar>(((manifest.Defaults!["spec"] as TreeMap)?["kubelet"] as TreeMap)?["config"] is TreeMap config ? config["maxPods"] : null);
        Assert.Equal(("20", 3), (maxPods.Text, maxPods.Origin.Line));
        Assert.Equal((ImageManifest.Path, 3, 14), (manifest.Defaults!.Origin.Source, manifest.Defaults.Origin.Line, manifest.Defaults.Origin.Column));
        Assert.Empty(root.Diagnostics.Items);
    }

    [Theory]
    [InlineData("{", "EKN0124", 1)]
    [InlineData("[]", "EKN0760", 1)]
    [InlineData("{\n\"schemaVersion\": 2}", "EKN0761", 2)]
    [InlineData("{\n\"schemaVersion\": \"1\"}", "EKN0760", 2)]
    [InlineData("{\n\"profile\": 1}", "EKN0760", 2)]
    [InlineData("{\"components\":\n{\"kubelet\":\n{}}}", "EKN0760", 3)]
    [InlineData("{\"components\": {\"kubelet\": {\n\"version\": \"new\"}}}", "EKN0760", 2)]
    [InlineData("{\"components\": {\"kubelet\": {\"version\": \"1.33.4\",\n\"path\": \"kubelet\"}}}", "EKN0760", 2)]
    [InlineData("{\"components\": {\"kubelet\": {\"version\": \"1.33.4\",\n\"mtime\": \"yesterday\"}}}", "EKN0760", 2)]
    [InlineData("{\"components\": {\"kubelet\": {\"version\": \"1.33.4\",\n\"size\": -1}}}", "EKN0760", 2)]
    [InlineData("{\"components\": {\"kubelet\":\n\"1.33.4\"}}", "EKN0760", 2)]
    [InlineData("{\n\"defaults\": []}", "EKN0760", 2)]
    public async Task A_malformed_manifest_is_an_error_with_its_place(string manifest, string code, int line)
    {
        root.File(ImageManifest.Path, manifest);
        Assert.Null((await root.ReadImage()).Manifest);
        var diagnostic = Assert.Single(root.Diagnostics.Items);
        Assert.True(root.Diagnostics.HasErrors);
        Assert.Equal((code, ImageManifest.Path, line), (diagnostic.Code, diagnostic.Origin!.Source, diagnostic.Origin.Line));
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_an_error()
    {
        root.File(ImageManifest.Path, "");
        File.WriteAllBytes(root.At(ImageManifest.Path), [0xff]);
        Assert.Null((await root.ReadImage()).Manifest);
        Assert.Equal(["EKN0760"], Codes());
    }

    [Theory]
    [InlineData("1.33.4\n", "1.33.4")]
    [InlineData("v1.33.4-eks-3abbec1", "1.33.4")]
    [InlineData("containerd github.com/containerd/containerd/v2 2.1.4 75cb2b7193e4\n", "2.1.4")]
    public async Task Version_files_hold_a_version_somewhere(string content, string expected)
    {
        root.File("/etc/eks/kubelet-version.txt", content);
        var (facts, _, sources) = await root.ReadImage();
        Assert.Equal(expected, facts.KubeletVersion);
        Assert.Equal("/etc/eks/kubelet-version.txt", sources["image.kubeletVersion"]);
    }

    [Fact]
    public async Task A_version_file_without_a_version_is_reported_and_the_program_is_asked()
    {
        root.File("/etc/eks/kubelet-version.txt", "latest").Script(Kubelet, "echo Kubernetes v1.32.1");
        Assert.Equal("1.32.1", (await root.ReadImage()).Facts.KubeletVersion);
        Assert.Equal(["EKN0764"], Codes());
    }

    [Fact]
    public async Task Programs_are_asked_once()
    {
        root.Script(Kubelet, "[ \"$*\" = --version ] && echo Kubernetes v1.33.4-eks-1234567")
            .Script("/usr/local/bin/containerd", "echo containerd github.com/containerd/containerd/v2 v2.1.4 75cb2b7193e4");
        var first = await root.ReadImage();
        Assert.Equal(("1.33.4", "2.1.4"), (first.Facts.KubeletVersion, first.Facts.ContainerdVersion));
        Assert.Equal($"{Kubelet} --version", first.Sources["image.kubeletVersion"]);
        Assert.Equal(2, root.Programs.Started);

        var second = await root.ReadImage();
        Assert.Equal(first.Facts, second.Facts);
        Assert.Equal($"{Kubelet} --version (remembered)", second.Sources["image.kubeletVersion"]);
        Assert.Equal(2, root.Programs.Started);
        Assert.Equal((UnixFileMode)0x180, File.GetUnixFileMode(root.At("/var/lib/eksnode/versions.json")));
        Assert.Equal((UnixFileMode)0x1C0, File.GetUnixFileMode(root.At("/var/lib/eksnode")));
        Assert.Empty(root.Diagnostics.Items);

        root.Script(Kubelet, "echo Kubernetes v1.34.0");
        Assert.Equal("1.34.0", (await root.ReadImage()).Facts.KubeletVersion);
        Assert.Equal(3, root.Programs.Started);
    }

    [Fact]
    public async Task Nothing_is_kept_when_nothing_may_be_touched()
    {
        root.Script(Kubelet, "echo Kubernetes v1.33.4");
        Assert.Equal("1.33.4", (await root.ReadImage(remember: false)).Facts.KubeletVersion);
        Assert.False(Directory.Exists(root.At("/var")));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{\"schemaVersion\": 2}")]
    [InlineData("{\"schemaVersion\": 1, \"programs\": {\"/usr/bin/kubelet\": {\"version\": \"rm -rf\", \"size\": 1, \"modified\": 1}}}")]
    public async Task What_was_kept_and_is_damaged_is_asked_again_and_written_anew(string kept)
    {
        root.Script(Kubelet, "echo Kubernetes v1.33.4").File("/var/lib/eksnode/versions.json", kept);
        Assert.Equal("1.33.4", (await root.ReadImage()).Facts.KubeletVersion);
        Assert.Equal(["EKN0765"], Codes());
        await root.ReadImage();
        Assert.Equal(1, root.Programs.Started);
    }

    [Fact]
    public async Task Where_nothing_can_be_written_the_version_counts_all_the_same()
    {
        root.Script(Kubelet, "echo Kubernetes v1.33.4").File("/var/lib", "a file");
        Assert.Equal("1.33.4", (await root.ReadImage()).Facts.KubeletVersion);
        Assert.Contains("EKN0765", Codes());
        Assert.False(root.Diagnostics.HasErrors);
    }

    [Theory]
    [InlineData("exit 3", "exited with 3")]
    [InlineData("echo no such flag >&2; exit 1", "exited with 1: no such flag")]
    [InlineData("echo hello", "told no version")]
    public async Task A_program_that_tells_no_version_is_reported(string body, string expected)
    {
        root.Script(Kubelet, body);
        Assert.Null((await root.ReadImage()).Facts.KubeletVersion);
        var diagnostic = Assert.Single(root.Diagnostics.Items);
        Assert.Equal(("EKN0763", $"`{Kubelet} --version` {expected}."), (diagnostic.Code, diagnostic.Message));
    }

    [Fact]
    public async Task A_program_that_cannot_start_is_reported()
    {
        root.File(Kubelet, "no program");
        Assert.Null((await root.ReadImage()).Facts.KubeletVersion);
        Assert.Contains("could not be started", Assert.Single(root.Diagnostics.Items).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_leads_to_the_program_inside_the_root()
    {
        root.Link(Containerd, "/opt/containerd/bin/containerd").Script("/opt/containerd/bin/containerd", "echo containerd v1.7.27")
            .Link(Kubelet, "/../../../../bin/true");
        var facts = (await root.ReadImage()).Facts;
        Assert.Equal(("1.7.27", null), (facts.ContainerdVersion, facts.KubeletVersion));
        Assert.Equal(1, root.Programs.Started);
    }

    public static TheoryData<string, bool> Identities() => new()
    {
        { "\"size\": {size}", false },
        { "\"mtime\": \"{time}\"", false },
        { "\"size\": {size}, \"mtime\": \"{seconds}\"", false },
        { "\"size\": 1", true },
        { "\"mtime\": \"2020-01-01T00:00:00Z\"", true },
        { "\"size\": {size}, \"mtime\": \"2020-01-01T00:00:00Z\"", true },
    };

    [Theory]
    [MemberData(nameof(Identities))]
    public async Task A_program_that_was_replaced_is_asked_and_reported(string identity, bool replaced)
    {
        root.Script(Kubelet, "echo Kubernetes v1.34.9");
        var file = new FileInfo(root.At(Kubelet));
        identity = identity.Replace("{size}", $"{file.Length}", StringComparison.Ordinal)
            .Replace("{time}", file.LastWriteTimeUtc.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", null), StringComparison.Ordinal)
            .Replace("{seconds}", file.LastWriteTimeUtc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null), StringComparison.Ordinal);
        root.File(ImageManifest.Path, $"{{\"components\": {{\"kubelet\": {{\"version\": \"1.33.4\", {identity}}}}}}}");
        var (facts, _, sources) = await root.ReadImage();
        Assert.Equal(replaced ? "1.34.9" : "1.33.4", facts.KubeletVersion);
        Assert.Equal(replaced ? $"{Kubelet} --version" : ImageManifest.Path, sources["image.kubeletVersion"]);
        Assert.Equal(replaced ? ["EKN0762"] : [], Codes());
        Assert.Equal(replaced ? 1 : 0, root.Programs.Started);
    }

    [Fact]
    public async Task A_replaced_program_that_does_not_answer_keeps_the_version_of_the_manifest()
    {
        root.Script("/opt/kubelet", "exit 1")
            .File(ImageManifest.Path, """{"components": {"kubelet": {"version": "1.33.4", "path": "/opt/kubelet", "size": 1}}}""");
        Assert.Equal("1.33.4", (await root.ReadImage()).Facts.KubeletVersion);
        Assert.Equal(["EKN0763", "EKN0762"], Codes());
    }

    [Theory]
    [InlineData("1970-01-01T00:00:01Z", 1_999_999_999, true)]
    [InlineData("1970-01-01T00:00:01Z", 2_000_000_000, false)]
    [InlineData("1970-01-01T00:00:01.5Z", 1_599_999_999, true)]
    [InlineData("1970-01-01T00:00:01.5Z", 1_600_000_000, false)]
    [InlineData("1970-01-01T02:00:01.123456789+02:00", 1_123_456_789, true)]
    [InlineData("1970-01-01T02:00:01.123456789+02:00", 1_123_456_788, false)]
    public void A_time_is_compared_as_finely_as_it_is_written(string text, long nanoseconds, bool expected) =>
        Assert.Equal(expected, FileTime.Parse(text)?.IsTimeOf(nanoseconds));

    [Theory]
    [InlineData("")]
    [InlineData("2026-01-01")]
    [InlineData("2026-01-01T00:00:00")]
    [InlineData("2026-13-01T00:00:00Z")]
    [InlineData("1969-12-31T23:59:59Z")]
    [InlineData("9999-12-31T23:59:59Z")]
    public void What_is_no_time_is_none(string text) => Assert.Null(FileTime.Parse(text));
}
