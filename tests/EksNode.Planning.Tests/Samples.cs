using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Tests;

/// <summary>A node that plans without a diagnostic, to be changed with <c>with</c>.</summary>
internal static class Samples
{
    public const string Authority = """
        -----BEGIN CERTIFICATE-----
        MIIBgTCCASegAwIBAgIUbehteCckTtc1eliC47ayYe4fCCowCgYIKoZIzj0EAwIw
        FTETMBEGA1UEAwwKa3ViZXJuZXRlczAgFw0yNjExMjIxNzA0MDdaGA8yMTI2MTAy
        OTE3MDQwN1owFTETMBEGA1UEAwwKa3ViZXJuZXRlczBZMBMGByqGSM49AgEGCCqG
        SM49AwEHA0IABMOhykex8wFrAzaV30VAZR0iuOcahs2A1jgY6fErAj9OjCV3PqD+
        LEvJqZWxVjg4F8P25xCIczTk2deXxX4dteWjUzBRMB0GA1UdDgQWBBSSikfYPMpI
        JZWOit16GOT/jrQr8jAfBgNVHSMEGDAWgBSSikfYPMpIJZWOit16GOT/jrQr8jAP
        BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIHxBx4Dfk+XfaSIrUBtx
        Qhxd2wbE0ODrWLRm921wz3kuAiEA6i5wyR42ALUl3NuGTZLQNGJ8jBItlcazoLbH
        pIkymII=
        -----END CERTIFICATE-----

        """;

    public const string Endpoint = "https://0123456789ABCDEF.gr7.us-west-2.eks.amazonaws.com";

    public static Origin At(int line) => Origin.At("user-data", line, 1);

    public static Sourced<T> Given<T>(T value, int line = 1) => new(value, At(line));

    public static NodeConfig Config { get; } = new()
    {
        Cluster = new ClusterSettings
        {
            Name = Given("my-cluster", 5),
            ApiServerEndpoint = Given(Endpoint, 6),
            CertificateAuthority = Given(ImmutableArray.Create(Encoding.ASCII.GetBytes(Authority)), 7),
            Cidr = Given("10.100.0.0/16", 8),
        },
    };

    public static NodeFacts Machine { get; } = new()
    {
        Instance = new InstanceFacts
        {
            Id = "i-0123456789abcdef0",
            Type = "m6i.large",
            Region = "us-west-2",
            AvailabilityZone = "us-west-2a",
            Mac = "02:00:00:00:00:01",
            LocalIpv4 = "10.0.1.20",
            PrivateDnsName = "ip-10-0-1-20.us-west-2.compute.internal",
        },
        Host = new HostFacts { CpuCount = 2, MemoryBytes = 8L << 30, Architecture = "amd64", PciDevices = [], NvidiaContainerRuntime = false },
        Image = new ImageFacts { KubeletVersion = "1.33.4", ContainerdVersion = "2.1.9" },
    };

    public static NodeFacts WithKubelet(string version) => Machine with { Image = Machine.Image with { KubeletVersion = version } };

    public static NodeConfig WithFlags(params string[] flags) =>
        Config with { Kubelet = Config.Kubelet with { Flags = [.. flags.Select((f, i) => Given(f, 20 + i))] } };

    public static NodeConfig WithKubeletConfig(params (string Key, TreeNode Value)[] entries) =>
        Config with { Kubelet = Config.Kubelet with { Config = Map(entries) } };

    public static NodeConfig WithGate(string gate, bool on = true) =>
        Config with { FeatureGates = Config.FeatureGates.SetItem(gate, Given(on, 30)) };

    public static TreeMap Map(params (string Key, TreeNode Value)[] entries) =>
        new(entries.Select(e => new TreeEntry(e.Key, At(40), e.Value)), At(40));

    public static TreeScalar Text(string value) => TreeScalar.Of(value, At(41));

    public static TreeScalar Number(long value) => TreeScalar.Of(value, At(42));

    public static (Plan Plan, DiagnosticBag Diagnostics) Planned(NodeConfig? config = null, NodeFacts? facts = null)
    {
        var diagnostics = new DiagnosticBag();
        var plan = Planner.Plan(config ?? Config, facts ?? Machine, diagnostics);
        Assert.NotNull(plan);
        return (plan, diagnostics);
    }

    public static FileResource File(this Plan plan, string path) => Assert.IsType<FileResource>(plan.Find("file:" + path));

    public static string ContentOf(this Plan plan, string path) => Encoding.UTF8.GetString(plan.File(path).Content.AsSpan());

    public static string FileText(string path, NodeConfig? config = null, NodeFacts? facts = null) => Planned(config, facts).Plan.ContentOf(path);

    public static Diagnostic Only(this DiagnosticBag bag, DiagnosticDescriptor descriptor) =>
        Assert.Single(bag.Items, d => d.Code == descriptor.Code);
}
