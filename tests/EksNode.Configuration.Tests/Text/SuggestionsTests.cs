using EksNode.Configuration.Text;

namespace EksNode.Configuration.Tests.Text;

public sealed class SuggestionsTests
{
    private static readonly string[] Names = ["maxPods", "podsPerCore", "clusterDNS", "evictionHard", "kubeReserved", "imageGCHighThresholdPercent", "VersionTLS12", "VersionTLS13"];

    [Theory]
    [InlineData("maxPod", "maxPods")]
    [InlineData("maxpods", "maxPods")]
    [InlineData("max_pods", "maxPods")]
    [InlineData("mxaPods", "maxPods")]
    [InlineData("clusterDns", "clusterDNS")]
    [InlineData("evictionHrad", "evictionHard")]
    [InlineData("imageGCHighThreshold", "imageGCHighThresholdPercent")]
    [InlineData("TLS12", "VersionTLS12")]
    [InlineData("Reserved", "kubeReserved")]
    [InlineData("VersionTLS14", null)]
    [InlineData("version-tls12", "VersionTLS12")]
    [InlineData("somethingElse", null)]
    [InlineData("", null)]
    public void The_nearest_name_is_found(string name, string? expected) => Assert.Equal(expected, Suggestions.Nearest(name, Names));
}
