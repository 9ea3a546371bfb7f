using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EksNode.Simulation.Systemd;

namespace EksNode.Tests.Wire;

/// <summary>
/// The real executable starts a node on a real systemd with a real containerd. The kubelet is a stand-in of a few lines: it reads its
/// configuration, and answers that it is healthy.
/// </summary>
public sealed class StartTests : IAsyncLifetime
{
    private const string ContainerdVariable = "EKSNODE_CONTAINERD_2";

    private const string Kubelet = """
        #!/usr/bin/perl
        use IO::Socket::INET;
        if (grep { $_ eq '--colour' } @ARGV) { print STDERR "Error: failed to parse kubelet flag: unknown flag: --colour\n"; exit 1 }
        open(my $config, '<', '/etc/kubernetes/kubelet/config.json') or die "no configuration: $!";
        my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 10248, Listen => 5, ReuseAddr => 1) or die "listen: $!";
        while (my $client = $server->accept) {
          while (<$client>) { last if /^\r?$/ }
          print $client "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
          close $client;
        }
        """;

    private RealSystemd? systemd;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var executable = Environment.GetEnvironmentVariable("EKSNODE_EXE");
        var containerd = Environment.GetEnvironmentVariable(ContainerdVariable);
        if (RealSystemd.Missing is not null || string.IsNullOrEmpty(executable) || string.IsNullOrEmpty(containerd))
        {
            return;
        }

