using System.Text.Json;

namespace EksNode.Tests.Wire;

/// <summary>The executable joins with hooks, on a real systemd with a real containerd.</summary>
public sealed class HookTests : IAsyncLifetime
{
    private const string Secret = "hunter2-hunter2-hunter2";
    private const UnixFileMode Program = (UnixFileMode)0x1ED; // 0755

    // It writes down when it ran and what it found, says a secret on both outputs, and fails when it is told to.
    private const string Hook = """
        #!/bin/sh
        config=no; [ -e /etc/kubernetes/kubelet/config.json ] && config=yes
        echo "$EKSNODE_HOOK_STAGE $1 config=$config containerd=$(systemctl is-active containerd.service) kubelet=$(systemctl is-active kubelet.service)" >>/run/order
        echo "$1 says the token is $API_TOKEN for $EKSNODE_NODE_NAME"
        echo "$1 complains of $API_TOKEN" >&2
        exit ${2:-0}
        """;

    private SimulatedMachine? machine;

    public async ValueTask InitializeAsync()
    {
        if (SimulatedMachine.MissingWithContainerd is null)
        {
            machine = await SimulatedMachine.PrepareWithContainerdAsync();
            machine.Systemd.Write("/opt/hooks/hook", Hook, Program);
            await machine.Systemd.BootAsync();
        }
    }

    public ValueTask DisposeAsync() => machine?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task They_run_in_their_order_and_what_they_say_reaches_the_journal_without_secrets()
    {
        Configure("preConfigure: [a, b]", "preStart: [c]", "postStart: [d, e]");
        var joined = await Machine().ExpectAsync(0, "join", "-c", "/etc/test/node.yaml");
        Assert.Equal(
            [
                "preConfigure a config=no containerd=inactive kubelet=inactive",
                "preConfigure b config=no containerd=inactive kubelet=inactive",
                "preStart c config=yes containerd=inactive kubelet=inactive",
                "postStart d config=yes containerd=active kubelet=active",
                "postStart e config=yes containerd=active kubelet=active",
            ],
            Order());
        foreach (var (identifier, name) in ((string, string)[])[("preConfigure-0", "a"), ("preConfigure-1", "b"), ("preStart-0", "c"), ("postStart-0", "d"), ("postStart-1", "e")])
        {
            var said = (await Machine().Systemd.RunAsync("journalctl", "-o", "cat", "-t", "eksnode-hook-" + identifier)).Output;
            Assert.Contains($"{name} says the token is ", said, StringComparison.Ordinal);
            Assert.Contains($" for {SimulatedMachine.NodeName}", said, StringComparison.Ordinal);
            Assert.Contains($"{name} complains of ", said, StringComparison.Ordinal);
        }

        // Every field of every entry, and what the join said itself.
        Assert.DoesNotContain(Secret, (await Machine().Systemd.RunAsync("journalctl", "-o", "export")).Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, joined.Output + joined.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Machine().Systemd.HostPath("/run/eksnode/hooks")));

