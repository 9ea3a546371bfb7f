using System.Diagnostics;
using EksNode.Configuration.Text;
using EksNode.Host.Systemd;
using EksNode.Simulation.Systemd;

namespace EksNode.Host.Tests.Systemd;

/// <summary>What a real systemd does not do on demand: lose, delay, garble, die.</summary>
public sealed class SystemdManagerTests
{
    // For what never comes; what is to come has time, however busy the machine.
    private static readonly TimeSpan brief = TimeSpan.FromSeconds(1);

    private static ConnectOptions Brief => new() { CallTimeout = brief, JobTimeout = brief, JobPoll = TimeSpan.FromMilliseconds(100) };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(true, true, false)]
    [InlineData(true, false, true)]
    [InlineData(false, false, false)]
    [InlineData(false, true, true)]
    public async Task Jobs_are_run_in_either_byte_order_whatever_comes_first(bool isBus, bool bigEndian, bool signalFirst)
    {
        await using var systemd = new SimulatedSystemd(isBus) { BigEndian = bigEndian, SignalFirst = signalFirst, Impostor = isBus };
        var unit = systemd.Unit("kubelet.service");
        unit.NeedDaemonReload = true;
        unit.DropInPaths = ["/etc/a.conf", "/etc/b.conf"];
        await using (var manager = await ConnectAsync(systemd))
        {
            var before = await manager.StatusAsync("kubelet.service", Cancellation);
            Assert.True(before.NeedDaemonReload);
            Assert.Equal(unit.DropInPaths, before.DropInPaths);
            Assert.True((await manager.StartAsync("kubelet.service", Cancellation)).Succeeded);
            Assert.True((await manager.RestartAsync("kubelet.service", Cancellation)).Succeeded);
            await manager.ReloadAsync(Cancellation);
            var after = await manager.StatusAsync("kubelet.service", Cancellation);
            Assert.Equal(("active", "running", unit.MainPid, false), (after.ActiveState, after.SubState, after.MainPid, after.NeedDaemonReload));
            Assert.Equal(unit.ActiveEnter.Ticks / 10, DateTimeOffset.UnixEpoch.AddMicroseconds(after.ActiveEnterTimestamp).Ticks / 10);
            unit.Start = SimulatedStart.Fails;
            Assert.Equal("failed", (await manager.RestartAsync("kubelet.service", Cancellation)).Result);
            Assert.True((await manager.StopAsync("kubelet.service", Cancellation)).Succeeded);
            Assert.Empty(await manager.JobsAsync(Cancellation));
        }

        Assert.Empty(systemd.Complaints);
        Assert.Equal(3, unit.Starts);
        Assert.Equal(
            isBus ? ["Hello", "AddMatch", "Subscribe", "LoadUnit kubelet.service"] : ["Subscribe", "LoadUnit kubelet.service", "GetAll", "StartUnit kubelet.service"],
            systemd.Calls.Take(4));
    }

    [Theory]
    [InlineData(SimulatedSystemdFault.NoReply, "EKN0904", "did not answer within 1 s")]
    [InlineData(SimulatedSystemdFault.Close, "EKN0901", "the other side closed it")]
    [InlineData(SimulatedSystemdFault.CloseInside, "EKN0902", "inside of a message")]
    [InlineData(SimulatedSystemdFault.Garbage, "EKN0902", "begins with the byte 72")]
    [InlineData(SimulatedSystemdFault.Huge, "EKN0902", "too long")]
    [InlineData(SimulatedSystemdFault.OtherType, "EKN0902", "'s' came where")]
    [InlineData(SimulatedSystemdFault.LongText, "EKN0902", "longer than its message")]
    [InlineData(SimulatedSystemdFault.Error, "EKN0903", "told to fail (org.freedesktop.DBus.Error.Failed)")]
    public async Task A_fault_is_a_diagnostic_that_names_call_and_unit(SimulatedSystemdFault fault, string code, string message)
    {
        foreach (var member in new[] { "LoadUnit", "GetAll", "StartUnit" })
        {
            await using var systemd = new SimulatedSystemd { Faults = { [member] = fault } };
            systemd.Unit("kubelet.service");
            await using var manager = await ConnectAsync(systemd, Brief);
            var failure = await Assert.ThrowsAsync<DiagnosticException>(() => member == "StartUnit"
                ? manager.StartAsync("kubelet.service", Cancellation)
                : manager.StatusAsync("kubelet.service", Cancellation));
            Assert.Equal(code, failure.Diagnostic.Code);
            Assert.StartsWith($"{member} of kubelet.service", failure.Message, StringComparison.Ordinal);
            Assert.Contains(message, failure.Message, StringComparison.Ordinal);
            Assert.Empty(systemd.Complaints);
        }
    }

    [Fact]
    public async Task Answers_in_pieces_are_put_together()
    {
        await using var systemd = new SimulatedSystemd { Faults = { ["LoadUnit"] = SimulatedSystemdFault.Pieces } };
        systemd.Unit("kubelet.service");
        await using var manager = await ConnectAsync(systemd);
        Assert.Equal("inactive", (await manager.StatusAsync("kubelet.service", Cancellation)).ActiveState);
    }

    [Fact]
    public async Task A_call_that_gets_no_answer_leaves_the_connection_usable()
    {
        await using var systemd = new SimulatedSystemd { Faults = { ["LoadUnit"] = SimulatedSystemdFault.NoReply } };
        systemd.Unit("kubelet.service");
        await using var manager = await ConnectAsync(systemd, Brief);
        await Assert.ThrowsAsync<DiagnosticException>(() => manager.StatusAsync("kubelet.service", Cancellation));
        systemd.Faults.Clear();
        Assert.Equal("inactive", (await manager.StatusAsync("kubelet.service", Cancellation)).ActiveState);
        using var gaveUp = new CancellationTokenSource(brief / 10);
        systemd.Faults["LoadUnit"] = SimulatedSystemdFault.NoReply;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => manager.StatusAsync("kubelet.service", gaveUp.Token));
    }

    [Fact]
    public async Task A_lost_connection_ends_every_call_and_every_wait_at_once()
    {
        await using var systemd = new SimulatedSystemd();
        systemd.Unit("slow.service").Start = SimulatedStart.Hangs;
        await using var manager = await ConnectAsync(systemd, new ConnectOptions());
        systemd.Faults["Reload"] = SimulatedSystemdFault.NoReply;
        var job = manager.StartAsync("slow.service", Cancellation);
        var reload = manager.ReloadAsync(Cancellation);
        while (!systemd.Calls.Contains("Reload"))
        {
            await Task.Delay(5, Cancellation);
        }

        systemd.Faults["ListJobs"] = SimulatedSystemdFault.Close;
        var began = Stopwatch.GetTimestamp();
        foreach (var (task, name) in new (Task, string)[] { (manager.JobsAsync(Cancellation), "ListJobs"), (reload, "Reload"), (job, "StartUnit of slow.service"), (manager.JobsAsync(Cancellation), "ListJobs") })
        {
            var failure = await Assert.ThrowsAsync<DiagnosticException>(() => task);
            Assert.Equal("EKN0901", failure.Diagnostic.Code);
            Assert.StartsWith(name, failure.Message, StringComparison.Ordinal);
        }

        // Long before any of the deadlines, of which the shortest is 30 s.
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_lost_signal_is_made_up_for_by_the_queue()
    {
        await using var systemd = new SimulatedSystemd { LosesSignals = true };
        systemd.Unit("works.service");
        systemd.Unit("fails.service").Start = SimulatedStart.Fails;
        await using var manager = await ConnectAsync(systemd);
        Assert.Equal("done", (await manager.StartAsync("works.service", Cancellation)).Result);
        Assert.Equal("done", (await manager.StopAsync("works.service", Cancellation)).Result);
        Assert.Equal("failed", (await manager.StartAsync("fails.service", Cancellation)).Result);
    }

    [Fact]
    public async Task A_job_that_hangs_ends_by_its_deadline_and_names_the_queue()
    {
        await using var systemd = new SimulatedSystemd();
        systemd.Unit("hangs.service").Start = SimulatedStart.Hangs;
        await using var manager = await ConnectAsync(systemd, Brief);
        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => manager.StartAsync("hangs.service", Cancellation));
        Assert.Equal("EKN0904", failure.Diagnostic.Code);
        Assert.Equal("StartUnit of hangs.service: the job did not end within 1 s; in the queue: hangs.service (start, running).", failure.Message);
    }

    [Fact]
    public async Task The_private_socket_is_taken_when_the_bus_is_not_there_or_does_not_answer()
    {
        await using var own = new SimulatedSystemd(isBus: false);
        await using var silent = new SimulatedSystemd { Faults = { ["Hello"] = SimulatedSystemdFault.NoReply } };
        await using var bus = new SimulatedSystemd();
        foreach (var (socket, preferPrivate, isBus) in new[]
                 {
                     ("/no/such/socket", false, false), (silent.SocketPath, false, false), (bus.SocketPath, false, true), (bus.SocketPath, true, false),
                 })
        {
            await using var manager = await SystemdManager.ConnectAsync(
                new ConnectOptions { SystemBusSocket = socket, PrivateSocket = own.SocketPath, PreferPrivate = preferPrivate, ConnectTimeout = brief }, Cancellation);
            Assert.Equal(isBus, manager.Connection.IsBus);
        }

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => SystemdManager.ConnectAsync(
            new ConnectOptions { SystemBusSocket = silent.SocketPath, PrivateSocket = "/no/such/socket", ConnectTimeout = brief }, Cancellation));
        Assert.Equal("EKN0900", failure.Diagnostic.Code);
        Assert.Contains("Hello: the system bus did not answer", failure.Message, StringComparison.Ordinal);
        Assert.Contains("/no/such/socket", failure.Message, StringComparison.Ordinal);

        // An address that is given is the only one.
        await Assert.ThrowsAsync<DiagnosticException>(() => SystemdManager.ConnectAsync(
            new ConnectOptions { BusAddress = "unix:path=/no/such/socket", PrivateSocket = own.SocketPath }, Cancellation));
        await Assert.ThrowsAsync<DiagnosticException>(() => SystemdManager.ConnectAsync(new ConnectOptions { BusAddress = "tcp:host=localhost" }, Cancellation));
    }

    private static Task<SystemdManager> ConnectAsync(SimulatedSystemd systemd, ConnectOptions? options = null)
    {
        options ??= new ConnectOptions { JobPoll = TimeSpan.FromMilliseconds(100) };
        return SystemdManager.ConnectAsync(
            systemd.IsBus
                ? options with { BusAddress = systemd.Address }
                : options with { SystemBusSocket = "/no/such/socket", PrivateSocket = systemd.SocketPath },
            Cancellation);
    }
}
