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

    // On Outposts the kubelet writes its own kubeconfig, which the identity of the node is read from.
    public static TheoryData<string> Cases => [.. CaseInput.Names.Where(n => !n.StartsWith("outposts", StringComparison.Ordinal))];

    // Max pods by an expression below other max pods of a drop-in: eksnode's own `spec.maxPods` reserves for those that count, and the node had
    // reserved for the others, which then stands in the drop-in.
    private static readonly string[] OtherFiles = ["every-field"];

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
        if (!OtherFiles.Contains(name))
        {
            Assert.Equal(Written(plan), Written(again));
        }
    }

    // What the other group lacks, in each case that has it: it is named by its file and the field of eksnode's own.
    [Theory]
    [InlineData("kernel-limits-hooks", "/etc/sysctl.d/90-eksnode.conf", "spec.kernel.sysctls")]
    [InlineData("kernel-limits-hooks", "/etc/modules-load.d/eksnode.conf", "spec.kernel.modules")]
    [InlineData("kernel-limits-hooks", "/etc/systemd/system/containerd.service.d/90-eksnode-limits.conf", "spec.limits.units")]
    [InlineData("registries", "/etc/containerd/certs.d/docker.io/hosts.toml", "spec.registries")]
    [InlineData("registries", "/etc/pki/ca-trust/source/anchors/company-root.pem", "spec.trust.certificateAuthorities")]
    [InlineData("registries", "/etc/eks/image-credential-provider/config.json", "spec.credentialProviders")]
    [InlineData("registries", "/etc/systemd/system/eksnode-prefetch.service", "spec.images.prefetch")]
    [InlineData("kubelet-replace", "/etc/kubernetes/kubelet/config.json", "spec.kubelet.configMode")]
    public void WhatTheOtherGroupCannotExpressIsNamedWithItsFileAndField(string name, string file, string field)
    {
        var input = CaseInput.Of(name);
        var plan = Planner.Plan(input.Configuration(new DiagnosticBag()), input.Facts(Member), new DiagnosticBag())!;
        var diagnostics = new DiagnosticBag();
        var converted = NodeConversion.Of(Files(plan), input.Facts(Member), ApiGroups.NodeEksV1Alpha1, diagnostics);
        var found = Assert.Single(diagnostics.Items, d => d.Code == DiagnosticCatalogue.NodeSettingNeedsOwnGroup.Code && d.Path == file && d.Help.Contains($"`{field}`", StringComparison.Ordinal));
        Assert.Contains($"`{file}`", found.Message, StringComparison.Ordinal);
        Assert.Equal(Severity.Warning, found.Severity);
        var read = new DiagnosticBag();
        ConfigurationReader.Read([new SourceContent("converted", Encoding.UTF8.GetBytes(YamlWriter.Write(converted!)), false)], read);
        Assert.DoesNotContain(read.Items, d => d.Severity == Severity.Error || d.Code == DiagnosticCatalogue.UnknownKey.Code);
    }

    // A kubelet before 1.29 reads no drop-ins, and other tools then merge the user's settings into a file whose keys are sorted.
    [Fact]
    public void ASortedConfigurationOfAnotherToolReplacesNothing()
    {
        var input = CaseInput.Of("kubelet-replace");
        var plan = Planner.Plan(input.Configuration(new DiagnosticBag()), input.Facts(Member), new DiagnosticBag())!;
        Assert.Equal("Replace", Of(Files(plan)));
        Assert.Null(Of(Files(plan, isOwn: false)));

        string? Of(NodeFiles files) => (((NodeConversion.Of(files, input.Facts(Member), ApiGroups.EksNodeV1Alpha1, new DiagnosticBag())!["spec"] as TreeMap)?["kubelet"] as TreeMap)?["configMode"] as TreeScalar)?.Text;
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
        Assert.Equal(["--node-ip=10.0.0.1", "--v=2"], QuotedWords.Split(value));
    }

    [Fact]
    public void FilesOfNoNodeAreAnError()
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(NodeConversion.Of(new NodeFiles(), Samples.Machine, ApiGroups.NodeEksV1Alpha1, diagnostics));
        diagnostics.Only(DiagnosticCatalogue.NodeFilesIncomplete);
    }

    internal static NodeFiles Files(Plan plan, bool isOwn = true, IEnumerable<NodeText>? others = null, params IEnumerable<TreeMap> dropIns)
    {
        var environment = SystemdWords.Value(plan.ContentOf(NodePaths.KubeletEnvironment), "NODEADM_KUBELET_ARGS");
        return new NodeFiles
        {
            Kubelet = new SemanticVersion(1, 33, 3),
            Containerd = new SemanticVersion(2, 1, 5),
            KubeletConfig = Yaml(plan, NodePaths.KubeletConfig),
            KubeletDropIns = [.. Yaml(plan, NodePaths.KubeletUserConfig) is { } dropIn ? [dropIn] : Array.Empty<TreeMap>(), .. dropIns],
            Arguments = [.. QuotedWords.Split(environment ?? "").Select(w => new Sourced<string>(w, Origin.At("environment", 1, 1)))],
            ContainerdConfig = TomlReader.Read(plan.ContentOf("/etc/containerd/config.toml"), "config.toml", new DiagnosticBag()),
            BaseRuntimeSpec = Yaml(plan, NodePaths.BaseRuntimeSpec),
            CertificateAuthority = plan.File(NodePaths.CertificateAuthority).Content,
            CredentialProviders = Yaml(plan, NodePaths.ImageCredentialProviderConfig),
            Kubeconfig = Yaml(plan, NodePaths.Kubeconfig),
            IsOwn = isOwn,
            Texts = [.. plan.Resources.OfType<FileResource>().Where(f => !f.Path.StartsWith("/var/", StringComparison.Ordinal)).Select(f => new NodeText(f.Path, Encoding.UTF8.GetString(f.Content.AsSpan()))).Concat(others ?? []).OrderBy(f => f.Path, StringComparer.Ordinal)],
        };
    }

    private static TreeMap? Yaml(Plan plan, string path) =>
        plan.Find(NodePaths.FileId(path)) is FileResource file
            ? Assert.IsType<TreeMap>(Assert.Single(YamlReader.Read(Encoding.UTF8.GetString(file.Content.AsSpan()), path, 0, new DiagnosticBag())))
            : null;

    private static IEnumerable<string> Written(Plan plan) =>
        plan.Resources.OfType<FileResource>().Select(f => $"{f.Path} {f.Mode:x}\n{Encoding.UTF8.GetString(f.Content.AsSpan())}").Order(StringComparer.Ordinal);

    private static IEnumerable<string> Effective(Plan plan) =>
        EffectiveKubelet.Of(KubeletInputs.Of(plan, Member.Minor, [])!).Settings.Select(s => s.Path + " = " + JsonWriter.Write(s.Value, 0));

    private static string Containerd(Plan plan) =>
        JsonWriter.Write(TomlReader.Read(plan.ContentOf("/etc/containerd/config.toml"), "config.toml", new DiagnosticBag())!, 1)
        + JsonWriter.Write(Yaml(plan, NodePaths.BaseRuntimeSpec)!, 1);
}
