using EksNode.Configuration.Collections;
using System.Collections.Immutable;
using CsCheck;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.Tests.Documents;

public sealed class MergeTests
{
    private static readonly TreeMap Nothing = new([], Origin.At("generated", 1, 1));

    private static readonly Gen<TreeMap?> OptionalTree = Gen.Frequency((1, Gen.Const((TreeMap?)null)), (3, TreeGenerators.Map.Select(m => (TreeMap?)m)));

    // Every value says which of the generated configurations it came from, so that a wrong winner shows.
    private static readonly Gen<Sourced<string>?> Text =
        Gen.Select(Gen.Int[0, 3], Gen.Int[1, 1000]).Select((value, line) =>
            value == 0 ? null : new Sourced<string>($"v{value}", Origin.At("generated", line, 1)));

    private static readonly Gen<Sourced<bool>?> Bool =
        Gen.Select(Gen.Int[0, 2], Gen.Int[1, 1000]).Select((value, line) =>
            value == 0 ? null : new Sourced<bool>(value == 1, Origin.At("generated", line, 1)));

    private static readonly Gen<SortedMap<Sourced<bool>>> Gates =
        Gen.Select(Gen.OneOf("A", "B", "C"), Gen.Bool, Gen.Int[1, 1000]).Array[0, 4].Select(gates => gates.Aggregate(
            SortedMap.Empty<Sourced<bool>>(),
            (all, g) => all.SetItem(g.Item1, new Sourced<bool>(g.Item2, Origin.At("generated", g.Item3, 1)))));

    private static readonly Gen<SortedMap<SortedMap<Sourced<Secret>>>> Environment =
        Gen.Select(Gen.OneOf("default", "kubelet"), Gen.OneOf("X", "Y"), Gen.Int[1, 1000]).Array[0, 5].Select(variables => variables.Aggregate(
            SortedMap.Empty<SortedMap<Sourced<Secret>>>(),
            (all, v) => all.SetItem(
                v.Item1,
                (all.GetValueOrDefault(v.Item1) ?? SortedMap.Empty<Sourced<Secret>>())
                    .SetItem(v.Item2, new Sourced<Secret>(new Secret($"{v.Item3}"), Origin.At("generated", v.Item3, 1))))));

    private static readonly Gen<NodeConfig> Configuration =
        Gen.Select(OptionalTree, OptionalTree, OptionalTree, OptionalTree).SelectMany((metadata, kubelet, containerd, runtime) =>
            Gen.Select(Text, Text, Bool, Gates, Environment, Text.Array[0, 3], Text).Select((name, cidr, outpost, gates, environment, flags, domains) => new NodeConfig
            {
                Metadata = metadata,
                Cluster = new ClusterSettings { Name = name, ApiServerEndpoint = cidr, Cidr = cidr, Id = name, EnableOutpost = outpost },
                Kubelet = new KubeletSettings { Config = kubelet, Flags = [.. flags.OfType<Sourced<string>>()], MaxPodsExpression = cidr },
                Containerd = new ContainerdSettings { Config = containerd, BaseRuntimeSpec = runtime },
                Instance = new InstanceSettings
                {
                    LocalStorage = new LocalStorageSettings { MountPath = domains },
                    Volumes = domains is null ? [] : [new Sourced<VolumeSettings>(new VolumeSettings(new VolumeMatch { Device = domains.Value }, [], "xfs"), domains.Origin)],
                    Environment = environment,
                    Domains = domains is null ? null : new Sourced<ImmutableArray<string>>([domains.Value], domains.Origin),
                },
                FeatureGates = gates,
                Preset = name,
                MaxPods = new MaxPodsSettings
                {
                    Value = name is null ? null : new Sourced<int>(name.Value.Length + 1, name.Origin),
                    Expression = cidr,
                    PrefixDelegation = outpost,
                    Cap = domains is null ? null : new Sourced<int>(7, domains.Origin),
                },
                Labels = domains is null ? SortedMap.Empty<Sourced<Template>>() : SortedMap.Empty<Sourced<Template>>().Add(domains.Value, new Sourced<Template>(Template.Parse("x", out _)!, domains.Origin)),
                Taints = cidr is null ? [] : [new Sourced<NodeTaint>(new NodeTaint { Key = cidr.Value, Effect = "NoSchedule" }, cidr.Origin)],
            }));

    [Theory]
    [InlineData("{a: 1, b: {c: 1, d: 2}}", "{b: {d: 3, e: 4}, f: 5}", "{a: i1, b: {c: i1, d: i3, e: i4}, f: i5}")]
    [InlineData("{a: [1, 2]}", "{a: [3]}", "{a: [i3]}")]
    [InlineData("{a: 1, b: x, c: [1], d: true, e: 1}", "{a: 0, b: '', c: [], d: false, e: null}", "{a: i0, b: s'', c: [], d: bfalse, e: null}")]
    [InlineData("{a: {b: 1}}", "{a: 1}", "{a: i1}")]
    [InlineData("{a: {b: 1}}", "{a: {}}", "{a: {b: i1}}")]
    [InlineData("{a: 1}", "{a: {b: 1}}", "{a: !{b: i1}}")]
    public void MapsMergeDeepAndEverythingElseIsReplaced(string earlier, string later, string expected) =>
        Assert.Equal(expected, Trees.Show(TreeMerge.Merge(Trees.Yaml(earlier), Trees.Yaml(later))));

