using System.Diagnostics;
using EksNode.Configuration.Text;
using EksNode.Host.Systemd;
using EksNode.Simulation.Systemd;

namespace EksNode.Host.Tests.Systemd;

/// <summary>The D-Bus client on a real systemd: over its bus, and over its private socket when there is no bus.</summary>
public sealed class SystemdManagerRealTests : IAsyncLifetime
{
    private const string Running = """
        [Service]
        Type=exec
        ExecStart=/bin/sleep infinity
        """;

    private readonly RealSystemd? systemd = RealSystemd.Missing is null ? new RealSystemd(new RealSystemdOptions { PrivateRelay = true }) : null;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (systemd is not null)
        {
            systemd.Write("/etc/systemd/system/runs.service", Running);
            systemd.Write("/etc/systemd/system/once.service", "[Service]\nType=oneshot\nExecStart=/bin/true\n");
            systemd.Write("/etc/systemd/system/fails.service", "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo no such luck; exit 7'\n");
            systemd.Write("/etc/systemd/system/needs.service", "[Unit]\nRequires=fails.service\nAfter=fails.service\n" + Running);
            systemd.Write("/etc/systemd/system/skipped.service", "[Unit]\nConditionPathExists=/no/such/path\n" + Running);
            systemd.Write("/etc/systemd/system/slow.service", "[Service]\nType=oneshot\nExecStart=/bin/sleep 60\n");
            systemd.Write("/etc/systemd/system/waits.service", "[Unit]\nAfter=slow.service\n" + Running);
            systemd.Write(
                "/etc/systemd/system/loops.service",
                "[Unit]\nStartLimitIntervalSec=60\nStartLimitBurst=3\n[Service]\nExecStart=/bin/sh -c 'echo crashing; exit 3'\nRestart=always\nRestartSec=20ms\n");
            systemd.Link("/etc/systemd/system/masked.service", "/dev/null");
            await systemd.BootAsync();
        }
    }

    public ValueTask DisposeAsync() => systemd?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Units_are_started_restarted_and_stopped(bool privately)
    {
        await using var manager = await ConnectAsync(privately);
        Assert.Equal(!privately, manager.Connection.IsBus);
        var before = await manager.StatusAsync("runs.service", Cancellation);
        Assert.Equal(("loaded", "inactive", "dead", 0u), (before.LoadState, before.ActiveState, before.SubState, before.MainPid));
        Assert.Equal("/etc/systemd/system/runs.service", before.FragmentPath);
        Assert.Equal(0, before.ActiveEnterTimestamp);

        Assert.True((await manager.StartAsync("runs.service", Cancellation)).Succeeded);
        var started = await manager.StatusAsync("runs.service", Cancellation);
        Assert.Equal(("active", "running", "success"), (started.ActiveState, started.SubState, started.Result));
        Assert.Equal("static", started.UnitFileState);
        Assert.NotEqual(0u, started.MainPid);
        Assert.InRange(started.ActiveEnterTimestamp, DateTimeOffset.UtcNow.AddMinutes(-1).ToUnixTimeMilliseconds() * 1000, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1000 + 999);
        Assert.True(started.ExecMainStartTimestampMonotonic > 0 && started.InactiveExitTimestampMonotonic > 0);

        Assert.True((await manager.RestartAsync("runs.service", Cancellation)).Succeeded);
        var again = await manager.StatusAsync("runs.service", Cancellation);
        Assert.NotEqual(started.MainPid, again.MainPid);
        Assert.True(again.ActiveEnterTimestampMonotonic > started.ActiveEnterTimestampMonotonic);

        Assert.True((await manager.StopAsync("runs.service", Cancellation)).Succeeded);
        Assert.Equal("inactive", (await manager.StatusAsync("runs.service", Cancellation)).ActiveState);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Jobs_that_end_before_their_answer_are_not_missed(bool privately)
    {
        await using var manager = await ConnectAsync(privately);
        for (var i = 0; i < 30; i++)
        {
            // Of a unit that is active already the job ends at once; many at the same time mix answers and signals.
            Assert.True((await manager.StartAsync("runs.service", Cancellation)).Succeeded);
            var all = await Task.WhenAll(manager.StartAsync("runs.service", Cancellation), manager.StartAsync("once.service", Cancellation));
            Assert.All(all, j => Assert.Equal("done", j.Result));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Failures_say_what_systemd_says(bool privately)
    {
        await using var manager = await ConnectAsync(privately);
        Assert.Equal("failed", (await manager.StartAsync("fails.service", Cancellation)).Result);
        var failed = await manager.StatusAsync("fails.service", Cancellation);
        Assert.Equal(("failed", "exit-code", 1, 7), (failed.ActiveState, failed.Result, failed.ExecMainCode, failed.ExecMainStatus));
        Assert.Equal("dependency", (await manager.StartAsync("needs.service", Cancellation)).Result);
        Assert.Equal("done", (await manager.StartAsync("skipped.service", Cancellation)).Result);
        Assert.Equal("inactive", (await manager.StatusAsync("skipped.service", Cancellation)).ActiveState);

        var missing = await manager.StatusAsync("missing.service", Cancellation);
        Assert.Equal("not-found", missing.LoadState);
        await Refused(manager.StartAsync("missing.service", Cancellation), "StartUnit of missing.service was refused: Unit missing.service not found. (org.freedesktop.systemd1.NoSuchUnit)");
        await Refused(manager.RestartAsync("masked.service", Cancellation), "RestartUnit of masked.service was refused: Unit masked.service is masked. (org.freedesktop.systemd1.UnitMasked)");
        await Refused(manager.StatusAsync("a/b", Cancellation), "LoadUnit of a/b was refused");
        Assert.Equal("masked", (await manager.StatusAsync("masked.service", Cancellation)).LoadState);
    }

    [Fact]
    public async Task A_crash_loop_is_seen_and_can_be_started_again()
    {
        await using var manager = await ConnectAsync();
        Assert.True((await manager.StartAsync("loops.service", Cancellation)).Succeeded);
        var status = await manager.StatusAsync("loops.service", Cancellation);
        for (var i = 0; i < 600 && status.ActiveState != "failed"; i++)
        {
            await Task.Delay(50, Cancellation);
            status = await manager.StatusAsync("loops.service", Cancellation);
        }

        Assert.Equal("failed", status.ActiveState);
        Assert.Equal(3u, status.NRestarts);
        Assert.Equal(3, status.ExecMainStatus);
        Assert.Equal("failed", (await manager.StartAsync("loops.service", Cancellation)).Result);
        await manager.ResetFailedAsync("loops.service", Cancellation);
        Assert.Equal("inactive", (await manager.StatusAsync("loops.service", Cancellation)).ActiveState);
        Assert.Equal("done", (await manager.StartAsync("loops.service", Cancellation)).Result);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_changed_file_needs_a_reload_and_signals_go_on_after_it(bool privately)
    {
        await using var manager = await SystemdManager.ConnectAsync(Options(privately) with { JobPoll = TimeSpan.FromHours(1) }, Cancellation);
        Assert.True((await manager.StartAsync("runs.service", Cancellation)).Succeeded);
        Assert.False((await manager.StatusAsync("runs.service", Cancellation)).NeedDaemonReload);

        // The first drop-in of a unit: systemd before 255 looks for it in a list of folders from before, and says that all is read.
        systemd!.Write("/etc/systemd/system/runs.service.d/environment.conf", "[Service]\nEnvironment=A=0\n");
        Assert.Empty((await manager.StatusAsync("runs.service", Cancellation)).DropInPaths);
        await manager.ReloadAsync(Cancellation);
        var reloaded = await manager.StatusAsync("runs.service", Cancellation);
        Assert.Equal(["/etc/systemd/system/runs.service.d/environment.conf"], reloaded.DropInPaths);
        Assert.False(reloaded.NeedDaemonReload);

        systemd.Write("/etc/systemd/system/runs.service.d/environment.conf", "[Service]\nEnvironment=A=1\n");
        Assert.True((await manager.StatusAsync("runs.service", Cancellation)).NeedDaemonReload);
        await manager.ReloadAsync(Cancellation);
        Assert.False((await manager.StatusAsync("runs.service", Cancellation)).NeedDaemonReload);

        // The queue is not looked at: without the signal this never ends.
        Assert.True((await manager.RestartAsync("runs.service", Cancellation).WaitAsync(TimeSpan.FromSeconds(60), Cancellation)).Succeeded);
        var environment = File.ReadAllText(systemd.HostPath($"/proc/{(await manager.StatusAsync("runs.service", Cancellation)).MainPid}/environ"));
        Assert.Contains("A=1", environment.Split('\0'));
    }

    [Fact]
    public async Task A_job_that_does_not_end_names_what_the_queue_holds()
    {
        var options = Options(false) with { JobTimeout = TimeSpan.FromSeconds(1) };
        await using var manager = await SystemdManager.ConnectAsync(options, Cancellation);
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var slow = manager.StartAsync("slow.service", giveUp.Token);
        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => manager.StartAsync("waits.service", Cancellation));
        Assert.Equal(DiagnosticCatalogue.SystemdTimeout.Code, failure.Diagnostic.Code);
        Assert.Contains("StartUnit of waits.service: the job did not end within 1 s", failure.Message, StringComparison.Ordinal);
        Assert.Contains("slow.service (start, running)", failure.Message, StringComparison.Ordinal);
        Assert.Contains("waits.service (start, waiting)", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<DiagnosticException>(() => slow);
        Assert.Equal(["slow.service", "waits.service"], (await manager.JobsAsync(Cancellation)).Select(j => j.Unit).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Without_a_system_bus_the_private_socket_does_it_all()
    {
        Assert.SkipUnless(systemd is not null, RealSystemd.Missing ?? "");
        await using var early = new RealSystemd(new RealSystemdOptions { SystemBus = false, PrivateRelay = true });
        early.Write("/etc/systemd/system/runs.service", Running);
        await early.BootAsync();
        Assert.False(File.Exists(early.HostPath("/run/dbus/system_bus_socket")));
        var options = new ConnectOptions { SystemBusSocket = early.HostPath("/run/dbus/system_bus_socket"), PrivateSocket = early.PrivateRelay };
        await using var manager = await SystemdManager.ConnectAsync(options, Cancellation);
        Assert.True((await manager.RestartAsync("runs.service", Cancellation)).Succeeded);
        await manager.ReloadAsync(Cancellation);
        Assert.True((await manager.StatusAsync("runs.service", Cancellation)).IsActive);
    }

    [Fact]
    public async Task Executing_systemd_again_loses_no_job()
    {
        var options = Options(false) with { JobPoll = TimeSpan.FromMilliseconds(300) };
        await using var manager = await SystemdManager.ConnectAsync(options, Cancellation);
        systemd!.Write("/etc/systemd/system/brief.service", "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sleep 3\n");
        await manager.ReloadAsync(Cancellation);
        var job = manager.StartAsync("brief.service", Cancellation);
        while (!job.IsCompleted && (await manager.JobsAsync(Cancellation)).All(j => j.Unit != "brief.service"))
        {
            await Task.Delay(20, Cancellation);
        }

        Assert.Equal(0, (await systemd.RunAsync("systemctl", "daemon-reexec")).ExitCode);
        Assert.Equal("done", (await job).Result);
    }

    [Fact]
    public async Task Systemd_itself_accepts_the_units_and_is_fast()
    {
        Assert.SkipUnless(systemd is not null, RealSystemd.Missing ?? "");
        var verify = await systemd!.RunAsync("systemd-analyze", "verify", "/etc/systemd/system/runs.service");
        Assert.True(verify.ExitCode == 0, verify.ToString());
        foreach (var privately in new[] { false, true, false, true })
        {
            var began = Stopwatch.GetTimestamp();
            await using var manager = await ConnectAsync(privately);
            var connected = Stopwatch.GetElapsedTime(began);
            await manager.StatusAsync("runs.service", Cancellation);
            var status = Stopwatch.GetElapsedTime(began);
            Assert.True((await manager.RestartAsync("runs.service", Cancellation)).Succeeded);
            var restarted = Stopwatch.GetElapsedTime(began);
            TestContext.Current.SendDiagnosticMessage(
                $"private {privately}: connected {connected.TotalMilliseconds:0.0} ms, status {(status - connected).TotalMilliseconds:0.0} ms, restarted {(restarted - status).TotalMilliseconds:0.0} ms");
        }
    }

    private static async Task Refused(Task call, string message)
    {
        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => call);
        Assert.Equal(DiagnosticCatalogue.SystemdRefused.Code, failure.Diagnostic.Code);
        Assert.StartsWith(message, failure.Message, StringComparison.Ordinal);
    }

    private ConnectOptions Options(bool privately)
    {
        Assert.SkipUnless(systemd is not null, RealSystemd.Missing ?? "");
        return new ConnectOptions
        {
            PreferPrivate = privately,
            SystemBusSocket = privately ? "/no/such/socket" : systemd!.HostPath("/run/dbus/system_bus_socket"),
            PrivateSocket = privately ? systemd!.PrivateRelay : "/no/such/socket",
        };
    }

    private Task<SystemdManager> ConnectAsync(bool privately = false) => SystemdManager.ConnectAsync(Options(privately), Cancellation);
}
