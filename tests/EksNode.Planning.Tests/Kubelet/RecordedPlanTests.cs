using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Kubelet;
using EksNode.Planning.Plans;
using EksNode.Planning.Tests.Cases;

namespace EksNode.Planning.Tests.Kubelet;

/// <summary>The kubelet runs what a plan says that it will run: for every case, and for configurations made up for the occasion.</summary>
public sealed class RecordedPlanTests
{
    private static readonly string[] Machine = [.. KubeletRecord.Always, "--node-ip=10.0.0.5"];

    private static readonly string[] Fields =
    [
        "maxPods: 0", "maxPods: 21", "podPidsLimit: -1", "podPidsLimit: 4096", "evictionHard: {memory.available: 5%}", "evictionHard: {}", "evictionHard: null",
        "kubeReserved: {cpu: null}", "kubeReserved: {memory: 2Gi, pid: \"100\"}", "systemReserved: {memory: 1Gi}", "clusterDNS: []", "clusterDNS: [10.1.2.3, 10.1.2.4]",
        "featureGates: {MemoryQoS: false}", "serializeImagePulls: null", "maxParallelImagePulls: 4", "logging: {verbosity: 0}", "logging: null", "registryPullQPS: 0",
        "registryBurst: 0", "readOnlyPort: 10255", "shutdownGracePeriod: 0s\nshutdownGracePeriodCriticalPods: 0s", "shutdownGracePeriod: 90s\nshutdownGracePeriodCriticalPods: 20s",
        "imageGCHighThresholdPercent: 70\nimageGCLowThresholdPercent: 60", "nodeStatusUpdateFrequency: 40s", "nodeStatusUpdateFrequency: 40s\nnodeStatusReportFrequency: null",
        "containerLogMaxSize: 50Mi", "containerLogMaxFiles: 3", "allowedUnsafeSysctls: [net.core.somaxconn]", "tlsCipherSuites: []", "serverTLSBootstrap: false",
        "authentication: {webhook: {cacheTTL: 30s}}", "authorization: {webhook: null}", "hairpinMode: null", "providerID: null", "cpuCFSQuota: false",
        "registerWithTaints: [{key: a, value: b, effect: NoSchedule}]", "reservedSystemCPUs: \"0\"\nsystemReservedCgroup: null\nkubeReservedCgroup: null", "imageMaximumGCAge: 240h", "memorySwap: {swapBehavior: NoSwap}",
    ];

    public static TheoryData<string> Cases => [.. CaseInput.Names];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task IsWhatTheKubeletRuns(string name)
    {
        var kubelet = RealKubelet.Find();
        var input = CaseInput.Of(name);
        var diagnostics = new DiagnosticBag();
        await AgreesAsync(kubelet, input.Configuration(diagnostics), name, input);
    }

    [Fact]
    public async Task IsWhatTheKubeletRunsWithAnySetting()
    {
        var kubelet = RealKubelet.Find();
        var seed = Environment.GetEnvironmentVariable("EKSNODE_SEED") is { } given ? int.Parse(given, System.Globalization.CultureInfo.InvariantCulture) : Random.Shared.Next();
        var random = new Random(seed);
        for (var round = 0; round < 12; round++)
        {
            var chosen = Enumerable.Range(0, 4).Select(_ => Fields[random.Next(Fields.Length)]).ToArray();
            var config = CaseInput.Of(CaseInput.Plain).Configuration(new DiagnosticBag());
            foreach (var field in chosen)
            {
                var layer = Assert.IsType<TreeMap>(Assert.Single(YamlReader.Read(field, "user-data", 0, new DiagnosticBag())));
                config = NodeConfigMerge.Merge(config, new NodeConfig { Kubelet = new KubeletSettings { Config = layer } });
            }

            await AgreesAsync(kubelet, config, $"EKSNODE_SEED={seed}: {string.Join("; ", chosen)}", CaseInput.Of(CaseInput.Plain));
        }
    }

    private static async Task AgreesAsync(RealKubelet kubelet, NodeConfig config, string name, CaseInput input)
    {
        var minor = KubeletRecord.MinorOf(kubelet.Version);
        if (Planner.Plan(config, input.Facts(new MatrixMember(minor, 2)), new DiagnosticBag()) is not { } plan)
        {
            return;
        }

        var planned = KubeletInputs.Of(plan, minor, [config]);
        Assert.NotNull(planned);
        // Programs and files of a node are not here; flags of labels and cgroups say nothing about the configuration.
        string[] left = ["--config", "--kubeconfig", "--bootstrap-kubeconfig", "--image-credential-provider", "--node-ip", "--hostname-override", "--runtime-cgroups", "--cloud-provider", "--root-dir"];
        var arguments = planned.Arguments.Where(a => !left.Any(l => a.Value.StartsWith(l, StringComparison.Ordinal))).ToArray();
        var inputs = new KubeletInputs
        {
            Minor = minor,
            File = planned.File,
            DropIns = planned.DropIns,
            Arguments = [.. arguments, .. Machine.Select(m => new Sourced<string>(m, Origin.Default("the test's machine")))],
        };
        var answer = await kubelet.AskAsync(
            Text(plan, NodePaths.KubeletConfig)!,
            Text(plan, NodePaths.KubeletUserConfig) is { } user ? [user] : [],
            inputs.Arguments.Select(a => a.Value));
        var answered = KubeletRecord.Answered(answer);
        var effective = KubeletRecord.Lines(inputs);
        Assert.True(answered.SequenceEqual(effective), $"{name}, kubelet {kubelet.Version}:\n{EffectiveKubeletTests.Difference(answered, effective)}");
    }

    private static string? Text(Plan plan, string path) =>
        plan.Find(NodePaths.FileId(path)) is FileResource file ? Encoding.UTF8.GetString(file.Content.AsSpan()) : null;
}
