using EksNode.Simulation;
using EksNode.Simulation.Scenarios;

namespace EksNode.Tests.Wire;

/// <summary>What goes through a proxy: AWS when the variables say so, IMDS never.</summary>
public sealed class ProxyTests
{
    // The proxy leads every name to the simulated AWS; without the proxy this one does not resolve.
    private const string OnlyThroughTheProxy = "http://aws.example.test";

    [Fact]
    public async Task AWS_goes_through_the_proxy_of_the_environment_and_IMDS_does_not()
    {
        await using var node = await StartAsync(UserData.Karpenter());
        node.Environment["HTTP_PROXY"] = node.Simulator.Proxy.Url.ToString();
        node.Environment["AWS_ENDPOINT_URL"] = OnlyThroughTheProxy;
        (await node.JoinAsync()).Expect(0);

        Assert.All(node.Simulator.Calls.Of("imds:"), call => Assert.False(call.Proxied));
        Assert.NotEmpty(node.Simulator.Calls.Aws);
        Assert.All(node.Simulator.Calls.Aws, call => Assert.True(call.Proxied));
    }

    [Fact]
    public async Task AWS_goes_through_the_proxy_of_the_configuration_with_its_credentials()
    {
        await using var node = await StartAsync(userData: null, proxyCredentials: "alice:s3cr3t");
        var proxy = $"http://alice:s3cr3t@127.0.0.1:{node.Simulator.Proxy.Port}";
        var custom = MimePart.NodeConfig(
            $"apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  instance:\n    environment:\n      default:\n        HTTP_PROXY: {proxy}\n");
        var userData = node.WriteOutside("user-data", UserData.Karpenter(new() { CustomParts = [custom] }));
        node.Environment["AWS_ENDPOINT_URL"] = OnlyThroughTheProxy;
        (await node.JoinAsync("-c", "file://" + userData)).Expect(0);

        Assert.All(node.Simulator.Calls.Aws, call => Assert.True(call.Proxied));
        Assert.Equal(1, node.Simulator.Calls.Count("ec2:DescribeInstances"));
        Assert.DoesNotContain(node.Simulator.Proxy.Requests, request => request.Target.Contains("/latest/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task NO_PROXY_keeps_a_host_from_the_proxy()
    {
        await using var node = await StartAsync(UserData.Karpenter());
        node.Environment["HTTP_PROXY"] = node.Simulator.Proxy.Url.ToString();
        node.Environment["NO_PROXY"] = ".example.test";
        node.Environment["AWS_ENDPOINT_URL"] = OnlyThroughTheProxy;
        node.Environment["AWS_MAX_ATTEMPTS"] = "1";
        var result = (await node.JoinAsync()).Expect(1);
        Assert.Contains("DescribeInstances", result.Stderr, StringComparison.Ordinal);
        Assert.NotEmpty(node.Simulator.Calls.Of("imds:"));
        Assert.Empty(node.Simulator.Proxy.Requests);
    }

    private static Task<SimulatedNode> StartAsync(string? userData, string? proxyCredentials = null) => SimulatedNode.StartAsync(new SimulatorOptions
    {
        UserData = userData is null ? null : UserData.Bytes(userData),
        Proxy = true,
        ProxyCredentials = proxyCredentials,
    });
}
