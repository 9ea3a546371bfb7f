using System.Text.Json;
using EksNode.Simulation;
using EksNode.Simulation.Scenarios;

namespace EksNode.Tests.Wire;

/// <summary>How much a join asks of IMDS and AWS: only what is missing.</summary>
public sealed class CallCountTests
{
    private const string InstanceIdNodeName = "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  featureGates:\n    InstanceIdNodeName: true\n";

    [Fact]
    public async Task No_AWS_API_is_called_when_the_node_name_is_the_instance_id()
    {
        await using var node = await SimulatedNode.StartAsync(UserData.ManagedNodeGroup(new() { CustomParts = [MimePart.NodeConfig(InstanceIdNodeName)] }));
        (await node.JoinAsync()).Expect(0);

        Assert.Empty(node.Simulator.Calls.Aws);
        Assert.Equal(0, node.Simulator.Calls.Count("imds:credentials"));
        Assert.Contains("--hostname-override=i-0abc123def4567890", node.Read("etc/eks/kubelet/environment"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task IMDS_is_asked_in_three_round_trips_with_one_token_and_nothing_twice()
    {
        await using var node = await SimulatedNode.StartAsync(
            UserData.ManagedNodeGroup(new() { CustomParts = [MimePart.NodeConfig(InstanceIdNodeName)] }), "imds:*=delay:250*");
        (await node.JoinAsync()).Expect(0);

        var calls = node.Simulator.Calls;
        Assert.InRange(calls.SequentialRoundTrips("imds:"), 2, 3);
        Assert.Equal(1, calls.Count("imds:token"));
        Assert.All(calls.Of("imds:").GroupBy(call => call.Name), calls => Assert.Single(calls));
        Assert.All(calls.All, call => Assert.StartsWith("eksnode", call.UserAgent));
    }

    [Fact]
    public async Task Otherwise_DescribeInstances_is_the_only_call()
    {
        await using var node = await SimulatedNode.StartAsync(UserData.Karpenter());
        (await node.JoinAsync()).Expect(0);
        Assert.Equal(["ec2:DescribeInstances"], node.Simulator.Calls.Aws.Select(call => call.Name));
    }

    [Fact]
    public async Task DescribeCluster_gives_the_cluster_details_that_the_configuration_leaves_out()
    {
        await using var node = await SimulatedNode.StartAsync("apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  cluster:\n    name: demo\n");
        (await node.JoinAsync()).Expect(0);

        Assert.Equal(1, node.Simulator.Calls.Count("eks:DescribeCluster"));
        Assert.Equal(ClusterCertificate.Pem, node.Read("etc/kubernetes/pki/ca.crt"));
        using var kubelet = JsonDocument.Parse(node.Read("etc/kubernetes/kubelet/config.json"));
        Assert.Equal("172.20.0.10", kubelet.RootElement.GetProperty("clusterDNS")[0].GetString());
    }

    [Theory]
    [InlineData(false, 35)]
    [InlineData(true, 110)]
    public async Task A_type_that_the_catalog_lacks_is_asked_for_and_never_fatal(bool denied, int maxPods)
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions
        {
            InstanceType = "z9.large",
            InstanceTypes = [new InstanceTypeRow("z9.large", "x86_64", 2, 8192, 3, 12)],
            DeniedActions = denied ? ["ec2:DescribeInstanceTypes"] : [],
            UserData = UserData.Bytes(UserData.Karpenter(new() { MaxPods = null })),
        });
        var result = (await node.JoinAsync()).Expect(0);

        Assert.True(node.Simulator.Calls.Count("ec2:DescribeInstanceTypes") >= 1);
        using var kubelet = JsonDocument.Parse(node.Read("etc/kubernetes/kubelet/config.json"));
        Assert.Equal(maxPods, kubelet.RootElement.GetProperty("maxPods").GetInt32());
        Assert.Equal(denied, result.Stderr.Contains("z9.large", StringComparison.Ordinal));
    }
}
