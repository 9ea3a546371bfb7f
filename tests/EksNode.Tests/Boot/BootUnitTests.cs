using System.Text.Json;
using EksNode.Simulation.Scenarios;
using EksNode.Simulation.Systemd;

namespace EksNode.Tests.Boot;

/// <summary>The units of a node on machines that boot for real, with the cloud-init of Debian 12 and of a newer suite.</summary>
public sealed class BootUnitTests
{
    private const string Configure = "eksnode-configure.service";
    private const string Start = "eksnode-start.service";
    private const string Containerd = "containerd.service";
    private const string Final = "cloud-final.service";
    private const string MultiUser = "multi-user.target";

    private static string InitUnit(string suite) => suite.EndsWith("BOOKWORM", StringComparison.Ordinal) ? "cloud-init.service" : "cloud-init-network.service";

    [Theory]
    [MemberData(nameof(BootMachine.Suites), MemberType = typeof(BootMachine))]
    public async Task Without_scripts_a_start_waits_for_the_init_stage_alone_and_asks_for_no_fact_again(string suite)
    {
        await using var machine = await BootMachine.PrepareAsync(suite);
        machine.Systemd.Write("/etc/systemd/system/cloud-final.service.d/10-slow.conf", "[Service]\nExecStartPre=/bin/sleep 1000\n");
        await machine.BootAsync();

        Assert.True(await machine.StateAsync(Containerd, "active") == "active", await machine.DescribeAsync());
        Assert.Equal("activating", await machine.StateAsync(Final, "activating"));
        var init = InitUnit(suite);
        var configured = await machine.TimeAsync(Configure, "ActiveEnter");
        Assert.InRange(configured, 1, await machine.TimeAsync(init, "InactiveExit"));
        Assert.InRange(await machine.TimeAsync(init, "ActiveEnter"), 1, await machine.TimeAsync(Containerd, "InactiveExit"));
        Assert.Equal("active", await machine.StateAsync(MultiUser, "active"));
        Assert.DoesNotContain("ordering cycle", await machine.Systemd.JournalAsync(), StringComparison.Ordinal);

        // configure: a token, the user data and facts; start: a token and the user data.
        var calls = machine.Simulator.Calls;
        Assert.Equal(2, calls.Count("imds:token"));
        Assert.Equal(2, calls.Count("imds:user-data"));
        Assert.Equal(1, calls.Count("imds:identity"));
        Assert.All(calls.Of("imds:").Where(c => c.Name is not ("imds:token" or "imds:user-data")).GroupBy(c => c.Name), g => Assert.Single(g));
        Assert.Empty(calls.Aws);

        Assert.Contains("eksnode: configure done after ", machine.Systemd.Console, StringComparison.Ordinal);
        Assert.Contains("{\"eksnode\":{\"version\":", machine.Systemd.Console, StringComparison.Ordinal);
        var report = await machine.Systemd.RunAsync("/usr/bin/eksnode", "boot-report", "--output", "json");
        Assert.True(report.ExitCode == 0, report.ToString());
        using var document = JsonDocument.Parse(report.Output);
        var names = document.RootElement.GetProperty("spans").EnumerateArray().Select(s => s.GetProperty("name").GetString()).ToList();
        Assert.All((string[])["userspace", "eksnode configure", Configure, init, Containerd, "apply"], name => Assert.Contains(name, names));
    }

