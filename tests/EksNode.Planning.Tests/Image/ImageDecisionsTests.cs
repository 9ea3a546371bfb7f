using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Decisions;
using EksNode.Planning.Image;
using EksNode.Planning.Plans;
using static EksNode.Planning.Tests.Image.ImagePlannerTests;

namespace EksNode.Planning.Tests.Image;

/// <summary>What an image is, and the tables that it follows from.</summary>
public sealed class ImageDecisionsTests
{
    private static readonly string Checksum = new('a', 64);

    [Fact]
    public void R01_The_rules_of_the_minor_follow_from_the_kubelet_wherever_its_version_stands()
    {
        var image = Planned("components: {kubelet: {version: 1.33.4}}", out var bag);
        Assert.Empty(bag.Items);
        Assert.Equal("1.33.4", image.Decisions.Kubernetes.Value.ToString());
        Assert.Equal("6.12", image.Decisions.Kernel!.Value);
        Assert.StartsWith("1.33.", ((BinaryResource)image.Plan.Find("binary:crictl")!).Version!.Value.ToString(), StringComparison.Ordinal);
        Assert.Equal("6.18", Planned("components: {kubelet: {version: 1.36.*}}", out _).Decisions.Kernel!.Value);
    }

    [Fact]
    public void R01_An_unsupported_kubelet_is_refused_where_it_stands()
    {
        var diagnostic = Refused("components: {kubelet: {version: 1.29.4}}");
        Assert.Equal(("EKN0640", "spec.components.kubelet.version"), (diagnostic.Code, diagnostic.Path));
    }

    [Theory]
    [InlineData("kubernetes: \"1.33\"\n  ", "", "spec.kubernetes")]
    [InlineData("", "", "spec.kubernetes")]
    [InlineData("", "version: 1.33.*, ", "spec.components.kubelet.version")]
    public void R16_A_kubelet_of_a_URL_says_its_whole_version(string kubernetes, string version, string path)
    {
        var diagnostic = Refused($"{kubernetes}components: {{kubelet: {{{version}source: https://example.com/kubelet, sha256: {Checksum}}}}}");
        Assert.Equal(("EKN0641", path), (diagnostic.Code, diagnostic.Path));
        Assert.Contains($"`{path}`", diagnostic.Help, StringComparison.Ordinal);
    }

    [Fact]
    public void R16_A_kubelet_of_a_URL_is_pinned_as_it_is()
    {
        var image = Planned($"kubernetes: \"1.33.4\"\n  components: {{kubelet: {{source: https://example.com/kubelet, sha256: {Checksum}}}}}", out var bag);
        Assert.Empty(bag.Items);
        Assert.Equal("1.33.4", image.Decisions.Kubernetes.Value.ToString());
    }

    [Theory]
    [InlineData("containerd: {source: package, ")]
    [InlineData("containerd: {")]
    public void The_checksum_of_a_package_has_no_effect(string component)
    {
        Planned($"components: {{{component}sha256: {Checksum}}}}}", out var bag);
        var diagnostic = Assert.Single(bag.Items);
        Assert.Equal(("EKN0644", "spec.components.containerd.sha256"), (diagnostic.Code, diagnostic.Path));
    }

    [Fact]
    public void The_names_of_components_are_those_of_their_table() =>
        Assert.Equal(ImageConfigReader.ComponentNames.Order(StringComparer.Ordinal), Rows("image-components.tsv").Select(r => r[0]).Order(StringComparer.Ordinal));

    [Fact]
    public void The_header_of_the_components_explains_every_column()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "data", "image-components.tsv"));
        var comments = string.Join('\n', text.Split('\n').Where(l => l.StartsWith('#')));
        Assert.All(["source", "al2023", "debian", "url", "format", "install", "signature", "identity", "keys"], word => Assert.Contains(word + ":", comments.Replace("al2023, debian:", "al2023: debian:", StringComparison.Ordinal), StringComparison.Ordinal));
        Assert.DoesNotContain("restarts", comments, StringComparison.Ordinal);
    }

    [Fact]
    public void R27_The_preset_and_the_units_that_a_join_needs_say_the_same()
    {
        // The units of the profile and of the document are among them; the document wins over both.
        var image = Planned("profile: cis-l2\n  units: {chronyd.service: enabled, tmp.mount: disabled, rpcbind.socket: masked}", out _);
        var preset = Text(image, "/usr/lib/systemd/system-preset/80-eksnode.preset");
        var said = preset.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => !l.StartsWith('#')).Order(StringComparer.Ordinal);
        var planned = image.Plan.Resources.OfType<UnitStateResource>();
        Assert.Equal(planned.Select(u => $"{(u.State == UnitState.Enabled ? "enable" : "disable")} {u.Name}").Order(StringComparer.Ordinal), said);
        Assert.Superset(
            new HashSet<string>(["disable kubelet.service", "enable auditd.service", "enable chronyd.service", "disable tmp.mount", "disable rpcbind.socket", "enable soci-snapshotter.socket"]),
            said.ToHashSet());
    }

    [Fact]
    public void The_ready_made_documents_have_the_release_of_the_table()
    {
        var release = Rows("image-defaults.tsv").Single(r => r[0] == "al2023")[1];
        Assert.Contains($"release: \"{release}\"", File.ReadAllText(Path.Combine(Repository.Root, "image", "common.yaml")), StringComparison.Ordinal);
        Assert.Equal(release, Planned("kubernetes: \"1.33\"", out _).Decisions.Release!.Value);
    }

    [Fact]
    public void What_is_not_said_is_that_of_the_table()
    {
        var rows = Rows("image-defaults.tsv").ToDictionary(r => r[0], r => r[1]);
        Assert.Equal(rows["nvidia"], Planned("variant: nvidia", out _).Decisions.Driver!.Value.Text);
        Assert.EndsWith("/pause:" + rows["pause"], SandboxImage.Published, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_value_has_a_word_and_every_word_its_value()
    {
        Check(ImageWords.Architectures, Enum.GetValues<Architecture>());
        Check(ImageWords.Variants, Enum.GetValues<ImageVariant>());
        Check(ImageWords.UnitStates, Enum.GetValues<UnitState>());

        static void Check<T>(Configuration.NodeConfigs.WordList<T> words, T[] values)
        {
            Assert.Equal(values.Length, words.Words.Length);
            Assert.All(values, value => Assert.True(words.TryGet(words.WordOf(value), out var back) && Equals(back, value)));
            Assert.Throws<ArgumentException>(() => words.WordOf((T)Enum.ToObject(typeof(T), 99)));
        }
    }

    private static IEnumerable<string[]> Rows(string table) => EmbeddedTable.Rows(typeof(ImagePlanner).Assembly, table);
}
