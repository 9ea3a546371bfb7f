using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Containerd;
using EksNode.Planning.Decisions;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Tests.Containerd;

/// <summary>What the containerd component plans for one set of inputs.</summary>
internal sealed class ContainerdPlan
{
    public const string Config = "/etc/containerd/config.toml";
    public const string RuntimeSpec = "/etc/containerd/base-runtime-spec.json";

    private ContainerdPlan(IReadOnlyList<Resource> resources, DiagnosticBag diagnostics)
    {
        Resources = resources;
        Diagnostics = diagnostics.Items;
    }

    public IReadOnlyList<Resource> Resources { get; }

    public IReadOnlyList<Diagnostic> Diagnostics { get; }

    /// <summary>The text of containerd's configuration.</summary>
    public string Toml => Text(Config);

    /// <summary>Plans.</summary>
    /// <param name="containerd">The installed containerd.</param>
    /// <param name="toml">The user's TOML; null: none.</param>
    /// <param name="kubelet">The kubelet.</param>
    /// <param name="nvidia">Whether the NVIDIA runtime is installed.</param>
    /// <param name="fast">Whether FastImagePull is active.</param>
    /// <param name="spec">The user's part of the runtime spec, as JSON; null: none.</param>
    /// <param name="facts">Facts; the component reads none.</param>
    public static ContainerdPlan Of(
        string containerd = "2.1.9",
        string? toml = null,
        string kubelet = "1.33.4",
        bool nvidia = false,
        bool fast = false,
        string? spec = null,
        NodeFacts? facts = null)
    {
        var config = NodeConfig.Empty with
        {
            Containerd = new ContainerdSettings
            {
                Config = toml is null ? null : Parse(toml),
                BaseRuntimeSpec = spec is null ? null : ParseJson(spec),
            },
        };
        return Of(config, containerd, kubelet, nvidia, fast, facts);
    }

    public static ContainerdPlan Of(
        NodeConfig config, string containerd, string kubelet = "1.33.4", bool nvidia = false, bool fast = false, NodeFacts? facts = null)
    {
        var diagnostics = new DiagnosticBag();
        var context = new PlanContext(config, facts ?? new NodeFacts(), Decide(containerd, kubelet, nvidia, fast), diagnostics);
        return new ContainerdPlan([.. new ContainerdComponent().Plan(context)], diagnostics);
    }

    public FileResource File(string path) => Assert.Single(Resources.OfType<FileResource>(), f => f.Path == path);

    public string Text(string path) => Encoding.UTF8.GetString(File(path).Content.AsSpan());

    /// <summary>The planned configuration, read back.</summary>
    public TreeMap Tree => Parse(Toml);

    /// <summary>A value of the planned configuration as text; null when it is not there.</summary>
    public string? Value(string path) => Show(TreeLeaves.Find(Tree, [.. TomlPath.Parse(path)]));

    public Diagnostic Only(DiagnosticDescriptor descriptor) => Assert.Single(Diagnostics, d => d.Code == descriptor.Code);

    /// <summary>A TOML document that must be right.</summary>
    public static TreeMap Parse(string toml)
    {
        var diagnostics = new DiagnosticBag();
        var tree = TomlReader.Read(toml, "user-data", diagnostics);
        Assert.Empty(diagnostics.Items);
        Assert.NotNull(tree);
        return tree;
    }

    /// <summary>A JSON document that must be right.</summary>
    public static TreeMap ParseJson(string json)
    {
        var diagnostics = new DiagnosticBag();
        var tree = JsonReader.Read(json, "user-data", 0, diagnostics);
        Assert.Empty(diagnostics.Items);
        return Assert.IsType<TreeMap>(tree);
    }

    public static SemanticVersion Version(string text) =>
        SemanticVersion.Find(text) ?? throw new ArgumentException("not a version", nameof(text));

    /// <summary>A tree as text in one order, to compare two of them.</summary>
    public static string? Show(TreeNode? node) => node switch
    {
        null => null,
        TreeMap map => "{" + string.Join(", ", map.Entries.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Key}: {Show(e.Value)}")) + "}",
        TreeList list => "[" + string.Join(", ", list.Items.Select(Show)) + "]",
        TreeScalar { Kind: ScalarKind.String } text => $"\"{text.Text}\"",
        TreeScalar scalar => scalar.Text,
        _ => throw new ArgumentException("not a node", nameof(node)),
    };

    private static NodeDecisions Decide(string containerd, string kubelet, bool nvidia, bool fast)
    {
        var given = Origin.Fact("test");
        return new NodeDecisions
        {
            KubeletVersion = new(Version(kubelet), Origin.Fact("image.kubeletVersion")),
            ContainerdVersion = new(Version(containerd), Origin.Fact("image.containerdVersion")),
            ClusterName = new("demo", given),
            ApiServerEndpoint = new("https://example.com", given),
            CertificateAuthority = new([], given),
            OnOutpost = new(false, given),
            IpFamily = new(IpFamily.Ipv4, given),
            ClusterDns = new("10.100.0.10", given),
            NodeName = new("node", given),
            NodeIp = new("10.0.0.1", given),
            ProviderId = new("aws:///us-west-2a/i-1", given),
            Region = new("us-west-2", given),
            MaxPods = new(29, given),
            Reserved = new(new ReservedResources(70, 574), given),
            Runtime = new(
                nvidia ? new RuntimeHandler("nvidia", "/usr/bin/nvidia-container-runtime") : new RuntimeHandler("runc", "/usr/sbin/runc"),
                Origin.Fact("host.nvidiaContainerRuntime")),
            FastImagePull = new(fast, Origin.At("user-data", 7, 5)),
            SandboxImage = new("localhost/kubernetes/pause:latest", Origin.Default("the pause image that the node image carries")),
            NvidiaDevice = new(nvidia, given),
        };
    }
}
