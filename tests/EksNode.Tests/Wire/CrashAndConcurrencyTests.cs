using EksNode.Simulation.Scenarios;

namespace EksNode.Tests.Wire;

/// <summary>Joins that are killed, and joins at the same time.</summary>
public sealed class CrashAndConcurrencyTests
{
    [Fact]
    public async Task Killed_at_any_moment_and_run_again_it_ends_in_the_same_state()
    {
        await using var reference = await SimulatedNode.StartAsync(UserData.Karpenter());
        var uninterrupted = (await reference.JoinAsync()).Expect(0).Elapsed;
        reference.ExpectJoined();
        var expected = reference.Snapshot(state: false);

        const int kills = 24;
        for (var moment = 0; moment < kills; moment++)
        {
            await using var node = await SimulatedNode.StartAsync(UserData.Karpenter());
            await using (var victim = node.Start("join", "--no-start"))
            {
                // The moments are spread over a whole run, and somewhat beyond the shortest.
                await Task.Delay(uninterrupted * moment / kills * 1.2, TestContext.Current.CancellationToken);
                victim.Kill();
                await victim.EndAsync();
            }

            (await node.JoinAsync()).Expect(0);
            Assert.Equal(expected, node.Snapshot(state: false));
            (await node.RunAsync("plan")).Expect(0);
        }
    }

    [Fact]
    public async Task Joins_at_the_same_time_wait_for_each_other_and_all_succeed()
    {
        await using var reference = await SimulatedNode.StartAsync(UserData.Karpenter());
        (await reference.JoinAsync()).Expect(0);
        reference.ExpectJoined();

        await using var node = await SimulatedNode.StartAsync(UserData.Karpenter());
        var joins = Enumerable.Range(0, 6).Select(_ => node.JoinAsync()).ToList();
        foreach (var result in await Task.WhenAll(joins))
        {
            result.Expect(0);
        }

        Assert.Equal(reference.Snapshot(state: false), node.Snapshot(state: false));
        (await node.RunAsync("plan")).Expect(0);
    }

    [Fact]
    public async Task A_join_that_waits_for_another_says_so()
    {
        await using var node = await SimulatedNode.StartAsync(UserData.Karpenter(), "imds:token=delay:3000");
        await using var first = node.Start("join", "--no-start");
        await node.Simulator.Calls.WaitForAsync("imds:token", EksNodeProcess.Longest);

        var second = (await node.JoinAsync("--log-level", "info")).Expect(0);
        (await first.EndAsync()).Expect(0);
        Assert.Contains("another", second.Stderr, StringComparison.OrdinalIgnoreCase);
    }
}