    [Fact]
    public void AMergedValueKnowsWhichDocumentItCameFrom()
    {
        var merged = TreeMerge.Merge(Trees.Yaml("a: 1\nb: 2\n"), Trees.Yaml("\n\nb: 3\n"));
        Assert.Equal(("1:4", "3:4", "3:1"), (Trees.Place(merged["a"]), Trees.Place(merged["b"]), Trees.Place(merged.Find("b")!.KeyOrigin)));
    }

    [Fact]
    public void MergingTreesIsAssociative() => Gen.Select(TreeGenerators.Map, TreeGenerators.Map, TreeGenerators.Map).Sample((a, b, c) =>
        Exact(TreeMerge.Merge(TreeMerge.Merge(a, b), c)) == Exact(TreeMerge.Merge(a, TreeMerge.Merge(b, c))));

    [Fact]
    public void TheEmptyTreeIsTheIdentityOfMerging() => TreeGenerators.Map.Sample(map =>
        Exact(TreeMerge.Merge(map, Nothing)) == Exact(map) && Exact(TreeMerge.Merge(Nothing, map)) == Exact(map));

    [Fact]
    public void MergingTreesTwiceChangesNothing() => Gen.Select(TreeGenerators.Map, TreeGenerators.Map).Sample((a, b) =>
    {
        var once = TreeMerge.Merge(a, b);
        return Exact(TreeMerge.Merge(once, b)) == Exact(once);
    });

    [Fact]
    public void MergingConfigurationsIsAssociative() => Gen.Select(Configuration, Configuration, Configuration).Sample((a, b, c) =>
        Exact(NodeConfigMerge.Merge(NodeConfigMerge.Merge(a, b), c)) == Exact(NodeConfigMerge.Merge(a, NodeConfigMerge.Merge(b, c))));

    [Fact]
    public void TheEmptyConfigurationIsTheIdentityOfMerging() => Configuration.Sample(configuration =>
        Exact(NodeConfigMerge.Merge(configuration, NodeConfig.Empty)) == Exact(configuration)
        && Exact(NodeConfigMerge.Merge(NodeConfig.Empty, configuration)) == Exact(configuration));

    [Fact]
    public void OfTheSameSettingTheLaterOneWinsAndFlagsAreAppended() => Gen.Select(Configuration, Configuration).Sample((a, b) =>
    {
        var merged = NodeConfigMerge.Merge(a, b);
        return merged.Cluster.Name == (b.Cluster.Name ?? a.Cluster.Name)
            && merged.Kubelet.Flags.SequenceEqual(a.Kubelet.Flags.Concat(b.Kubelet.Flags))
            && b.FeatureGates.All(g => merged.FeatureGates[g.Key] == g.Value)
            && a.FeatureGates.Keys.All(merged.FeatureGates.ContainsKey);
    });

    // With the origins of the values, and whether a map replaces, so that nothing that shows later is left out.
    private static string Exact(TreeNode? node) => node switch
    {
        TreeMap map => (map.Replaces ? "!{" : "{") + string.Join(",", map.Entries.Select(e => $"{e.Key}@{e.KeyOrigin}={Exact(e.Value)}")) + "}",
        TreeList list => "[" + string.Join(",", list.Items.Select(Exact)) + "]",
        TreeScalar scalar => $"{scalar.Kind}:{scalar.Text}@{scalar.Origin}",
        _ => "-",
    };

    private static string Exact(NodeConfig c) => string.Join(
        "\n",
        Exact(c.Metadata),
        c.Cluster,
        Exact(c.Kubelet.Config),
        string.Join(",", c.Kubelet.Flags),
        c.Kubelet.MaxPodsExpression,
        Exact(c.Containerd.Config),
        Exact(c.Containerd.BaseRuntimeSpec),
        c.Instance.LocalStorage,
        string.Join(",", c.Instance.Volumes.Select(v => $"{v.Value.Match.Device}@{v.Origin}")),
        string.Join(",", c.Instance.Environment.Select(s => $"{s.Key}:{string.Join(",", s.Value.Select(v => $"{v.Key}={v.Value.Value.Reveal()}@{v.Value.Origin}"))}")),
        c.Instance.Domains is { } domains ? $"{domains.Value[0]}@{domains.Origin}" : "",
        string.Join(",", c.FeatureGates),
        c.Preset,
        $"{c.MaxPods.Value} {c.MaxPods.Expression} {c.MaxPods.PrefixDelegation} {c.MaxPods.ReservedEnis} {c.MaxPods.Cap}",
        string.Join(",", c.Labels),
        string.Join(",", c.Taints.Select(t => $"{t.Value.Key}@{t.Origin}")));
}
