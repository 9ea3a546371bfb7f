using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Files;
using EksNode.Host.Services;
using EksNode.Host.Tests.Files;
using EksNode.Planning.Plans;
using static EksNode.Host.Tests.Engine.Engines;

namespace EksNode.Host.Tests.Services;

/// <summary>
/// Killed at any single effect, be it one of files, of the state or of systemd, and run again, a join ends in the same state, and every
/// service runs with its files as they are.
/// </summary>
public sealed class ServiceCrashTests
{
    private const string Containerd = ServiceUnits.Containerd;
    private const string Kubelet = ServiceUnits.Kubelet;
    private const string Other = "agent.service";
    private const string Asleep = "asleep.service";

    private static Plan Before => PlanOf(
        FileOf("/etc/containerd/config.toml", "one", 0x180, Containerd),
        FileOf("/etc/containerd/old", "one", 0x180, Containerd),
        FileOf("/etc/kubernetes/config", "one", 0x1A4, Kubelet),
        FileOf("/etc/systemd/system/agent.service.d/environment.conf", "one", 0x180, Other));

    private static Plan After => PlanOf(
        FileOf("/etc/systemd/system.conf.d/environment.conf", "two", 0x180, Containerd, Kubelet),
        FileOf("/etc/systemd/system/agent.service.d/environment.conf", "two", 0x180, Other),
        FileOf("/etc/systemd/system/asleep.service.d/environment.conf", "two", 0x180, Asleep),
        FileOf("/etc/containerd/config.toml", "two", 0x180, Containerd),
        FileOf("/etc/kubernetes/config", "two", 0x1A4, Kubelet),
        FileOf("/etc/kubernetes/ca.crt", "two", 0x1A4, Kubelet));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_kill_at_any_effect_and_another_run_end_in_the_same_state(bool runsAlready)
    {
        var counter = new KillAt(-1);
        string clean;
        using (var host = new TestRoot())
        {
            await using var services = await NodeAsync(host, runsAlready);
            await JoinAsync(host, services, After, counter);
            AssertUpToDate(host, services);
            clean = host.Tree();
            await AssertNothingIsDoneAsync(host, services);
        }

        Assert.True(counter.Steps > 20, $"only {counter.Steps} effects");
        for (var step = 0; step < counter.Steps; step++)
        {
            using var host = new TestRoot();
            await using var services = await NodeAsync(host, runsAlready);
            await Assert.ThrowsAsync<KilledException>(() => JoinAsync(host, services, After, new KillAt(step)));
            if (step % 5 == 4)
            {
                services.Reboot();
            }

            await JoinAsync(host, services, After);
            AssertUpToDate(host, services);
            Assert.True(clean == host.Tree(), $"killed at step {step}:\n{host.Tree()}\ninstead of\n{clean}");
            await AssertNothingIsDoneAsync(host, services);
        }
    }

    [Fact]
    public async Task A_kill_at_any_effect_of_a_run_that_goes_on_after_a_kill()
    {
        for (var first = 0; first < 40; first += 3)
        {
            using var host = new TestRoot();
            await using var services = await NodeAsync(host, runs: true);
            var kills = 0;
            for (var at = first; await IsKilledAsync(host, services, at); at++)
            {
                kills++;
            }

            AssertUpToDate(host, services);
            await AssertNothingIsDoneAsync(host, services);
            Assert.True(kills > 0);
        }
    }

    [Fact]
    public async Task What_one_process_leaves_owed_another_pays_once()
    {
        using var host = new TestRoot();
        await using var services = await NodeAsync(host, runs: true);
        host.Join(After);
        Assert.Contains("\"owed\"", host.State(), StringComparison.Ordinal);
        await JoinAsync(host, services, After);
        Assert.Equal(["reload", "restart containerd.service", "restart kubelet.service", "restart agent.service"], services.Calls);
        Assert.DoesNotContain("owed", host.State(), StringComparison.Ordinal);
        await AssertNothingIsDoneAsync(host, services);
    }

