using EksNode.Configuration.Text;

namespace EksNode.Configuration.Tests.Text;

public sealed class SuggestionsTests
{
    private static readonly string[] Names = ["maxPods", "podsPerCore", "clusterDNS", "evictionHard", "kubeReserved"];

    [Theory]
    [InlineData("maxPod", "maxPods")]
    [InlineData("maxpods", "maxPods")]
    [InlineData("max_pods", "maxPods")]
    [InlineData("mxaPods", "maxPods")]
    [InlineData("clusterDns", "clusterDNS")]
    [InlineData("evictionHrad", "evictionHard")]
    [InlineData("somethingElse", null)]
    [InlineData("", null)]
    public void The_nearest_name_is_found(string name, string? expected) => Assert.Equal(expected, Suggestions.Nearest(name, Names));
}
