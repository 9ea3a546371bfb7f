using EksNode.Configuration.Collections;
using System.Collections.Immutable;
using System.Text;
using CsCheck;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;
using static EksNode.Planning.Tests.Samples;

namespace EksNode.Planning.Tests;

public sealed class PlannerProperties
{
    private const int Iterations = 5000;

    private static readonly Gen<string> AnyText = Gen.String[Gen.Char["aZ09.:/-=%\\\"' \n\r\t\0ü"], 0, 12];

    private static readonly Gen<string> Version = Gen.Select(Gen.Int[1, 2], Gen.Int[0, 40], Gen.Int[0, 20], (a, b, c) => $"{a}.{b}.{c}");

    private static readonly Gen<TreeNode> Leaf = Gen.OneOf(
        AnyText.Select(t => (TreeNode)TreeScalar.Of(t, At(1))),
        Gen.Int.Select(i => (TreeNode)TreeScalar.Of(i, At(1))),
        Gen.Bool.Select(b => (TreeNode)TreeScalar.Of(b, At(1))),
        Gen.Const((TreeNode)TreeScalar.Null(At(1))));

    private static readonly Gen<TreeMap> AnyMap = Gen.Recursive<TreeMap>((depth, map) =>
        Gen.Select(AnyOf("maxPods", "kubeReserved", "memory", "kind", "apiVersion", "x.y", ""), depth < 3
                ? Gen.OneOf(Leaf, map.Select(m => (TreeNode)m), Leaf.Array[0, 3].Select(l => (TreeNode)new TreeList([.. l], At(1))))
                : Leaf)
            .Array[0, 4]
            .Select(entries => Map(entries)));

    private static readonly Gen<NodeFacts> AnyFacts = Gen.Select(
        Gen.Select(AnyText.Null(), AnyOf<string?>("m6i.large", "m6i.xlarge", "z9.future", null), AnyText.Null(), Gen.OneOf(Gen.Const((string?)"fd00::1"), AnyText)),
        Gen.Select(Version.Null(), Version.Null(), AnyOf<string?>("cis-l1", "stig", "unknown", null), Gen.Bool.Nullable()),
        Gen.Select(Gen.Int[-1, 512].Nullable(), Gen.Long[0, 1L << 42].Nullable(), Gen.Bool.Nullable(), Gen.Bool),
        Gen.Select(AnyText.Null(), AnyText.Null(), AnyText.Array[0, 3], Gen.Int.Nullable()),
        (instance, image, host, cluster) => new NodeFacts
        {
            Instance = Machine.Instance with { Id = instance.Item1 ?? "i-1", Type = instance.Item2, PrivateDnsName = instance.Item3, Ipv6 = [instance.Item4 ?? ""] },
            Image = new ImageFacts { KubeletVersion = image.Item1, ContainerdVersion = image.Item2, Profile = image.Item3, Fips = image.Item4 },
            Host = new HostFacts
            {
                CpuCount = host.Item1,
                MemoryBytes = host.Item2,
                NvidiaContainerRuntime = host.Item3,
                PciDevices = host.Item4 ? [new PciDevice("0000:00:1e.0", "10de", "2237", "030200")] : null,
            },
            Cluster = new ClusterFacts { Endpoint = cluster.Item1, CertificateAuthority = cluster.Item2, EndpointAddresses = [.. cluster.Item3], ServiceCidr = "fd00::/108" },
            InstanceType = cluster.Item4 is { } enis ? new InstanceTypeFacts(enis, enis / 2) : null,
        });

    private static readonly Gen<NodeConfig> AnyConfig = Gen.Select(
        Gen.Select(AnyOf<string?>("10.100.0.0/16", "fd00:10:96::/108", "::/0", "0.0.0.0/32", null), Gen.Bool, AnyText.Null(), Gen.Bool),
        Gen.Select(AnyMap, AnyText.Array[0, 4], AnyOf<string?>("max_pods", "max_pods / 0", "(", null)),
        Gen.Select(Gen.Dictionary(AnyOf("default", "kubelet", "containerd"), Gen.Dictionary(AnyOf("A", "B", "TOKEN"), AnyText)[0, 2])[0, 2], AnyText.Array[0, 2]),
        Gen.Select(Gen.Bool, Gen.Bool),
        (cluster, kubelet, instance, gates) => new NodeConfig
        {
            Cluster = Config.Cluster with
            {
                Cidr = cluster.Item1 is { } cidr ? Given(cidr) : null,
                EnableOutpost = Given(cluster.Item2),
                Id = cluster.Item3 is { } id ? Given(id) : null,
                ApiServerEndpoint = cluster.Item4 ? Config.Cluster.ApiServerEndpoint : null,
            },
            Kubelet = new KubeletSettings
            {
                Config = kubelet.Item1,
                Flags = [.. kubelet.Item2.Select(f => Given(f))],
                MaxPodsExpression = kubelet.Item3 is { } expression ? Given(expression) : null,
            },
            Instance = new InstanceSettings
            {
                Environment = MapOf(instance.Item1, service => MapOf(service, value => Given(new Secret(value)))),
                Nameservers = Given<ImmutableArray<string>>([.. instance.Item2]),
            },
            FeatureGates = SortedMap.Empty<Sourced<bool>>().Add("FastImagePull", Given(gates.Item1)).Add("InstanceIdNodeName", Given(gates.Item2)),
        });

    private static Gen<T> AnyOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    [Fact]
    public void Planning_never_throws_and_gives_the_same_bytes_every_time() =>
        Gen.Select(AnyConfig, AnyFacts).Sample((config, facts) => Assert.Equal(Text(config, facts), Text(config, facts)), iter: Iterations);

    [Fact]
    public void A_plan_without_errors_is_complete() =>
        Gen.Select(AnyConfig, AnyFacts).Sample((config, facts) =>
        {
            var bag = new DiagnosticBag();
            var plan = Planner.Plan(config, facts, bag);
            Assert.True(bag.HasErrors || plan is not null);
            Assert.True(plan is null || plan.Find("file:" + NodePaths.KubeletConfig) is not null);
        }, iter: Iterations);

    // All of a plan as text: bytes, modes, reasons, order, diagnostics.
    private static string Text(NodeConfig config, NodeFacts facts)
    {
        var bag = new DiagnosticBag();
        var text = new StringBuilder();
        foreach (var resource in Planner.Plan(config, facts, bag)?.Resources ?? [])
        {
            text.AppendLine($"{resource.Id} {string.Join(' ', resource.DependsOn)} {string.Join(' ', resource.Restarts)}");
            text.AppendJoin('\n', resource.Reasons);
            if (resource is FileResource file)
            {
                text.AppendLine($"{file.Mode} {Convert.ToHexString(file.Content.AsSpan())}");
            }
        }

        return text.AppendJoin('\n', bag.Items).ToString();
    }

    private static SortedMap<TResult> MapOf<T, TResult>(IEnumerable<KeyValuePair<string, T>> entries, Func<T, TResult> make) =>
        SortedMap.Empty<TResult>().With(entries.Select(e => KeyValuePair.Create(e.Key, make(e.Value))));
}
