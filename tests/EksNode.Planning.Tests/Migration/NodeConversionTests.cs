using System.Text;
using EksNode.Configuration;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Kubelet;
using EksNode.Planning.Migration;
using EksNode.Planning.Plans;
using EksNode.Planning.Tests.Cases;

namespace EksNode.Planning.Tests.Migration;

/// <summary>A node's files become a NodeConfig that plans the same files.</summary>
public sealed class NodeConversionTests
{
    private static readonly MatrixMember Member = new(33, 2);

    // On Outposts the kubelet writes its own kubeconfig. A configuration that replaces eksnode's becomes a drop-in, which cannot take a map
    // that eksnode writes (evictionHard) away again.
    public static TheoryData<string> Cases =>
        [.. CaseInput.Names.Where(n => !n.StartsWith("outposts", StringComparison.Ordinal) && n != "kubelet-replace-hardened")];

    [Theory]
    [MemberData(nameof(Cases))]
    public void PlanFilesConvertPlanIsTheSame(string name)
    {
        var input = CaseInput.Of(name);
        var facts = input.Facts(Member);
        if (Planner.Plan(input.Configuration(new DiagnosticBag()), facts, new DiagnosticBag()) is not { } plan)
        {
            return;
        }

        var diagnostics = new DiagnosticBag();
        var converted = NodeConversion.Of(Files(plan), facts, ApiGroups.EksNodeV1Alpha1, diagnostics);
        Assert.NotNull(converted);
        Assert.DoesNotContain(diagnostics.Items, d => d.Severity == Severity.Error);
        var read = ConfigurationReader.Read([new SourceContent("converted", Encoding.UTF8.GetBytes(YamlWriter.Write(converted)), false)], diagnostics);
        Assert.DoesNotContain(diagnostics.Items, d => d.Severity == Severity.Error);
        var again = Planner.Plan(read.Configuration, facts, new DiagnosticBag());
        Assert.NotNull(again);
        Assert.Equal(Effective(plan), Effective(again));
        Assert.Equal(Containerd(plan), Containerd(again));
    }

    [Fact]
    public void WhatEksnodePlansByItselfIsNotWritten()
    {
        var (plan, _) = Samples.Planned();
        var converted = NodeConversion.Of(Files(plan), Samples.Machine, ApiGroups.NodeEksV1Alpha1, new DiagnosticBag());
        var spec = Assert.IsType<TreeMap>(converted!["spec"]);
        Assert.Equal(["cluster"], spec.Entries.Select(e => e.Key));
    }

    [Fact]
    public void WithoutTheInstanceTypeTheNumbersAreWritten()
    {
        var (plan, _) = Samples.Planned();
        var facts = Samples.Machine with { Instance = Samples.Machine.Instance with { Type = null, Id = null, LocalIpv4 = null } };
        var converted = NodeConversion.Of(Files(plan), facts, ApiGroups.NodeEksV1Alpha1, new DiagnosticBag());
        var text = YamlWriter.Write(converted!);
        Assert.Contains("maxPods: 29", text, StringComparison.Ordinal);
        Assert.Contains("memory: \"574Mi\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("providerID", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("A=--a \"b c\" \\\\x", "A", "--a \"b c\" \\x")]
    [InlineData("A=\"--a \\\"b\\\"\"\nB=1", "A", "--a \"b\"")]
    [InlineData("A=1\nA=2", "A", "2")]
    public void AVariableIsReadAsSystemdReadsIt(string text, string variable, string expected) => Assert.Equal(expected, SystemdWords.Value(text, variable));

    [Fact]
    public void ADropInOfAmazonLinux2IsRead()
    {
        var (variable, value) = Assert.Single(SystemdWords.Environment("[Service]\nEnvironment='KUBELET_ARGS=--node-ip=10.0.0.1 --v=2'\n"));
        Assert.Equal(("KUBELET_ARGS", "--node-ip=10.0.0.1 --v=2"), (variable, value));
        Assert.Equal(["--node-ip=10.0.0.1", "--v=2"], SystemdWords.Split(value));
    }

    [Fact]
    public void FilesOfNoNodeAreAnError()
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(NodeConversion.Of(new NodeFiles(), Samples.Machine, ApiGroups.NodeEksV1Alpha1, diagnostics));
        diagnostics.Only(DiagnosticCatalogue.NodeFilesIncomplete);
    }

    private static NodeFiles Files(Plan plan)
    {
        var environment = SystemdWords.Value(plan.ContentOf(NodePaths.KubeletEnvironment), "NODEADM_KUBELET_ARGS");
        return new NodeFiles
        {
            Kubelet = new SemanticVersion(1, 33, 3),
            Containerd = new SemanticVersion(2, 1, 5),
            KubeletConfig = Yaml(plan, NodePaths.KubeletConfig),
            KubeletDropIns = Yaml(plan, NodePaths.KubeletUserConfig) is { } dropIn ? [dropIn] : [],
            Arguments = [.. SystemdWords.Split(environment ?? "").Select(w => new Sourced<string>(w, Origin.At("environment", 1, 1)))],
            ContainerdConfig = TomlReader.Read(plan.ContentOf("/etc/containerd/config.toml"), "config.toml", new DiagnosticBag()),
            BaseRuntimeSpec = Yaml(plan, NodePaths.BaseRuntimeSpec),
            CertificateAuthority = plan.File(NodePaths.CertificateAuthority).Content,
            Kubeconfig = Yaml(plan, NodePaths.Kubeconfig),
        };
    }

    private static TreeMap? Yaml(Plan plan, string path) =>
        plan.Find(NodePaths.FileId(path)) is FileResource file
            ? Assert.IsType<TreeMap>(Assert.Single(YamlReader.Read(Encoding.UTF8.GetString(file.Content.AsSpan()), path, 0, new DiagnosticBag())))
            : null;

    private static IEnumerable<string> Effective(Plan plan) =>
        EffectiveKubelet.Of(KubeletInputs.Of(plan, Member.Minor, [])!).Settings.Select(s => s.Path + " = " + JsonWriter.Write(s.Value, 0));

    private static string Containerd(Plan plan) =>
        JsonWriter.Write(TomlReader.Read(plan.ContentOf("/etc/containerd/config.toml"), "config.toml", new DiagnosticBag())!, 1)
        + JsonWriter.Write(Yaml(plan, NodePaths.BaseRuntimeSpec)!, 1);
}
