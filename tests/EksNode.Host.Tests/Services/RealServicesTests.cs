using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Files;
using EksNode.Host.Services;
using EksNode.Host.Systemd;
using EksNode.Host.Tests.Files;
using EksNode.Planning.Plans;
using EksNode.Simulation.Systemd;
using static EksNode.Host.Tests.Engine.Engines;

namespace EksNode.Host.Tests.Services;

/// <summary>Services brought up by a real systemd: what a fake one only pretends.</summary>
public sealed class RealServicesTests : IAsyncLifetime
{
    private const string Kubelet = ServiceUnits.Kubelet;

    private readonly RealSystemd? systemd = RealSystemd.Missing is null ? new RealSystemd() : null;
    private HostRoot? root;
    private SystemdManager? manager;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Plan Plan => PlanOf(
        FileOf("/etc/systemd/system.conf.d/environment.conf", "[Manager]\nDefaultEnvironment=\"PROXY=one\"\n", 0x180, Kubelet),
        FileOf("/etc/systemd/system/kubelet.service.d/environment.conf", "[Service]\nEnvironment=\"OWN=two\"\n", 0x180, Kubelet),
        FileOf("/etc/kubelet", "config", 0x1A4, Kubelet));

    public async ValueTask InitializeAsync()
    {
        if (systemd is not null)
        {
            Unit("containerd.service", "ExecStart=/bin/sleep infinity");
            Unit(Kubelet, "ExecStart=/bin/sleep infinity");
            Unit("loops.service", "ExecStart=/bin/sh -c 'echo unknown flag: --colour; exit 3'\nRestart=always\nRestartSec=100ms");
            Unit("ends.service", "Type=notify\nExecStart=/bin/sh -c 'exit 1'");
            Unit("slow.service", "Type=notify\nExecStart=/bin/sleep infinity");
            systemd.Write("/etc/systemd/system/conditional.service", "[Unit]\nConditionPathExists=/no\n[Service]\nExecStart=/bin/sleep infinity\n");
            systemd.Link("/etc/systemd/system/masked.service", "/dev/null");
            await systemd.BootAsync();
            root = HostRoot.Open(systemd.HostPath("/"));
            manager = await SystemdManager.ConnectAsync(
                new ConnectOptions { SystemBusSocket = systemd.HostPath("/run/dbus/system_bus_socket"), PrivateSocket = "/no/such/socket" }, Cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (manager is not null)
        {
            await manager.DisposeAsync();
        }

        root?.Dispose();
        if (systemd is not null)
        {
            await systemd.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_environment_of_the_manager_and_of_the_service_reach_it_and_a_second_start_does_nothing()
    {
        var first = await JoinAsync(Plan);
        Assert.Equal([ServiceAction.Start], first.Outcomes.Select(o => o.Action));
        Assert.Empty(first.State.Owed);
        var (pid, environment) = await KubeletAsync();
        Assert.Contains("PROXY=one", environment);
        Assert.Contains("OWN=two", environment);

        var second = await JoinAsync(Plan);
        Assert.Equal([ServiceAction.None], second.Outcomes.Select(o => o.Action));
        Assert.Equal(pid, (await KubeletAsync()).Pid);

        // What is not planned any more is gone from the environment, too.
        var third = await JoinAsync(PlanOf(FileOf("/etc/kubelet", "config", 0x1A4, Kubelet)));
        Assert.Equal([ServiceAction.Restart], third.Outcomes.Select(o => o.Action));
        (_, environment) = await KubeletAsync();
        Assert.DoesNotContain("PROXY=one", environment);
        Assert.DoesNotContain("OWN=two", environment);
    }

    [Fact]
    public async Task What_changes_while_it_runs_or_is_owed_over_a_reboot_is_paid()
    {
        await JoinAsync(Plan);
        var (pid, _) = await KubeletAsync();
        FileClock.Pass();
        systemd!.Write("/etc/kubelet", "by hand");
        Assert.Equal(ServiceAction.Restart, (await JoinAsync(Plan)).Outcomes[0].Action);
        var (after, _) = await KubeletAsync();
        Assert.NotEqual(pid, after);

        // Stopped by hand: started, not restarted.
        await manager!.StopAsync(Kubelet, Cancellation);
        Assert.Equal(ServiceAction.Start, (await JoinAsync(Plan)).Outcomes[0].Action);
    }

    [Theory]
    [InlineData("loops.service", "EKN0919", "loops.service fails: exit code 3, ")]
    [InlineData("ends.service", "EKN0919", "ends.service fails: exit code 1")]
    [InlineData("slow.service", "EKN0921", "slow.service did not start within 2 s: it is activating (start)")]
    [InlineData("conditional.service", "EKN0920", "a condition in its unit is not met")]
    [InlineData("masked.service", "EKN0917", "masked.service is masked")]
    [InlineData("missing.service", "EKN0916", "There is no missing.service")]
    public async Task A_service_that_does_not_come_up_is_told_by_what_is_wrong(string unit, string code, string message)
    {
        Assert.SkipUnless(systemd is not null, RealSystemd.Missing ?? "");
        var starter = ServiceStarterTests.Starter(root!, manager!, PlanOf(), AppliedState.Empty);
        var failure = await Assert.ThrowsAsync<DiagnosticException>(async () =>
        {
            await starter.PrepareAsync([unit], Cancellation);
            await starter.BringUpAsync(
                unit,
                // Never healthy: a loop is to be seen even when it runs at each look.
                _ => Task.FromResult(Health.Bad("it does not answer")),
                TimeSpan.FromSeconds(unit == "slow.service" ? 2 : 30),
                Cancellation);
        });
        Assert.Equal(code, failure.Diagnostic.Code);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    private async Task<ServiceStarter> JoinAsync(Plan plan)
    {
        Assert.SkipUnless(systemd is not null, RealSystemd.Missing ?? "");
        var state = AppliedState.Load(root!, ApplyPolicy.Preserve, new DiagnosticBag());
        var options = new DiffOptions(Instance, Boot: OwedRestarts.BootOf(root!));
        var report = Applier.Apply(root!, Differ.Diff(plan, root!, state, options));
        var starter = ServiceStarterTests.Starter(root!, manager!, plan, report.State);
        await starter.PrepareAsync([Kubelet], Cancellation);
        await starter.BringUpAsync(Kubelet, _ => Task.FromResult(Health.Good), TimeSpan.FromSeconds(30), Cancellation);
        return starter;
    }

    private async Task<(uint Pid, string[] Environment)> KubeletAsync()
    {
        var pid = (await manager!.StatusAsync(Kubelet, Cancellation)).MainPid;
        // A simple service counts as started before its program runs: until then the environment is systemd's own.
        while (File.ReadAllText(systemd!.HostPath($"/proc/{pid}/comm")).Trim() != "sleep")
        {
            await Task.Delay(5, Cancellation);
        }

        return (pid, File.ReadAllText(systemd.HostPath($"/proc/{pid}/environ")).Split('\0'));
    }

    private void Unit(string name, string service) => systemd!.Write("/etc/systemd/system/" + name, $"[Service]\n{service}\n");
}