    [Theory]
    [MemberData(nameof(BootMachine.Suites), MemberType = typeof(BootMachine))]
    public async Task With_a_script_of_the_user_the_start_waits_for_it_and_multi_user_does_not(string suite)
    {
        await using var machine = await BootMachine.PrepareAsync(suite, WithScript());
        await machine.BootAsync();

        Assert.True(await machine.StateAsync(MultiUser, "active") == "active", await machine.DescribeAsync());
        Assert.Equal("activating", await machine.StateAsync(Start, "activating"));
        Assert.Equal("activating", await machine.StateAsync(Final, "activating"));
        Assert.Equal(0, await machine.TimeAsync(Containerd, "InactiveExit"));
        await machine.Systemd.RunAsync("touch", "/run/go-on");

        Assert.True(await machine.StateAsync(Containerd, "active") == "active", await machine.DescribeAsync());
        Assert.True(await machine.HasAsync("/run/script-done"));
        Assert.InRange(await machine.TimeAsync(Final, "ActiveEnter"), 1, await machine.TimeAsync(Containerd, "InactiveExit"));
        Assert.DoesNotContain("ordering cycle", await machine.Systemd.JournalAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_unit_of_multi_user_after_the_start_is_a_knot_that_is_named_and_comes_undone()
    {
        await using var machine = await BootMachine.PrepareAsync("EKSNODE_CLOUD_INIT_ROOT_BOOKWORM", WithScript());
        machine.Systemd.Write("/etc/systemd/system/users.service", "[Unit]\nAfter=nodeadm-run.service\n[Service]\nType=oneshot\nExecStart=/bin/touch /run/go-on\n");
        machine.Systemd.Link("/etc/systemd/system/multi-user.target.wants/users.service", "/etc/systemd/system/users.service");
        await machine.BootAsync();

        Assert.True(await machine.StateAsync(Containerd, "active") == "active", await machine.DescribeAsync());
        Assert.Contains("EKN0942", await machine.Systemd.JournalAsync(Start), StringComparison.Ordinal);
        Assert.InRange(await machine.TimeAsync(Final, "ActiveEnter"), 1, await machine.TimeAsync(Containerd, "InactiveExit"));
    }

    [Fact]
    public async Task A_wrong_configuration_is_not_tried_again()
    {
        await using var machine = await BootMachine.PrepareAsync("EKSNODE_CLOUD_INIT_ROOT_BOOKWORM", "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  cluster: 5\n");
        await machine.BootAsync();
        Assert.True(await machine.StateAsync(Start, "failed") == "failed", await machine.DescribeAsync());
        Assert.True(await machine.StateAsync(Configure, "failed") == "failed", await machine.DescribeAsync());
        await Task.Delay(TimeSpan.FromSeconds(8), TestContext.Current.CancellationToken);
        foreach (var unit in (string[])[Configure, Start])
        {
            Assert.Equal(("failed", "2", "0"), (await machine.StateAsync(unit), await machine.PropertyAsync(unit, "ExecMainStatus"), await machine.PropertyAsync(unit, "NRestarts")));
        }

        Assert.Equal("active", await machine.StateAsync(MultiUser, "active"));
        Assert.Contains("eksnode: start failed after ", machine.Systemd.Console, StringComparison.Ordinal);
        Assert.Contains("\"exitCode\":2", machine.Systemd.Console, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_is_tried_again_with_growing_pauses()
    {
        await using var machine = await BootMachine.PrepareAsync("EKSNODE_CLOUD_INIT_ROOT_BOOKWORM");
        machine.Systemd.Write("/var/lib/eksnode", "in the way\n");
        await machine.BootAsync();
        var until = DateTime.UtcNow.AddMinutes(3);
        while (int.Parse(await machine.PropertyAsync(Configure, "NRestarts")) < 2 && DateTime.UtcNow < until)
        {
            await Task.Delay(500, TestContext.Current.CancellationToken);
        }

        var journal = await machine.Systemd.JournalAsync(Configure);
        while (!journal.Contains("waiting before the next attempt attempt=3 seconds=5", StringComparison.Ordinal))
        {
            Assert.True(DateTime.UtcNow < until, journal);
            await Task.Delay(500, TestContext.Current.CancellationToken);
            journal = await machine.Systemd.JournalAsync(Configure);
        }

        Assert.Contains("status=1/FAILURE", journal, StringComparison.Ordinal);

        // What was in the way is gone: the next attempt does it.
        await machine.Systemd.RunAsync("rm", "/var/lib/eksnode");
        Assert.True(await machine.StateAsync(Configure, "active") == "active", await machine.DescribeAsync());
    }

    [Theory]
    [MemberData(nameof(BootMachine.Suites), MemberType = typeof(BootMachine))]
    public async Task With_networkd_and_an_interface_there_is_no_cycle_either(string suite)
    {
        Assert.SkipUnless(RealSystemd.MissingFor(suite) is null, RealSystemd.MissingFor(suite) ?? "");
        await using var systemd = new RealSystemd(new RealSystemdOptions { Root = Environment.GetEnvironmentVariable(suite) ?? "" });
        BootMachine.InstallFiles(systemd);
        // Only the order of units is looked at: this stands for the executable.
        const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        systemd.Write("/usr/bin/eksnode", "#!/bin/sh\ncase \"$*\" in *'stage start') sleep 3 ;; esac\n", Executable);
        BootMachine.Seed(systemd, BootMachine.NodeConfig + "YQ==\n");
        systemd.Write("/etc/systemd/network/10-eth0.netdev", "[NetDev]\nName=eth0\nKind=veth\n[Peer]\nName=peer0\n");
        systemd.Write("/etc/systemd/network/10-eth0.network", "[Match]\nName=eth0 peer0\n[Network]\nAddress=10.7.0.2/24\nLinkLocalAddressing=no\n");
        systemd.Link("/etc/systemd/system/multi-user.target.wants/systemd-networkd.service", "/usr/lib/systemd/system/systemd-networkd.service");
        systemd.Link("/etc/systemd/system/network-online.target.wants/systemd-networkd-wait-online.service", "/usr/lib/systemd/system/systemd-networkd-wait-online.service");
        await systemd.BootAsync(waitUntilUp: false);
        await systemd.WaitUntilUpAsync(TimeSpan.FromMinutes(4));

        var journal = await systemd.JournalAsync();
        Assert.DoesNotContain("ordering cycle", journal, StringComparison.Ordinal);
        string[] order = ["systemd-networkd-wait-online.service", Configure, InitUnit(suite), Start];
        var times = new List<long>();
        foreach (var unit in order)
        {
            times.Add(long.Parse((await systemd.RunAsync("systemctl", "show", "-P", "ActiveEnterTimestampMonotonic", unit)).Output.Trim()));
        }

        Assert.DoesNotContain(0, times);
        Assert.True(times.SequenceEqual(times.Order()), $"{string.Join(", ", order.Zip(times))}\n{journal}");

        // Nothing is said of the units of a node; their commands exist here.
        var verify = await systemd.RunAsync("sh", "-c", "systemd-analyze verify --man=no /usr/lib/systemd/system/eksnode-*.service /usr/lib/systemd/system/nodeadm-*.service");
        Assert.True(verify.ExitCode == 0 && !verify.Error.Contains("eksnode", StringComparison.Ordinal), verify.ToString());
        Assert.Equal(Start, (await systemd.RunAsync("systemctl", "show", "-P", "Id", "nodeadm-run.service")).Output.Trim());
        Assert.Equal(Configure, (await systemd.RunAsync("systemctl", "show", "-P", "Id", "nodeadm-config.service")).Output.Trim());
    }

    private static string WithScript() => MimeArchive.Write(
    [
        MimePart.NodeConfig(BootMachine.NodeConfig + ClusterCertificate.Base64 + "\n"),
        MimePart.Shell("#!/bin/sh\nuntil [ -e /run/go-on ]; do sleep 0.2; done\ntouch /run/script-done\n"),
    ]);
}