        // A node that is as planned runs its hooks again, and nothing else happens.
        var again = await Machine().JsonAsync(0, "join", "-c", "/etc/test/node.yaml");
        Assert.Equal(10, Order().Length);
        Assert.Empty(again.GetProperty("changes").EnumerateArray());
        Assert.All(again.GetProperty("services").EnumerateArray(), s => Assert.Equal("none", s.GetProperty("action").GetString()));
        await Machine().ExpectAsync(0, "verify", "-c", "/etc/test/node.yaml");
    }

    [Theory]
    [InlineData("preConfigure", false, "inactive")]
    [InlineData("preStart", true, "inactive")]
    [InlineData("postStart", true, "active")]
    public async Task One_that_fails_ends_the_join_where_it_is(string stage, bool configured, string services)
    {
        Configure($"{stage}: [fails 7, never]");
        var failed = await Machine().JsonAsync(1, "join", "-c", "/etc/test/node.yaml");
        var error = Assert.Single(failed.GetProperty("diagnostics").EnumerateArray(), d => d.GetProperty("severity").GetString() == "error");
        Assert.Equal(("EKN0986", $"spec.hooks.{stage}[0]", "/etc/test/node.yaml"), (Text(error, "code"), Text(error, "path"), Text(error, "source")));
        Assert.Contains("exit code 7", Text(error, "message"), StringComparison.Ordinal);
        Assert.Contains("fails complains of", Text(error, "message"), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, failed.ToString(), StringComparison.Ordinal);
        Assert.Contains("onFailure: Continue", Text(error, "help"), StringComparison.Ordinal);
        Assert.DoesNotContain(Order(), l => l.Contains("never", StringComparison.Ordinal));
        Assert.Equal(configured, Machine().Has("/etc/kubernetes/kubelet/config.json"));
        Assert.Equal(services + "\n" + services, await Machine().SystemctlAsync("is-active", "containerd.service", "kubelet.service"));

        // Corrected, the next join does what is left.
        Configure($"{stage}: [works]");
        await Machine().ExpectAsync(0, "join", "-c", "/etc/test/node.yaml");
        Assert.Equal("active\nactive", await Machine().SystemctlAsync("is-active", "containerd.service", "kubelet.service"));
    }

    [Fact]
    public async Task One_that_fails_and_may_is_a_warning_and_the_next_one_runs()
    {
        Configure("preConfigure: [+fails 7, a]", "preStart: [+fails 8, b]", "postStart: [+fails 9, c]");
        var joined = await Machine().JsonAsync(0, "join", "-c", "/etc/test/node.yaml");
        var warnings = joined.GetProperty("diagnostics").EnumerateArray().Where(d => Text(d, "code") == "EKN0986").ToArray();
        Assert.Equal(["spec.hooks.preConfigure[0]", "spec.hooks.preStart[0]", "spec.hooks.postStart[0]"], warnings.Select(w => Text(w, "path")));
        Assert.All(warnings, w => Assert.Equal("warning", Text(w, "severity")));
        Assert.Equal(["fails", "a", "fails", "b", "fails", "c"], Order().Select(l => l.Split(' ')[1]));
        Assert.Equal("active\nactive", await Machine().SystemctlAsync("is-active", "containerd.service", "kubelet.service"));
    }

    [Fact]
    public async Task One_that_hangs_is_ended_in_its_time_and_with_no_start_only_the_first_stage_runs()
    {
        Configure("preConfigure: [a]", "preStart: [b]", "postStart: [c]");
        await Machine().ExpectAsync(0, "join", "--no-start", "-c", "/etc/test/node.yaml");
        Assert.Equal(["a"], Order().Select(l => l.Split(' ')[1]));

        Machine().Systemd.Write("/opt/hooks/hook", "#!/bin/sh\nsleep 600 &\necho $! >/run/child\nsleep 600\n", Program);
        Configure("preStart: [hangs]");
        var failed = await Machine().JsonAsync(1, "join", "-c", "/etc/test/node.yaml");
        Assert.Contains(failed.GetProperty("diagnostics").EnumerateArray(), d => Text(d, "code") == "EKN0987");
        Assert.NotEqual(0, (await Machine().Systemd.RunAsync("sh", "-c", "kill -0 $(cat /run/child)")).ExitCode);
        Assert.Equal("inactive\ninactive", await Machine().SystemctlAsync("is-active", "containerd.service", "kubelet.service"));
    }

    // Each stage with its hooks: a name, an exit status, and a plus before one that may fail.
    private void Configure(params string[] stages)
    {
        var text = "  hooks:\n";
        foreach (var stage in stages)
        {
            var (name, list) = (stage.Split(": ")[0], stage.Split(": ")[1].Trim('[', ']').Split(", "));
            text += $"    {name}:\n";
            foreach (var hook in list)
            {
                var words = string.Join(", ", hook.TrimStart('+').Split(' ').Select(w => $"\"{w}\""));
                text += $"      - command: [/opt/hooks/hook, {words}]\n        timeout: 8s\n        environment: {{API_TOKEN: {Secret}}}\n"
                    + (hook[0] == '+' ? "        onFailure: Continue\n" : "");
            }
        }

        Machine().Systemd.Write("/etc/test/node.yaml", Machine().Configuration(text));
    }

    private string[] Order() => Machine().Has("/run/order") ? Machine().Read("/run/order").Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];

    private SimulatedMachine Machine()
    {
        Assert.SkipUnless(machine is not null, SimulatedMachine.MissingWithContainerd ?? "");
        return machine!;
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
