using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.Tests.NodeConfigs;

/// <summary><c>spec.maxPods</c>, <c>spec.preset</c>, <c>spec.labels</c> and <c>spec.taints</c>.</summary>
public sealed class PodSettingsTests
{
    [Fact]
    public void Max_pods_is_a_number_or_one_of_three_forms()
    {
        Assert.Equal(40, Read("maxPods: 40").MaxPods.Value?.Value);
        Assert.Equal(40, Read("maxPods: {value: 40}").MaxPods.Value?.Value);
        Assert.Equal("min(max_pods, 20)", Read("maxPods: {expression: 'min(max_pods, 20)'}").MaxPods.Expression?.Value);
        var network = Read("maxPods: {prefixDelegation: true, reservedEnis: 1, maxEnis: 3, cap: None}").MaxPods;
        Assert.Equal((true, 1, 3), (network.PrefixDelegation?.Value, network.ReservedEnis?.Value, network.MaxEnis?.Value));
        Assert.Equal(MaxPodsSettings.NoCap, network.Cap?.Value);
        Assert.False(Read("maxPods: {}").MaxPods.IsSet);
    }

    [Theory]
    [InlineData("maxPods: many", "EKN0202", 4, 12, "spec.maxPods")]
    [InlineData("maxPods: '40'", "EKN0202", 4, 12, "spec.maxPods")]
    [InlineData("maxPods: 0", "EKN0250", 4, 12, "spec.maxPods")]
    [InlineData("maxPods: 99999999999", "EKN0250", 4, 12, "spec.maxPods")]
    [InlineData("maxPods: [1]", "EKN0202", 4, 12, "spec.maxPods")]
    [InlineData("maxPods: {reservedEnis: -1}", "EKN0250", 4, 27, "spec.maxPods.reservedEnis")]
    [InlineData("maxPods: {maxEnis: 0}", "EKN0250", 4, 22, "spec.maxPods.maxEnis")]
    [InlineData("maxPods: {cap: never}", "EKN0202", 4, 18, "spec.maxPods.cap")]
    [InlineData("maxPods: {prefixDelegation: yes please}", "EKN0202", 4, 31, "spec.maxPods.prefixDelegation")]
    [InlineData("maxPods: {prefixdelegation: true}", "EKN0201", 4, 13, "spec.maxPods.prefixdelegation")]
    [InlineData("maxPods: {expression: 'minimum(max_pods, 2)'}", "EKN0316", 4, 26, "spec.maxPods.expression")]
    [InlineData("maxPods: {expression: 'min(max_pods)'}", "EKN0316", 4, 26, "spec.maxPods.expression")]
    [InlineData("maxPods: {value: 3, prefixDelegation: true}", "EKN0208", 4, 41, "spec.maxPods")]
    [InlineData("preset: huge", "EKN0204", 4, 11, "spec.preset")]
    [InlineData("labels: {a b: c}", "EKN0252", 4, 12, "spec.labels[\"a b\"]")]
    [InlineData("labels: {a: 'c d'}", "EKN0252", 4, 15, "spec.labels.a")]
    [InlineData("labels: {a: 1}", "EKN0203", 4, 15, "spec.labels.a")]
    [InlineData("labels: {a: [b]}", "EKN0202", 4, 15, "spec.labels.a")]
    [InlineData("labels: {kubernetes.io/role: x}", "EKN0252", 4, 12, "spec.labels[\"kubernetes.io/role\"]")]
    [InlineData("labels: {a: 'x/${instance.type}'}", "EKN0252", 4, 15, "spec.labels.a")]
    [InlineData("labels: {a: '${instance.type}-'}", "EKN0252", 4, 15, "spec.labels.a")]
    [InlineData("labels: {a: 'x-${instance.size}'}", "EKN0251", 4, 20, "spec.labels.a")]
    [InlineData("labels: {a: '${instance.type'}", "EKN0251", 4, 16, "spec.labels.a")]
    [InlineData("labels: {a: '${instance.tags.my team}'}", "EKN0251", 4, 18, "spec.labels.a")]
    [InlineData("labels: {a: '${instance.tags.}'}", "EKN0251", 4, 18, "spec.labels.a")]
    [InlineData("labels: {a: '${instance.type:-a b}'}", "EKN0252", 4, 15, "spec.labels.a")]
    [InlineData("labels: {a: '${HOME}'}", "EKN0251", 4, 18, "spec.labels.a")]
    [InlineData("taints: {key: a}", "EKN0202", 4, 11, "spec.taints")]
    [InlineData("taints: [a]", "EKN0202", 4, 12, "spec.taints[0]")]
    [InlineData("taints: [{key: a, effect: Never}]", "EKN0204", 4, 29, "spec.taints[0].effect")]
    [InlineData("taints: [{key: 'a b', effect: NoSchedule}]", "EKN0253", 4, 18, "spec.taints[0].key")]
    [InlineData("taints: [{effect: NoSchedule}]", "EKN0253", 4, 12, "spec.taints[0]")]
    [InlineData("taints: [{key: a}]", "EKN0253", 4, 12, "spec.taints[0]")]
    [InlineData("taints: [{key: a, value: '${instance.typ}', effect: NoSchedule}]", "EKN0251", 4, 31, "spec.taints[0].value")]
    public void A_mistake_has_a_place(string setting, string code, int line, int column, string path)
    {
        var diagnostics = new DiagnosticBag();
        Read(setting, diagnostics);
        var found = Assert.Single(diagnostics.Items);
        Assert.Equal((code, line, column, path), (found.Code, found.Origin?.Line, found.Origin?.Column, found.Path));
        Assert.NotEmpty(found.Help);
    }

