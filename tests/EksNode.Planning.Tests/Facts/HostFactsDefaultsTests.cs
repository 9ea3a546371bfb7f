using EksNode.Planning.Facts;

namespace EksNode.Planning.Tests.Facts;

public sealed class HostFactsDefaultsTests
{
    private static NodeFacts Of(string? type, HostFacts? host = null) =>
        new() { Instance = new InstanceFacts { Type = type }, Host = host ?? new HostFacts() };

    [Fact]
    public void The_catalog_fills_what_the_host_does_not_tell()
    {
        var facts = HostFactsDefaults.Fill(Of("c7g.xlarge"));
        Assert.Equal((4, 8L << 30, "arm64"), (facts.Host.CpuCount, facts.Host.MemoryBytes, facts.Host.Architecture));
        Assert.Equal("instance catalog", facts.SourceOf("host.cpuCount"));
        Assert.Equal("instance catalog", facts.SourceOf("host.memoryBytes"));
        Assert.Equal("instance catalog", facts.SourceOf("host.architecture"));
        Assert.Equivalent(facts, HostFactsDefaults.Fill(facts), strict: true);
    }

    [Fact]
    public void What_the_host_tells_stays()
    {
        var host = new HostFacts { CpuCount = 3, MemoryBytes = 5, Architecture = "amd64" };
        var facts = HostFactsDefaults.Fill(Of("c7g.xlarge", host));
        Assert.Equal(host, facts.Host);
        Assert.Empty(facts.Sources);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("x9.unknown")]
    [InlineData("cr1.8xlarge")]
    public void What_the_catalog_does_not_know_stays_missing(string? type)
    {
        var facts = HostFactsDefaults.Fill(Of(type));
        Assert.Equal(new HostFacts(), facts.Host);
        Assert.Empty(facts.Sources);
    }
}
