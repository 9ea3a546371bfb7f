using EksNode.Simulation;
using EksNode.Simulation.Scenarios;

namespace EksNode.Tests.Wire;

/// <summary>An instance whose metadata service is turned off or does not answer.</summary>
public sealed class WithoutImdsTests
{
    [Fact]
    public async Task Without_IMDS_the_facts_come_from_DescribeInstances()
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions { ImdsMode = ImdsMode.Disabled });
        var key = node.Simulator.Credentials.IssueTemporary();
        node.Environment["AWS_ACCESS_KEY_ID"] = key.AccessKeyId;
        node.Environment["AWS_SECRET_ACCESS_KEY"] = key.SecretAccessKey;
        node.Environment["AWS_SESSION_TOKEN"] = key.SessionToken!;
        node.Environment["AWS_REGION"] = "us-west-2";
        node.Write("var/lib/cloud/data/instance-id", "i-0abc123def4567890\n");
        var userData = node.WriteOutside("user-data", UserData.Karpenter());

        (await node.JoinAsync("-c", "file://" + userData)).Expect(0);

        var environment = node.Read("etc/eks/kubelet/environment");
        Assert.Contains("--node-ip=10.0.12.34", environment, StringComparison.Ordinal);
        Assert.Contains("--hostname-override=ip-10-0-12-34.us-west-2.compute.internal", environment, StringComparison.Ordinal);
        Assert.Contains("aws:///us-west-2a/i-0abc123def4567890", node.Read("etc/kubernetes/kubelet/config.json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hop_limit_that_is_too_low_is_explained()
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions { ImdsMode = ImdsMode.HopLimitReached });
        var result = (await node.JoinAsync("-c", "imds://user-data")).Expect(1);
        Assert.Contains("--http-put-response-hop-limit 2", result.Stderr, StringComparison.Ordinal);
        Assert.InRange(result.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(75));
    }

    [Fact]
    public async Task IMDS_that_is_disabled_is_explained()
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions { ImdsMode = ImdsMode.Disabled });
        var result = (await node.JoinAsync("-c", "imds://user-data")).Expect(1);
        Assert.Contains("IMDS is turned off", result.Stderr, StringComparison.Ordinal);
        Assert.Contains("--http-endpoint enabled", result.Stderr, StringComparison.Ordinal);
    }
}
