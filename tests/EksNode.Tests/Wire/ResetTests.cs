using System.Text.Json;
using EksNode.Simulation;
using EksNode.Simulation.Scenarios;
using EksNode.Simulation.Systemd;

namespace EksNode.Tests.Wire;

/// <summary>The published executable verifies and resets what it joined.</summary>
public sealed class ResetTests
{
    private const string KubeletConfig = "etc/kubernetes/kubelet/config.json";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Joined_verified_changed_and_reset()
    {
        await using var node = await SimulatedNode.StartAsync(UserData.Karpenter());
        node.Write("etc/containerd/config.toml", "# of the image\n");
        var before = node.Snapshot(state: false);
        (await node.JoinAsync()).Expect(0);
        var joined = node.Snapshot(times: true);
        Assert.StartsWith("No drift", (await node.RunAsync("verify")).Expect(0).Stdout, StringComparison.Ordinal);
        node.Write(KubeletConfig, node.Read(KubeletConfig) + " ");
        Assert.Contains("/" + KubeletConfig, (await node.RunAsync("verify")).Expect(3).Stdout, StringComparison.Ordinal);
        node.Write(KubeletConfig, node.Read(KubeletConfig).TrimEnd(' '));
        (await node.RunAsync("verify")).Expect(0);
        Assert.Equal(joined.Keys, node.Snapshot(times: true).Keys);

        Assert.Contains("EKN0033", (await node.RunAsync("reset")).Expect(2).Stderr, StringComparison.Ordinal);
        (await node.RunAsync("reset", "--yes")).Expect(0);
        Assert.Equal(before, Without(node.Snapshot(state: false)));
        Assert.False(node.Has("var/lib/eksnode/state.json"));
    }

    [Fact]
    public async Task Without_IMDS_verify_compares_with_what_was_applied_and_says_so()
    {
        await using var node = await SimulatedNode.StartAsync(UserData.Karpenter());
        (await node.JoinAsync()).Expect(0);
        await using var off = await SimulatedNode.StartAsync(new SimulatorOptions { ImdsMode = ImdsMode.Disabled });
        node.Environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = off.Simulator.ImdsUrl.ToString();
        var alone = (await node.RunAsync("verify", "--output", "json")).Expect(0).Json;
        Assert.Equal(["applied"], alone.GetProperty("comparedWith").EnumerateArray().Select(c => c.GetString()!));
        Assert.Contains(alone.GetProperty("diagnostics").EnumerateArray(), d => d.GetProperty("code").GetString() == "EKN0925");
        node.Write(KubeletConfig, "by hand");
        Assert.Contains("/" + KubeletConfig, (await node.RunAsync("verify")).Expect(3).Stdout, StringComparison.Ordinal);

        // What is wrong in the configuration itself is no matter of reaching it.
        var broken = node.WriteOutside("broken.yaml", "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec: [\n");
        (await node.RunAsync("verify", "-c", broken)).Expect(2);
    }

    [Fact]
    public async Task Killed_at_any_moment_a_second_reset_ends_in_the_same()
    {
        await using var reference = await SimulatedNode.StartAsync(UserData.Karpenter());
        var before = reference.Snapshot(state: false);
        (await reference.JoinAsync()).Expect(0);
        var whole = (await reference.RunAsync("reset", "--yes")).Expect(0).Elapsed;
        Assert.Equal(before, Without(reference.Snapshot(state: false)));

        const int kills = 24;
        for (var moment = 0; moment < kills; moment++)
        {
            await using var node = await SimulatedNode.StartAsync(UserData.Karpenter());
            (await node.JoinAsync()).Expect(0);
            await using (var victim = node.Start("reset", "--yes"))
            {
                await Task.Delay(whole * moment / kills * 1.2, Cancellation);
                victim.Kill();
                await victim.EndAsync();
            }

            (await node.RunAsync("reset", "--yes")).Expect(0);
            Assert.Equal(before, Without(node.Snapshot(state: false)));
            Assert.False(node.Has("var/lib/eksnode/state.json"));
        }
    }

    // Folders that eksnode keeps its own in, and that every machine has.
    private static SortedDictionary<string, string> Without(SortedDictionary<string, string> snapshot)
    {
        snapshot.Remove("var");
        snapshot.Remove("var/lib");
        return snapshot;
    }
}

/// <summary>The same on a real systemd: services, drop-ins and what systemd has read of them.</summary>
public sealed class ResetOfAMachineTests : IAsyncLifetime
{
    private RealSystemd? systemd;