    [Theory]
    [InlineData("maxPods: 4")]
    [InlineData("preset: dense")]
    [InlineData("labels: {a: b}")]
    [InlineData("taints: [{key: a, effect: NoSchedule}]")]
    public void In_a_document_of_the_other_group_it_is_reported_and_has_no_effect(string setting)
    {
        var diagnostics = new DiagnosticBag();
        var config = Read(setting, diagnostics, "node.eks.aws/v1alpha1");
        Assert.Equal("EKN0630", Assert.Single(diagnostics.Items).Code);
        Assert.False(config.MaxPods.IsSet || config.Preset is not null || !config.Labels.IsEmpty || !config.Taints.IsEmpty);
    }

    [Theory]
    [InlineData("maxPods: 40", "maxPods: {prefixDelegation: true}", null, true)]
    [InlineData("maxPods: {prefixDelegation: true}", "maxPods: 40", 40, true)]
    [InlineData("maxPods: {expression: '5'}", "maxPods: 40", 40, null)]
    [InlineData("maxPods: 40", "maxPods: {cap: 30}", 40, null)]
    [InlineData("maxPods: 40", "labels: {a: b}", 40, null)]
    public void Of_two_documents_the_form_of_the_later_one_counts(string first, string second, int? value, bool? prefixes)
    {
        var merged = NodeConfigMerge.Merge(Read(first), Read(second)).MaxPods;
        Assert.Equal((value, prefixes), (merged.Value?.Value, merged.PrefixDelegation?.Value));
        Assert.True(merged.Expression is null);
    }

