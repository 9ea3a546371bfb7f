using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Journal;
using EksNode.Host.Logging;
using EksNode.Host.Services;
using EksNode.Host.Systemd;
using EksNode.Simulation.Systemd;

namespace EksNode.Host.Tests.Services;

/// <summary>Hooks on a real systemd: what they get, what becomes of their output, and how they end.</summary>
public sealed class HookRunnerTests : IAsyncLifetime
{
    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly RealSystemd? systemd = RealSystemd.Missing is null ? new RealSystemd() : null;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (systemd is not null)
        {
            systemd.Write("/opt/hooks/tells", "#!/bin/sh\necho \"$1|$2|$EKSNODE_CLUSTER\"\necho \"token is hunter2-hunter2\" >&2\nenv | sort\n", Executable);
            systemd.Write("/opt/hooks/fails", "#!/bin/sh\ni=0\nwhile [ $i -lt 20 ]; do echo \"line $i hunter2-hunter2\"; i=$((i+1)); done\nexit 3\n", Executable);
            systemd.Write("/opt/hooks/hangs", "#!/bin/sh\nsleep 300 &\necho $! > /run/child\nsleep 300\n", Executable);
            systemd.Write("/opt/hooks/plain", "#!/bin/sh\n");
            systemd.Write("/opt/hooks/open", "#!/bin/sh\n", Executable | UnixFileMode.OtherWrite);
            await systemd.BootAsync();
        }
    }

    public ValueTask DisposeAsync() => systemd?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task A_hook_gets_its_arguments_as_they_are_and_its_output_is_redacted_in_the_journal()
    {
        var bag = new DiagnosticBag();
        Assert.True(await RunAsync(bag, "tells", "a b", "$HOME; `id`"));
        Assert.Empty(bag.Items);
        var text = (await systemd!.RunAsync("journalctl", "-o", "cat", "-t", "eksnode-hook-preStart-0")).Output;
        Assert.Contains("a b|$HOME; `id`|my-cluster", text, StringComparison.Ordinal);
        Assert.Contains("PATH=/usr/bin", text, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", await systemd.JournalAsync(), StringComparison.Ordinal);
        Assert.Contains("token is", text, StringComparison.Ordinal);
        Assert.Equal("", (await systemd.RunAsync("ls", "/run/eksnode/hooks")).Output);
    }

    [Fact]
    public async Task A_hook_that_fails_says_how_with_its_last_lines_and_can_run_again()
    {
        for (var i = 0; i < 2; i++)
        {
            var bag = new DiagnosticBag();
            Assert.False(await RunAsync(bag, "fails"));
            var diagnostic = Assert.Single(bag.Items);
            Assert.Equal((DiagnosticCatalogue.HookFailed.Code, Severity.Error, "spec.hooks.preStart[0]"), (diagnostic.Code, diagnostic.Severity, diagnostic.Path));
            Assert.Contains("exit code 3", diagnostic.Message, StringComparison.Ordinal);
            Assert.Contains("line 19", diagnostic.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("line 9 ", diagnostic.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("hunter2", diagnostic.Message, StringComparison.Ordinal);
        }

        var warned = new DiagnosticBag();
        Assert.True(await RunAsync(warned, Call("fails", TimeSpan.FromMinutes(1), continues: true)));
        Assert.Equal(Severity.Warning, Assert.Single(warned.Items).Severity);
    }

    [Fact]
    public async Task A_hook_that_hangs_is_killed_with_what_it_started()
    {
        var bag = new DiagnosticBag();
        Assert.False(await RunAsync(bag, Call("hangs", TimeSpan.FromSeconds(2), continues: false)));
        Assert.Equal(DiagnosticCatalogue.HookTimedOut.Code, Assert.Single(bag.Items).Code);
        Assert.NotEqual(0, (await systemd!.RunAsync("sh", "-c", "kill -0 $(cat /run/child)")).ExitCode);
    }

    [Theory]
    [InlineData("none", "does not exist")]
    [InlineData("plain", "not executable")]
    [InlineData("open", "others than root can write it")]
    public async Task A_program_that_is_not_roots_alone_is_not_run(string name, string why)
    {
        var bag = new DiagnosticBag();
        Assert.False(await RunAsync(bag, name));
        var diagnostic = Assert.Single(bag.Items);
        Assert.Equal(DiagnosticCatalogue.HookProgramUnusable.Code, diagnostic.Code);
        Assert.Contains(why, diagnostic.Message, StringComparison.Ordinal);
    }

    private static HookCall Call(string name, TimeSpan timeout, bool continues, params string[] arguments) => new()
    {
        Setting = "spec.hooks.preStart[0]",
        Origin = Origin.At("user-data", 1, 1),
        ContinuesOnFailure = continues,
        Service = new TransientService
        {
            Unit = "eksnode-hook-preStart-0.service",
            Description = "a hook",
            Command = ["/opt/hooks/" + name, .. arguments],
            Environment = ["PATH=/usr/bin:/bin", "EKSNODE_CLUSTER=my-cluster"],
            Timeout = timeout,
        },
    };

    private Task<bool> RunAsync(DiagnosticBag bag, string name, params string[] arguments) =>
        RunAsync(bag, Call(name, TimeSpan.FromMinutes(1), continues: false, arguments));

    private async Task<bool> RunAsync(DiagnosticBag bag, HookCall call)
    {
        Assert.SkipUnless(systemd is not null, RealSystemd.Missing ?? "");
        await using var manager = await SystemdManager.ConnectAsync(
            new ConnectOptions { SystemBusSocket = systemd!.HostPath("/run/dbus/system_bus_socket"), PrivateSocket = "/no/such/socket" }, Cancellation);
        using var root = HostRoot.Open(systemd.HostPath("/"));
        var redactor = new Redactor();
        redactor.Add(new Secret("hunter2-hunter2"));
        return await new HookRunner(manager, root, redactor, NoLog.Instance, new JournalWriter(systemd.HostPath("/run/systemd/journal/socket"))).RunAsync(call, bag, Cancellation);
    }
}
