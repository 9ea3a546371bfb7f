using System.Diagnostics;
using System.Text.Json;
using EksNode.Simulation.Systemd;

namespace EksNode.Tests.Wire;

/// <summary><c>join --wait ready</c>: the API server says that the Node is Ready, asked as the node itself, over TLS.</summary>
public sealed class WaitReadyTests : IAsyncLifetime
{
    private SimulatedMachine? machine;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (SimulatedMachine.MissingWithContainerd is null)
        {
            machine = await SimulatedMachine.PrepareWithContainerdAsync();
            machine.Systemd.Write("/etc/test/node.yaml", machine.Configuration());
            await machine.Systemd.BootAsync();
        }
    }

    public ValueTask DisposeAsync() => machine?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task It_ends_when_the_kubelet_that_runs_told_that_the_Node_is_Ready()
    {
        // Of an earlier kubelet of this name.
        await Machine().TellNodeAsync("True", "", DateTimeOffset.UtcNow.AddHours(-1));
        // The API server stumbles before it answers.
        Machine().Simulator.Faults.Add("kubernetes:nodes=500,reset,garbage");
        var join = Machine().RunAsync("join", "--wait", "ready", "-c", "/etc/test/node.yaml", "--output", "json");
        await StillWaitsAsync(join, started: true);
        await Machine().TellNodeAsync("False", "cni plugin not initialized", DateTimeOffset.UtcNow);
        await StillWaitsAsync(join);
        await Machine().TellNodeAsync("True", "", DateTimeOffset.UtcNow);
        var joined = await join;
        Assert.True(joined.ExitCode == 0, joined.ToString());
        Assert.All(Machine().Simulator.Secrets, secret => Assert.DoesNotContain(secret, joined.Output + joined.Error, StringComparison.Ordinal));
        using var document = JsonDocument.Parse(joined.Output);
        Assert.Contains(document.RootElement.GetProperty("timeline").EnumerateArray(), s => s.GetProperty("name").GetString() == "ready");

        // The second one has nothing to wait for.
        var began = Stopwatch.GetTimestamp();
        await Machine().ExpectAsync(0, "join", "--wait", "ready", "-c", "/etc/test/node.yaml");
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task What_keeps_it_from_Ready_is_said_at_the_deadline_and_the_services_run_on()
    {
        await Machine().ExpectAsync(0, "join", "-c", "/etc/test/node.yaml");
        await Machine().TellNodeAsync("False", "container runtime network not ready: cni plugin not initialized", DateTimeOffset.UtcNow.AddHours(1));
        await ExpectNotReadyAsync("cni plugin not initialized", "--wait", "ready", "--timeout", "8s", "-c", "/etc/test/node.yaml");
        Assert.Equal("active\nactive", await Machine().SystemctlAsync("is-active", "containerd.service", "kubelet.service"));
        Assert.DoesNotContain("\"owed\"", Machine().Read("/var/lib/eksnode/state.json"), StringComparison.Ordinal);

        // As the configuration says it; the flag wins over it.
        Machine().Systemd.Write("/etc/test/ready.yaml", Machine().Configuration("  readiness: {wait: Ready, timeout: 8s}\n"));
        await ExpectNotReadyAsync("cni plugin not initialized", "-c", "/etc/test/ready.yaml");
        await Machine().ExpectAsync(0, "join", "--wait", "kubelet", "-c", "/etc/test/ready.yaml");
    }

    [Fact]
    public async Task A_Node_that_was_never_registered_and_a_server_that_refuses_are_told_apart()
    {
        await Machine().ExpectAsync(0, "join", "-c", "/etc/test/node.yaml");
        await ExpectNotReadyAsync("has not registered it", "--wait", "ready", "--timeout", "8s", "-c", "/etc/test/node.yaml");
        Machine().Simulator.Faults.Add("kubernetes:nodes=401*");
        await ExpectNotReadyAsync("(401)", "--wait", "ready", "--timeout", "8s", "-c", "/etc/test/node.yaml");
    }

    [Fact]
    public async Task A_kubelet_that_fails_meanwhile_ends_the_wait()
    {
        var join = Machine().RunAsync("join", "--wait", "ready", "--timeout", "100s", "-c", "/etc/test/node.yaml", "--output", "json");
        await StillWaitsAsync(join, started: true);
        File.Delete(Machine().Systemd.HostPath("/etc/kubernetes/kubelet/config.json"));
        await Machine().SystemctlAsync("kill", "--signal=KILL", "kubelet.service");
        var began = Stopwatch.GetTimestamp();
        var failed = await join;
        Assert.True(failed.ExitCode == 1, failed.ToString());
        Assert.Contains("EKN0919", failed.Output, StringComparison.Ordinal);
        Assert.Contains("no configuration", failed.Output, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(60));
    }

    private SimulatedMachine Machine()
    {
        Assert.SkipUnless(machine is not null, SimulatedMachine.MissingWithContainerd ?? "");
        return machine!;
    }

    private async Task ExpectNotReadyAsync(string why, params string[] arguments)
    {
        var failed = await Machine().JsonAsync(1, ["join", .. arguments]);
        var error = Assert.Single(failed.GetProperty("diagnostics").EnumerateArray(), d => d.GetProperty("severity").GetString() == "error");
        Assert.Equal("EKN0923", error.GetProperty("code").GetString());
        var message = error.GetProperty("message").GetString()!;
        Assert.True(
            message.Contains(SimulatedMachine.NodeName, StringComparison.Ordinal) && message.Contains(why, StringComparison.Ordinal),
            $"{message}\n{string.Join('\n', Machine().Simulator.Calls.All.TakeLast(12))}");
    }

    private async Task StillWaitsAsync(Task<RealSystemdResult> join, bool started = false)
    {
        if (started)
        {
            var until = DateTime.UtcNow.AddSeconds(90);
            while (await Machine().SystemctlAsync("is-active", "kubelet.service") != "active")
            {
                Assert.False(join.IsCompleted, join.IsCompleted ? (await join).ToString() : "");
                Assert.True(DateTime.UtcNow < until, await Machine().Systemd.JournalAsync());
                await Task.Delay(200, Cancellation);
            }
        }

        await Task.Delay(TimeSpan.FromSeconds(3), Cancellation);
        Assert.False(join.IsCompleted, join.IsCompleted ? (await join).ToString() : "");
    }
}