    [Fact]
    public async Task A_service_that_does_not_come_up_still_owes_and_nothing_starts_after_it()
    {
        using var host = new TestRoot();
        await using var services = await NodeAsync(host, runs: false);
        services.Units[Containerd].WhenStarted = u => (u.Active, u.Sub, u.Result, u.ExitStatus) = ("failed", "failed", "exit-code", 1);
        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => JoinAsync(host, services, After));
        Assert.Equal(DiagnosticCatalogue.ServiceFailed.Code, failure.Diagnostic.Code);
        Assert.Equal(["reload", "start containerd.service"], services.Calls);
        Assert.Contains("\"containerd.service\"", host.State()[host.State().IndexOf("\"owed\"", StringComparison.Ordinal)..], StringComparison.Ordinal);
        services.Units[Containerd].WhenStarted = null;
        services.Units[Containerd].Result = "success";
        services.Units[Containerd].ExitStatus = 0;
        await JoinAsync(host, services, After);
        AssertUpToDate(host, services);
    }

    [Fact]
    public async Task A_file_that_somebody_changes_while_the_service_runs_restarts_it()
    {
        using var host = new TestRoot();
        await using var services = await NodeAsync(host, runs: true);
        await JoinAsync(host, services, Before);
        services.Calls.Clear();
        FileClock.Pass();
        host.Write("/etc/kubernetes/config", "by hand");
        await JoinAsync(host, services, Before);
        Assert.Equal(["restart kubelet.service"], services.Calls);
        Assert.Contains("by hand", services.Units[Kubelet].RunsWith, StringComparison.Ordinal);
        await AssertNothingIsDoneAsync(host, services, Before);
    }

    [Fact]
    public async Task What_another_instance_owed_is_forgotten()
    {
        using var host = new TestRoot();
        await using var services = await NodeAsync(host, runs: false);
        host.Join(PlanOf(FileOf("/etc/old", "x", 0x180, "old.service")));
        Assert.Contains("old.service", host.State(), StringComparison.Ordinal);
        host.Join(PlanOf(FileOf("/etc/old", "x", 0x180, "old.service")), OtherInstance);
        Assert.DoesNotContain("owed", host.State(), StringComparison.Ordinal);
    }

    private static async Task<FakeServices> NodeAsync(TestRoot host, bool runs)
    {
        var services = new FakeServices(
            host,
            u => u switch
            {
                Containerd => ["/etc/containerd/config.toml", "/etc/containerd/old"],
                Kubelet => ["/etc/kubernetes/config", "/etc/kubernetes/ca.crt"],
                _ => [],
            },
            u => u switch
            {
                Containerd or Kubelet => ["/etc/systemd/system.conf.d/environment.conf"],
                _ => [$"/etc/systemd/system/{u}.d/environment.conf"],
            });
        services.Add(Containerd);
        services.Add(Kubelet);
        services.Add(Other, runs: true);
        services.Add(Asleep);
        if (runs)
        {
            await JoinAsync(host, services, Before);
            services.Calls.Clear();
        }

        return services;
    }

    private static async Task JoinAsync(TestRoot host, FakeServices services, Plan plan, IStepObserver? steps = null)
    {
        var state = host.Join(plan, steps: steps).State;
        using var root = host.Open(steps);
        services.Steps = steps;
        try
        {
            var starter = ServiceStarterTests.Starter(root, services, plan, state);
            await starter.PrepareAsync([Containerd, Kubelet], TestContext.Current.CancellationToken);
            await starter.BringUpAsync(Containerd, _ => Task.FromResult(Health.Good), TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
            await starter.BringUpAsync(Kubelet, _ => Task.FromResult(Health.Good), TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
            foreach (var unit in starter.State.Owed.Keys)
            {
                await starter.PayAsync(unit, TestContext.Current.CancellationToken);
            }
        }
        finally
        {
            services.Steps = null;
        }
    }

    private static async Task<bool> IsKilledAsync(TestRoot host, FakeServices services, int step)
    {
        try
        {
            await JoinAsync(host, services, After, new KillAt(step));
            return false;
        }
        catch (KilledException)
        {
            return true;
        }
    }

    private static void AssertUpToDate(TestRoot host, FakeServices services)
    {
        foreach (var unit in (string[])[Containerd, Kubelet])
        {
            Assert.Equal("active", services.Units[unit].Active);
            Assert.Equal(services.Wanted(unit), services.Units[unit].RunsWith);
        }

        if (services.Units[Other].Active == "active")
        {
            Assert.Equal(services.Wanted(Other), services.Units[Other].RunsWith);
        }

        Assert.Equal("inactive", services.Units[Asleep].Active);
        Assert.DoesNotContain("owed", host.State(), StringComparison.Ordinal);
    }

    private static async Task AssertNothingIsDoneAsync(TestRoot host, FakeServices services, Plan? plan = null)
    {
        services.Calls.Clear();
        var before = host.TreeWithTimes();
        await JoinAsync(host, services, plan ?? After);
        Assert.Empty(services.Calls);
        Assert.Equal(before, host.TreeWithTimes());
    }
}
