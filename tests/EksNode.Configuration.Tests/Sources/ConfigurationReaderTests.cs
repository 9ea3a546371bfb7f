using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using static EksNode.Configuration.Tests.Sources.UserData;

namespace EksNode.Configuration.Tests.Sources;

public sealed class ConfigurationReaderTests
{
    [Fact]
    public void SourcesAndPartsMergeInOrderAndEveryValueKnowsWhereItCameFrom()
    {
        var (result, bag) = Read(
            ("/etc/eksnode/node.d/10.yaml", Config.Replace("name: demo", "name: low\n    cidr: 10.100.0.0/16", StringComparison.Ordinal)),
            ("user-data", Mime(
                Part(Config + "  kubelet:\n    flags: [--node-labels=a=b]\n"),
                "Content-Type: text/x-shellscript\n\n#!/bin/sh",
                Part(Config.Replace("node.eks.aws", "eksnode.io", StringComparison.Ordinal).Replace("demo", "karpenter", StringComparison.Ordinal)
                    + "  kubelet:\n    flags: [--node-labels=c=d]\n"))));
        Assert.DoesNotContain(bag.Items, d => d.Severity == Severity.Error);
        Assert.True(result.HasConfiguration);
        Assert.Equal(("karpenter", "user-data part 3:5:11"), (result.Configuration.Cluster.Name!.Value, result.Configuration.Cluster.Name.Origin.ToString()));
        Assert.Equal(("10.100.0.0/16", "/etc/eksnode/node.d/10.yaml:6:11"), (result.Configuration.Cluster.Cidr!.Value, result.Configuration.Cluster.Cidr.Origin.ToString()));
        Assert.Equal(["--node-labels=a=b", "--node-labels=c=d"], result.Configuration.Kubelet.Flags.Select(f => f.Value));
    }

    [Fact]
    public void WithoutAnyConfigurationTheErrorSaysWhatEachSourceHolds()
    {
        var (result, bag) = Read(("user-data", "#!/bin/bash\n"), ("/etc/eks/nodeadm.d/a.yaml", "apiVersion: v1\nkind: ConfigMap\n"), ("b.yaml", ""));
        Assert.False(result.HasConfiguration);
        var error = Assert.Single(bag.Items, d => d.Severity == Severity.Error);
        Assert.Equal("EKN0100", error.Code);
        Assert.Contains("user-data: a shell script for cloud-init; /etc/eks/nodeadm.d/a.yaml: ConfigMap; b.yaml: nothing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutAnySourceTheErrorSaysSo() => Assert.Equal("EKN0100", Assert.Single(Read().Bag.Items).Code);

    [Fact]
    public void ABadSourceIsNotCalledNoConfigurationAsWell() =>
        Assert.Equal("EKN0120", Assert.Single(Read(("user-data", "a: [\n")).Bag.Items).Code);

    [Fact]
    public void ABadPartDoesNotHideTheGoodOnes()
    {
        var (result, bag) = Read(("user-data", Mime(Part("a: [\n"), Part(Config))));
        Assert.True(result.HasConfiguration);
        Assert.Equal("demo", result.Configuration.Cluster.Name!.Value);
        Assert.True(bag.HasErrors);
    }

    [Theory]
    [InlineData("node.eks.aws/v1beta1", "NodeConfig", "EKN0132", Severity.Error, "1:13", "node.eks.aws/v1alpha1")]
    [InlineData("eks.aws/v1alpha1", "NodeConfig", "EKN0132", Severity.Error, "1:13", "node.eks.aws/v1alpha1")]
    [InlineData("v1", "NodeConfig", "EKN0132", Severity.Error, "1:13", "node.eks.aws/v1alpha1")]
    [InlineData("node.eks.aws/v1alpha1", "Nodeconfig", "EKN0132", Severity.Error, "2:7", "NodeConfig")]
    [InlineData("node.eks.aws/v1alpha1", "NodeConfigList", "EKN0132", Severity.Error, "2:7", "NodeConfig")]
    [InlineData("node.eks.aws/v1alpha1", "ImageConfig", "EKN0132", Severity.Error, "1:13", "eksnode.io/v1alpha1")]
    [InlineData("eksnode.io/v1alpha1", "ImageConfig", "EKN0133", Severity.Warning, "1:1", "eksnode image plan")]
    [InlineData("v1", "ConfigMap", "EKN0133", Severity.Warning, "1:1", "Remove")]
    [InlineData("kubelet.config.k8s.io/v1beta1", "KubeletConfiguration", "EKN0133", Severity.Warning, "1:1", "spec.kubelet.config")]
    public void ADocumentOfAnotherKindOrVersionIsNamed(
        string apiVersion, string kind, string code, Severity severity, string place, string help)
    {
        var (result, bag) = Read(("user-data", $"apiVersion: {apiVersion}\nkind: {kind}\n---\n{Config}"));
        Assert.Equal("demo", result.Configuration.Cluster.Name!.Value);
        var finding = Assert.Single(bag.Items);
        Assert.Equal((code, severity, place), (finding.Code, finding.Severity, Documents.Trees.Place(finding.Origin)));
        Assert.Contains(help, finding.Help, StringComparison.Ordinal);
    }

    [Fact]
    public void AMistakeInTheContainerdConfigurationIsNamedAtItsLineOfThePart()
    {
        var (_, bag) = Read(("user-data", Mime("Content-Type: text/x-shellscript\n\n#!/bin/sh", Part(Config + "  containerd:\n    config: |\n      [grpc]\n      address = nope\n"))));
        var finding = Assert.Single(bag.Items, d => d.Severity == Severity.Error);
        Assert.Equal("user-data part 2:9:17", finding.Origin!.ToString());
    }

    private static (NodeConfigResult Result, DiagnosticBag Bag) Read(params (string Name, string Text)[] sources)
    {
        var bag = new DiagnosticBag();
        return (ConfigurationReader.Read(sources.Select(s => new SourceContent(s.Name, Bytes(s.Text), s.Name == "user-data")), bag), bag);
    }
}
