using System.Collections.Immutable;
using EksNode.Configuration;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Planning.Explaining;

namespace EksNode.Planning.Tests.Explaining;

/// <summary>What decided a value, what it replaced, and what would change it.</summary>
public sealed class ExplanationTests
{
    private const string Cluster = """
        apiVersion: node.eks.aws/v1alpha1
        kind: NodeConfig
        spec:
          cluster: {name: c, apiServerEndpoint: "https://example.com", cidr: 10.100.0.0/16, certificateAuthority: CA}
        """;

    private static string Kubelet(string settings) => $"apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  kubelet: {settings}\n";

    private static ImmutableArray<Explanation> All(params string[] documents)
    {
        var authority = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(Samples.Authority));
        var diagnostics = new DiagnosticBag();
        var sources = documents.Prepend(Cluster.Replace("CA", authority, StringComparison.Ordinal))
            .Select((d, i) => new SourceContent($"{i}.yaml", System.Text.Encoding.UTF8.GetBytes(d), false));
        var read = ConfigurationReader.Read(sources, diagnostics);
        Assert.DoesNotContain(diagnostics.Items, d => d.Severity == Severity.Error);
        var plan = Planner.Plan(read.Configuration, Samples.Machine, new DiagnosticBag());
        Assert.NotNull(plan);
        return Explanations.Of(plan, 33, read.Documents);
    }

    private static Explanation Only(ImmutableArray<Explanation> all, string word) => Assert.Single(ExplanationTargets.Find(all, word));

    [Fact]
    public void AFormulaIsToldWithItsNumbers()
    {
        var explanation = Only(All(), "maxPods");
        Assert.Equal(("kubelet.maxPods", "29", "eksnode"), (explanation.Target, explanation.Value, explanation.Layer));
        Assert.Equal("fact instance.type", explanation.Origin!.ToString());
        Assert.Contains("3 interfaces × (10 addresses − 1) + 2 = 29", explanation.Origin.Note, StringComparison.Ordinal);
        Assert.Equal("spec.kubelet.config.maxPods", explanation.Change);
    }

    [Fact]
    public void EveryLayerBelowIsToldTheHighestFirst()
    {
        var explanation = Only(All(Kubelet("{config: {maxPods: 40}}"), Kubelet("{config: {maxPods: 50}, flags: [--max-pods=60]}")), "kubelet.maxPods");
        Assert.Equal(("60", "flag", "spec.kubelet.flags"), (explanation.Value, explanation.Layer, explanation.Change));
        Assert.Equal(["50 2.yaml", "40 1.yaml", "29 instance.type", "110 "], explanation.Replaced.Select(r => $"{r.Value} {r.Origin.Source}"));
    }

    [Fact]
    public void ANullTakesItBackToTheKubelet()
    {
        var explanation = Only(All(Kubelet("{config: {hairpinMode: null}}")), "hairpinMode");
        Assert.Equal("promiscuous-bridge", explanation.Value);
        Assert.Equal("1.yaml", explanation.Origin!.Source);
        Assert.Equal(["hairpin-veth", "promiscuous-bridge"], explanation.Replaced.Select(r => r.Value));
    }

    [Fact]
    public void WhatIsNotSetCanBeAskedFor() => Assert.Null(Only(All(), "kubelet.staticPodPath").Value);

    [Theory]
    [InlineData("kubelet.authentication", 4)]
    [InlineData("reserved", 3)]
    [InlineData("/etc/kubernetes/", 2)]
    [InlineData("kubelet.*Reserved.cpu", 1)]
    [InlineData("kubelet.service", 1)]
    [InlineData("spec.kubelet.config.clusterDNS", 1)]
    [InlineData("kubelet.maxPod", 0)]
    public void WordsMeanTargets(string word, int count) => Assert.Equal(count, ExplanationTargets.Find(All(), word).Length);

    [Fact]
    public void ASettingOfContainerdTellsWhatItReplaced()
    {
        const string toml = """
            apiVersion: node.eks.aws/v1alpha1
            kind: NodeConfig
            spec:
              containerd:
                config: |
                  version = 3
                  [plugins."io.containerd.cri.v1.runtime".cni]
                  conf_dir = "/etc/other"
            """;
        var explanation = Only(All(toml), "containerd.plugins.\"io.containerd.cri.v1.runtime\".cni.conf_dir");
        Assert.Equal(("/etc/other", 8), (explanation.Value, explanation.Origin!.Line));
        Assert.Equal("/etc/cni/net.d", Assert.Single(explanation.Replaced).Value);
    }
}
