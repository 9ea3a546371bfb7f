using EksNode.Simulation.Systemd;

namespace EksNode.Host.Tests.Systemd;

/// <summary>The fixture itself: a real systemd boots, keeps what is on its disk over a reboot, and leaves nothing behind.</summary>
public sealed class RealSystemdTests
{
    [Fact]
    public async Task It_boots_runs_units_and_reboots()
    {
        Assert.SkipUnless(RealSystemd.Missing is null, RealSystemd.Missing ?? "");
        await using var systemd = new RealSystemd();
        systemd.Write("/etc/systemd/system/note.service", """
            [Service]
            Type=oneshot
            RemainAfterExit=yes
            ExecStart=/bin/sh -c 'echo boot >>/var/note; echo said to the console >/dev/console'
            """);
        systemd.Link("/etc/systemd/system/multi-user.target.wants/note.service", "/etc/systemd/system/note.service");
        await systemd.BootAsync();
        Assert.Equal("1", (await systemd.RunAsync("sh", "-c", "echo $(ps -o pid= -C systemd)")).Output.Trim());
        Assert.Equal("active", (await systemd.RunAsync("systemctl", "is-active", "note.service")).Output.Trim());
        Assert.Contains("note.service", await systemd.JournalAsync(), StringComparison.Ordinal);
        Assert.Contains("said to the console", systemd.Console, StringComparison.Ordinal);

        await systemd.PowerOffAsync();
        await systemd.BootAsync();
        Assert.Equal("boot\nboot\n", File.ReadAllText(systemd.HostPath("/var/note")));
        TestContext.Current.SendDiagnosticMessage($"boot until up: {systemd.BootTime.TotalMilliseconds:0} ms");
    }

    [Fact]
    public async Task Nothing_of_it_is_left_behind()
    {
        Assert.SkipUnless(RealSystemd.Missing is null, RealSystemd.Missing ?? "");
        int pid;
        await using (var systemd = new RealSystemd())
        {
            await systemd.BootAsync(waitUntilUp: false);
            pid = systemd.ProcessId;
            Assert.True(Directory.Exists($"/proc/{pid}"));
        }

        Assert.False(Directory.Exists($"/proc/{pid}"));
        Assert.DoesNotContain("eksnode-systemd-", File.ReadAllText("/proc/mounts"), StringComparison.Ordinal);
    }
}