    public async ValueTask InitializeAsync()
    {
        var executable = Environment.GetEnvironmentVariable("EKSNODE_EXE");
        if (RealSystemd.Missing is not null || string.IsNullOrEmpty(executable))
        {
            return;
        }

        systemd = new RealSystemd();
        systemd.Install(executable, "/usr/bin/eksnode");
        // Services of a node, without what they do: this is about who starts, restarts and stops them.
        systemd.Write("/etc/systemd/system/containerd.service", "[Service]\nExecStart=/bin/sleep infinity\n");
        systemd.Write("/etc/systemd/system/kubelet.service", "[Unit]\nAfter=containerd.service\n[Service]\nExecStart=/bin/sleep infinity\n");
        systemd.Write("/etc/systemd/system/other.service", "[Service]\nExecStart=/bin/sleep infinity\n");
        systemd.Write("/etc/containerd/config.toml", "# of the image\n");
        systemd.Write("/etc/test/facts.json", await File.ReadAllTextAsync(Path.Combine(Repository.Root, "examples/facts/m6i.large.json")));
        systemd.Write("/etc/test/node.mime", await File.ReadAllTextAsync(Path.Combine(Repository.Root, "examples/karpenter.mime")));
        systemd.Write(
            "/etc/test/environment.yaml",
            "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  instance:\n    environment:\n      kubelet: {OWN: \"1\"}\n      other: {OWN: \"1\"}\n");
        await systemd.BootAsync();
    }

    public ValueTask DisposeAsync() => systemd?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Services_are_stopped_and_their_files_are_gone_from_systemd_too()
    {
        _ = EksNodeProcess.Executable;
        Assert.SkipUnless(systemd is not null, RealSystemd.Missing ?? "");
        const string kubeletDropIn = "/etc/systemd/system/kubelet.service.d/environment.conf";
        await RunAsync(0, ["join", "--no-start", .. Sources]);
        await Systemctl("daemon-reload");
        await Systemctl("start", "containerd.service", "kubelet.service", "other.service");
        Assert.Contains("OWN=1", await Systemctl("show", "--property", "Environment", "kubelet.service"), StringComparison.Ordinal);
        // What systemd itself must have read counts as owed until a start of eksnode sees to it.
        Assert.Equal(["kubelet.service", "other.service"], Drift(await RunAsync(3, ["verify", .. Sources, "--output", "json"])));
        await Systemctl("stop", "containerd.service");
        Assert.Equal(["containerd.service", "kubelet.service", "other.service"], Drift(await RunAsync(3, ["verify", .. Sources, "--output", "json"])));
        await Systemctl("start", "containerd.service");
        var other = await Systemctl("show", "--property", "MainPID", "--value", "other.service");

        var reset = await RunAsync(0, ["reset", "--yes", "--output", "json"]);
        Assert.Equal(["kubelet.service", "containerd.service"], reset.GetProperty("stopped").EnumerateArray().Select(s => s.GetString()!));
        Assert.Equal("inactive\ninactive\nactive", await Systemctl("is-active", "kubelet.service", "containerd.service", "other.service"));
        // systemd has forgotten the drop-in, and what ran with one was restarted.
        Assert.DoesNotContain("OWN=1", await Systemctl("show", "--property", "Environment", "kubelet.service"), StringComparison.Ordinal);
        Assert.DoesNotContain("OWN=1", await Systemctl("show", "--property", "Environment", "other.service"), StringComparison.Ordinal);
        Assert.NotEqual(other, await Systemctl("show", "--property", "MainPID", "--value", "other.service"));
        foreach (var path in (string[])[kubeletDropIn, "/etc/systemd/system/kubelet.service.d", "/etc/kubernetes", "/var/lib/eksnode", "/run/eksnode", "/run/nodeadm"])
        {
            Assert.False(Path.Exists(systemd.HostPath(path)), path);
        }

        Assert.Equal("# of the image\n", File.ReadAllText(systemd.HostPath("/etc/containerd/config.toml")));

        // A second one finds nothing, and leaves alone the services of somebody else.
        await Systemctl("start", "kubelet.service");
        await RunAsync(0, ["reset", "--yes", "--output", "json"]);
        Assert.Equal("active", await Systemctl("is-active", "kubelet.service"));
    }

    private static string[] Sources => ["-c", "/etc/test/node.mime", "-c", "/etc/test/environment.yaml", "--facts", "/etc/test/facts.json"];

    private static IEnumerable<string> Drift(JsonElement result) => result.GetProperty("services").EnumerateArray()
        .Where(s => s.GetProperty("drift").GetBoolean())
        .Select(s => s.GetProperty("unit").GetString()!);

    private async Task<JsonElement> RunAsync(int exit, string[] arguments)
    {
        var result = await systemd!.RunAsync(["/usr/bin/eksnode", .. arguments]);
        Assert.True(result.ExitCode == exit, result.ToString());
        return result.Output.StartsWith('{') ? JsonDocument.Parse(result.Output).RootElement : default;
    }

    private async Task<string> Systemctl(params string[] arguments) => (await systemd!.RunAsync(["systemctl", .. arguments])).Output.Trim();
}
