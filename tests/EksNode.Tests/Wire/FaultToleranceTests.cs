using EksNode.Simulation.Scenarios;

namespace EksNode.Tests.Wire;

/// <summary>One fault at a time at every call that a join makes: success after the retry, or a diagnostic that names the call.</summary>
public sealed class FaultToleranceTests
{
    // Names only the cluster, so that EKS is asked too.
    private const string NameOnly = "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  cluster:\n    name: demo\n";

    /// <summary>Faults that pass: the join succeeds.</summary>
    [Theory]
    [InlineData("500")]
    [InlineData("503*2")]
    [InlineData("throttle*2")]
    [InlineData("reset")]
    [InlineData("truncated")]
    [InlineData("delay:700")]
    public async Task A_passing_fault_at_any_call_is_survived(string fault)
    {
        foreach (var call in await CallsOfAHealthyJoinAsync())
        {
            await using var node = await SimulatedNode.StartAsync(NameOnly, $"{call}={fault}");
            var result = await node.JoinAsync();
            Assert.True(result.ExitCode == 0, $"{call}={fault}: exit {result.ExitCode}\n{result.Everything}");
            Assert.True(node.Simulator.Faults.Fired(call) > 0, $"{call} was not called again");
        }
    }

    /// <summary>Answers that make no sense: survived, or an error that names the call. Never exit 0 with garbage in a file.</summary>
    [Theory]
    [InlineData("garbage")]
    [InlineData("empty")]
    [InlineData("403")]
    [InlineData("404")]
    [InlineData("401")]
    public async Task A_wrong_answer_of_any_call_is_survived_or_named(string fault)
    {
        await using var healthy = await SimulatedNode.StartAsync(NameOnly);
        (await healthy.JoinAsync()).Expect(0);
        var expected = healthy.Snapshot(state: false);
        foreach (var call in await CallsOfAHealthyJoinAsync())
        {
            await using var node = await SimulatedNode.StartAsync(NameOnly, $"{call}={fault}");
            var result = await node.JoinAsync();
            var said = $"{call}={fault}: exit {result.ExitCode}\n{result.Everything}";
            Assert.True(node.Simulator.Faults.Fired(call) > 0, said);
            if (result.ExitCode == 0)
            {
                Assert.True(expected.SequenceEqual(node.Snapshot(state: false)), "other files than a healthy join writes; " + said);
            }
            else
            {
                Assert.True(result.ExitCode is 1 or 2, said);
                Assert.Matches("EKN[0-9]{4,5}", result.Stderr);
                Assert.True(Names(call).Any(name => result.Stderr.Contains(name, StringComparison.OrdinalIgnoreCase)), "the call is not named; " + said);
            }
        }
    }

    /// <summary>Faults that stay: an error that names the call, within the attempts allowed.</summary>
    [Theory]
    [InlineData("ec2:DescribeInstances", "500*")]
    [InlineData("ec2:DescribeInstances", "denied*")]
    [InlineData("ec2:DescribeInstances", "expired*")]
    [InlineData("ec2:DescribeInstances", "reset*")]
    [InlineData("ec2:DescribeInstances", "garbage*")]
    [InlineData("eks:DescribeCluster", "throttle*")]
    [InlineData("eks:DescribeCluster", "denied*")]
    [InlineData("eks:DescribeCluster", "truncated*")]
    [InlineData("imds:user-data", "403*")]
    [InlineData("imds:token", "403*")]
    public async Task A_lasting_fault_ends_in_an_error_that_names_the_call(string call, string fault)
    {
        await using var node = await SimulatedNode.StartAsync(NameOnly, $"{call}={fault}");
        node.Environment["AWS_MAX_ATTEMPTS"] = "2";
        var result = (await node.JoinAsync()).Expect(1);

        Assert.Matches("EKN[0-9]{4,5}", result.Stderr);
        Assert.Contains(Names(call), name => result.Stderr.Contains(name, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("   at ", result.Everything, StringComparison.Ordinal);
        // Nothing of these texts is secret: a redaction would hide what is wrong.
        Assert.DoesNotContain("<redacted>", result.Stderr, StringComparison.Ordinal);
        // What follows from the failed call is no second mistake.
        Assert.Contains("1 error", result.Stderr, StringComparison.Ordinal);
        Assert.False(node.Has("etc/kubernetes/kubelet/config.json"));
    }

    [Theory]
    [InlineData("ec2:DescribeInstances")]
    [InlineData("imds:user-data")]
    [InlineData("imds:token")]
    public async Task A_call_that_is_never_answered_is_made_again(string call)
    {
        await using var node = await SimulatedNode.StartAsync(UserData.Karpenter(), call + "=hang");
        (await node.JoinAsync()).Expect(0);
        node.ExpectJoined();
        Assert.Equal(1, node.Simulator.Faults.Fired(call));
        Assert.Equal(2, node.Simulator.Calls.Count(call));
    }

    [Fact]
    public async Task An_instance_that_EC2_has_not_named_yet_is_waited_for()
    {
        await using var node = await SimulatedNode.StartAsync(UserData.Karpenter(), "ec2:DescribeInstances=empty-dns");
        (await node.JoinAsync()).Expect(0);
        Assert.Equal(2, node.Simulator.Calls.Count("ec2:DescribeInstances"));
        Assert.Contains("--hostname-override=ip-10-0-12-34.us-west-2.compute.internal", node.Read("etc/eks/kubelet/environment"), StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<string>> CallsOfAHealthyJoinAsync()
    {
        await using var node = await SimulatedNode.StartAsync(NameOnly);
        (await node.JoinAsync()).Expect(0);
        var calls = node.Simulator.Calls.All.Select(call => call.Name).Distinct().ToList();
        Assert.Superset(new HashSet<string> { "imds:token", "imds:user-data", "imds:identity", "ec2:DescribeInstances", "eks:DescribeCluster" }, calls.ToHashSet());
        return calls;
    }

    /// <summary>What a person recognises a call by.</summary>
    private static string[] Names(string call) => call switch
    {
        "imds:user-data" => ["user-data", "user data"],
        "imds:identity" => ["instance-identity"],
        // Not an error of IMDS: an instance in an IPv6-only subnet has none. Who needs it names the fact.
        "imds:local-ipv4" => ["local-ipv4", "instance.localIpv4"],
        "imds:role" or "imds:credentials" => ["security-credentials", "credentials"],
        _ when call.StartsWith("imds:macs/", StringComparison.Ordinal) => [call["imds:macs/".Length..]],
        _ => [call.Split(':')[1]],
    };
}