        systemd = new RealSystemd();
        systemd.Install(executable, "/usr/bin/eksnode");
        systemd.Install(containerd, "/usr/bin/containerd");
        const UnixFileMode program = (UnixFileMode)0x1ED;
        systemd.Write("/usr/bin/kubelet", Kubelet, program);
        systemd.Write("/etc/systemd/system/containerd.service", "[Service]\nType=notify\nExecStart=/usr/bin/containerd\nRestart=always\nRestartSec=5\nDelegate=yes\nKillMode=process\n");
        systemd.Write(
            "/etc/systemd/system/kubelet.service",
            "[Unit]\nAfter=containerd.service\nWants=containerd.service\n[Service]\nEnvironmentFile=/etc/eks/kubelet/environment\n"
            + "ExecStart=/usr/bin/kubelet $NODEADM_KUBELET_ARGS\nRestart=on-failure\nRestartSec=300ms\nKillMode=process\n");
        systemd.Write("/etc/test/facts.json", await File.ReadAllTextAsync(Path.Combine(Repository.Root, "examples/facts/m6i.large.json")));
        // No image of the machine carries this one, and pulling from such a registry is containerd's.
        systemd.Write(
            "/etc/test/sandbox.yaml",
            "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  containerd:\n    config: |\n"
            + "      [plugins.'io.containerd.cri.v1.images'.pinned_images]\n      sandbox = 'registry.example/pause:1'\n");
        systemd.Write("/etc/test/node.mime", await File.ReadAllTextAsync(Path.Combine(Repository.Root, "examples/karpenter.mime")));
        await systemd.BootAsync();
    }

    public ValueTask DisposeAsync() => systemd?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task A_node_is_started_and_a_second_join_changes_nothing_and_restarts_nothing()
    {
        var first = await JoinAsync();
        Assert.Equal([("containerd.service", "start"), ("kubelet.service", "start")], Services(first));
        Assert.DoesNotContain("owed", State(), StringComparison.Ordinal);
        var before = await ProcessesAsync();

        var second = await JoinAsync();
        Assert.Equal([("containerd.service", "none"), ("kubelet.service", "none")], Services(second));
        Assert.Empty(second.GetProperty("changes").EnumerateArray());
        Assert.Equal(before, await ProcessesAsync());
        // Nothing of it is enabled: at the next boot eksnode starts it again.
        var enabled = await Systemd().RunAsync("systemctl", "is-enabled", "containerd.service", "kubelet.service");
        Assert.Equal(["static", "static"], enabled.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));

        // Written by a join that starts nothing, paid by one that does.
        Configure(1);
        await RunAsync(1, 0, "--no-start");
        Assert.Contains("\"owed\"", State(), StringComparison.Ordinal);
        Assert.Equal([("containerd.service", "restart"), ("kubelet.service", "restart")], Services(await JoinAsync(1)));
        await AssertRunsWithAsync(1);

        // Owed over a boot: the services of that boot are started with their files as they are.
        Configure(2);
        await RunAsync(2, 0, "--stage", "configure");
        await Systemd().PowerOffAsync();
        await Systemd().BootAsync();
        Assert.Equal([("containerd.service", "start"), ("kubelet.service", "start")], Services(await JoinAsync(2)));
        await AssertRunsWithAsync(2);
    }

    [Fact]
    public async Task Killed_at_any_moment_and_run_again_it_ends_with_services_that_run_with_their_files()
    {
        Configure(0);
        var began = Stopwatch.GetTimestamp();
        await JoinAsync(0);
        var whole = Stopwatch.GetElapsedTime(began);
        const int kills = 24;
        for (var moment = 1; moment <= kills; moment++)
        {
            Configure(moment);
            if (moment % 4 == 0)
            {
                await Systemd().RunAsync("systemctl", "stop", "kubelet.service", "containerd.service");
            }

            using (var victim = Process.Start(Systemd().Enter(Command(moment, [])))!)
            {
                _ = victim.StandardOutput.ReadToEndAsync(Cancellation);
                _ = victim.StandardError.ReadToEndAsync(Cancellation);
                await Task.Delay(whole * moment / kills, Cancellation);
                victim.Kill(entireProcessTree: true);
                await victim.WaitForExitAsync(Cancellation);
            }

            await JoinAsync(moment);
            await AssertRunsWithAsync(moment);
            Assert.DoesNotContain("owed", State(), StringComparison.Ordinal);
            var before = await ProcessesAsync();
            Assert.Equal([("containerd.service", "none"), ("kubelet.service", "none")], Services(await JoinAsync(moment)));
            Assert.Equal(before, await ProcessesAsync());
        }
    }

    [Fact]
    public async Task A_crash_loop_fails_the_join_and_names_the_predicted_cause()
    {
        Systemd().Write("/etc/test/round-7.yaml", "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  kubelet:\n    flags: [\"--colour\"]\n");
        var failed = await RunAsync(7, 1);
        var error = JsonDocument.Parse(failed.Output).RootElement.GetProperty("diagnostics").EnumerateArray()
            .Single(d => d.GetProperty("severity").GetString() == "error");
        Assert.Equal("EKN0919", error.GetProperty("code").GetString());
        var message = error.GetProperty("message").GetString()!;
        Assert.StartsWith("kubelet.service fails: exit code 1, ", message, StringComparison.Ordinal);
        Assert.Contains("Likely cause: what was predicted as EKN0420", message, StringComparison.Ordinal);
        Assert.Contains("unknown flag: --colour", message, StringComparison.Ordinal);
        Assert.Contains("\"owed\"", State(), StringComparison.Ordinal);

        Configure(7);
        Assert.Contains(("kubelet.service", "restart"), Services(await JoinAsync(7)));
        await AssertRunsWithAsync(7);
    }

    private RealSystemd Systemd()
    {
        _ = EksNodeProcess.Executable;
        Assert.SkipUnless(RealSystemd.Missing is null, RealSystemd.Missing ?? "");
        Assert.SkipUnless(systemd is not null, $"{ContainerdVariable} names no containerd: script/test fetches one.");
        return systemd!;
    }

    private void Configure(int round) => Systemd().Write(
        $"/etc/test/round-{round}.yaml",
        string.Create(
            CultureInfo.InvariantCulture,
            $"apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  instance:\n    environment:\n      default: {{ROUND: \"{round}\"}}\n      kubelet: {{OWN: \"{round}\"}}\n"));

    private static string[] Command(int? round, string[] arguments) =>
    [
        "/usr/bin/eksnode", "join", "--facts", "/etc/test/facts.json", "-c", "/etc/test/node.mime", "-c", "/etc/test/sandbox.yaml", "--output", "json",
        .. round is null ? Array.Empty<string>() : ["-c", $"/etc/test/round-{round}.yaml"],
        .. arguments,
    ];

    private async Task<RealSystemdResult> RunAsync(int? round, int exitCode, params string[] arguments)
    {
        var result = await Systemd().RunAsync(Command(round, arguments));
        Assert.True(result.ExitCode == exitCode, result.ToString());
        return result;
    }

    private async Task<JsonElement> JoinAsync(int? round = null) => JsonDocument.Parse((await RunAsync(round, 0)).Output).RootElement;

    private static IEnumerable<(string Unit, string Action)> Services(JsonElement result) =>
        result.GetProperty("services").EnumerateArray().Select(s => (s.GetProperty("unit").GetString()!, s.GetProperty("action").GetString()!));

    private string State() => File.ReadAllText(Systemd().HostPath("/var/lib/eksnode/state.json"));

    private async Task<string[]> ProcessesAsync()
    {
        var shown = await Systemd().RunAsync("systemctl", "show", "--property", "MainPID", "--value", "containerd.service", "kubelet.service");
        return shown.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    // The manager's environment is in both, and the kubelet's own in the kubelet: systemd has read its files, and they were started after.
    private async Task AssertRunsWithAsync(int round)
    {
        var processes = await ProcessesAsync();
        foreach (var (process, variables) in ((string, string[])[])[(processes[0], ["ROUND"]), (processes[1], ["ROUND", "OWN"])])
        {
            var environment = (await File.ReadAllTextAsync(Systemd().HostPath($"/proc/{process}/environ"), Cancellation)).Split('\0');
            Assert.All(variables, v => Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{v}={round}"), environment));
        }
    }
}