    [Fact]
    public void Labels_merge_by_key_and_taints_are_replaced()
    {
        var merged = NodeConfigMerge.Merge(
            Read("labels: {a: b, c: d}\n  taints: [{key: a, effect: NoSchedule}]"), Read("labels: {c: e}\n  taints: [{key: b, effect: NoExecute}]"));
        Assert.Equal("a=b,c=e", string.Join(',', merged.Labels.Select(l => $"{l.Key}={l.Value.Value}")));
        Assert.Equal("b", Assert.Single(merged.Taints).Value.Key);
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a $ b", "a $ b")]
    [InlineData("$${instance.type}", "${instance.type}")]
    [InlineData("x-${instance.type}-y", "x-|instance.type|-y")]
    [InlineData("${instance.tags.aws:autoscaling:groupName:-no:-thing}", "instance.tags.aws:autoscaling:groupName?no:-thing")]
    [InlineData("${instance.tags.team:-}", "instance.tags.team?")]
    [InlineData("", "")]
    public void A_template_has_texts_and_facts(string text, string parts) => Assert.Equal(
        parts, string.Join('|', Template.Parse(text, out _)!.Parts.Select(p => p.Fact is null ? p.Text : p.Default is null ? p.Fact : $"{p.Fact}?{p.Default}")));

    [Fact]
    public void A_template_tells_the_line_and_column_of_a_mistake()
    {
        Assert.Null(Template.Parse("a\nbc${nothing}", out var error));
        Assert.Equal((2, 5), (error!.Line, error.Column));
    }

    [Theory]
    [InlineData("dense")]
    [InlineData("batch")]
    [InlineData("ml")]
    public void Every_value_of_a_preset_is_read_and_has_its_reason(string name)
    {
        var rows = DataRows().Where(r => r[0] == name).ToList();
        Assert.NotEmpty(rows);
        Assert.All(rows, r => Assert.True(r.Length == 4 && r[3].Length > 10, string.Join(' ', r)));
        var config = Presets.Of(name);
        var leaves = Leaves(NodeConfigWriter.Spec(config)).Order(StringComparer.Ordinal);
        Assert.Equal(rows.Select(r => $"{r[1]["spec/".Length..]}={r[2]}").Order(StringComparer.Ordinal), leaves);

        // The kubelets of every minor take what it sets.
        foreach (var minor in Enumerable.Range(30, 7))
        {
            var diagnostics = new DiagnosticBag();
            KubeletConfigRules.Check(config.Kubelet.Config!, new SemanticVersion(1, minor, 0), diagnostics, predicting: false);
            Assert.Empty(diagnostics.Items);
        }
    }

    [Fact]
    public void A_preset_is_below_every_document()
    {
        var diagnostics = new DiagnosticBag();
        var config = ConfigurationReader.Read(
            [Source("preset: dense\n  kubelet: {config: {podPidsLimit: 9}}"), Source("cluster: {name: a}")],
            diagnostics,
            JsonReader.Read("""{"spec": {"kubelet": {"config": {"registryPullQPS": 3}}}}""", "image.json", 0, diagnostics) as TreeMap).Configuration;
        Assert.Equal(("9", "3", "30"), (Text("podPidsLimit"), Text("registryPullQPS"), Text("registryBurst")));
        Assert.Equal("preset dense", config.Kubelet.Config!["registryBurst"]!.Origin.ToString());
        Assert.Equal("preset dense", config.MaxPods.PrefixDelegation?.Origin.ToString());

        string? Text(string key) => (config.Kubelet.Config![key] as TreeScalar)?.Text;
    }

    [Fact]
    public void None_takes_back_the_preset_of_the_image()
    {
        var diagnostics = new DiagnosticBag();
        var defaults = JsonReader.Read("""{"spec": {"preset": "dense"}}""", "image.json", 0, diagnostics) as TreeMap;
        Assert.True(ConfigurationReader.Read([Source("cluster: {name: a}")], diagnostics, defaults).Configuration.MaxPods.IsSet);
        Assert.False(ConfigurationReader.Read([Source("preset: none")], diagnostics, defaults).Configuration.MaxPods.IsSet);
    }

    private static IEnumerable<string[]> DataRows() =>
        File.ReadLines(Path.Combine(TestFiles.Root, "data/presets.tsv")).Skip(1).Select(l => l.Split('\t'));

    private static IEnumerable<string> Leaves(TreeMap map, string path = "") => map.Entries.SelectMany(e => e.Value switch
    {
        TreeMap below => Leaves(below, path + e.Key + "/"),
        TreeScalar scalar => [$"{path}{e.Key}={scalar.Text}"],
        _ => [],
    });

    private static SourceContent Source(string setting, string version = "eksnode.io/v1alpha1") =>
        new("config.yaml", Encoding.UTF8.GetBytes($"apiVersion: {version}\nkind: NodeConfig\nspec:\n  {setting}\n"), IsUserData: false);

    private static NodeConfig Read(string setting)
    {
        var diagnostics = new DiagnosticBag();
        var config = Read(setting, diagnostics);
        Assert.Empty(diagnostics.Items);
        return config;
    }

    private static NodeConfig Read(string setting, DiagnosticBag diagnostics, string version = "eksnode.io/v1alpha1") =>
        ConfigurationReader.Read([Source(setting, version)], diagnostics).Configuration;
}
