using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Files;
using EksNode.Host.Services;
using EksNode.Host.Systemd;
using EksNode.Host.Tests.Files;
using EksNode.Planning.Plans;
using static EksNode.Host.Tests.Engine.Engines;

namespace EksNode.Host.Tests.Services;

/// <summary>How bringing up a service ends when it does not go well.</summary>
public sealed class ServiceStarterTests : IDisposable
{
    private const string Kubelet = ServiceUnits.Kubelet;

    private readonly TestRoot host = new();
    private readonly HostRoot root;
    private readonly FakeServices services;
    private readonly DiagnosticBag bag = new();

    public ServiceStarterTests()
    {
        root = host.Open();
        services = new FakeServices(host, _ => [], _ => []);
        services.Add(Kubelet);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal static ServiceStarter Starter(
        HostRoot root, IServiceManager manager, Plan plan, AppliedState state, DiagnosticBag? bag = null, TimeSpan? whole = null, params string[] lines) =>
        new(
            new ServiceStarterOptions
            {
                Root = root,
                Manager = manager,
                Plan = plan,
                ReadLog = (_, _) => Task.FromResult<IReadOnlyList<string>>(lines),
                Diagnostics = bag ?? new DiagnosticBag(),
                Deadlines = new ServiceDeadlines { Whole = whole },
            },
            state);

    public void Dispose()
    {
        root.Dispose();
        host.Dispose();
    }

    [Theory]
    [InlineData("not-found", "EKN0916")]
    [InlineData("masked", "EKN0917")]
    [InlineData("bad-setting", "EKN0918")]
    [InlineData("error", "EKN0918")]
    public async Task A_unit_that_cannot_be_started_is_said_before_anything_is(string loadState, string code)
    {
        services.Units[Kubelet].LoadState = loadState;
        services.Add("containerd.service");
        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => New().PrepareAsync(["containerd.service", Kubelet], Cancellation));
        Assert.Equal(code, failure.Diagnostic.Code);
        Assert.Contains(Kubelet, failure.Message, StringComparison.Ordinal);
        Assert.Empty(services.Calls);
    }

    [Fact]
    public async Task A_unit_that_needs_a_reload_gets_one()
    {
        services.NeedsReload = true;
        await New().PrepareAsync([Kubelet], Cancellation);
        Assert.Equal(["reload"], services.Calls);
    }

    [Fact]
    public async Task A_crash_loop_ends_with_the_last_lines_and_the_prediction()
    {
        bag.Report(DiagnosticCatalogue.UnknownKubeletFlag, "The kubelet 1.33 knows no flag `--colour`.", "Did you mean `--color`?", severity: Severity.Warning);
        services.Units[Kubelet].WhenStarted = u => (u.Active, u.Sub, u.Result, u.ExitStatus, u.Restarts) = ("activating", "auto-restart", "exit-code", 1, 0);
        var looks = 0u;
        var failure = await FailureAsync(
            New(lines: ["Flag --x has been deprecated", "Error: unknown flag: --colour"]),
            _ => throw new InvalidOperationException("it never runs"),
            whileWaiting: () => services.Units[Kubelet].Restarts = looks++);
        Assert.Equal("EKN0919", failure.Code);
        Assert.StartsWith("kubelet.service fails: exit code 1, ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(" times in a row.", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Likely cause: what was predicted as EKN0420: The kubelet 1.33 knows no flag `--colour`.", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("\n    Error: unknown flag: --colour", failure.Message, StringComparison.Ordinal);
        Assert.Equal("Did you mean `--color`?", failure.Help);
    }

    [Fact]
    public async Task Without_a_prediction_the_lines_tell_the_cause()
    {
        services.Units[Kubelet].WhenStarted = u => (u.Active, u.Sub, u.Result, u.ExitStatus) = ("failed", "failed", "exit-code", 1);
        services.Units[Kubelet].JobResult = "failed";
        var failure = await FailureAsync(New(lines: ["listen tcp 127.0.0.1:10248: bind: address already in use"]), _ => Task.FromResult(Health.Good));
        Assert.Contains("Likely cause: another process has the address that it listens on.", failure.Message, StringComparison.Ordinal);
        Assert.Contains("ss -ltnp", failure.Help, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dependency", "a unit that it requires failed")]
    [InlineData("canceled", "something else told systemd")]
    [InlineData("done", "a condition in its unit is not met")]
    [InlineData("assert", "systemd says assert")]
    public async Task A_job_that_is_not_carried_out_says_why(string result, string expected)
    {
        services.Units[Kubelet].WhenStarted = u => (u.Active, u.Sub, u.Pid) = ("inactive", "dead", 0);
        services.Units[Kubelet].JobResult = result;
        var failure = await FailureAsync(New(), _ => Task.FromResult(Health.Good));
        Assert.Equal("EKN0920", failure.Code);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_does_not_end_names_what_systemd_works_on()
    {
        services.Units[Kubelet].Hangs = true;
        var failure = await FailureAsync(New(whole: TimeSpan.FromMilliseconds(200)), _ => Task.FromResult(Health.Good));
        Assert.Equal("EKN0921", failure.Code);
        Assert.Contains("did not start within the 0.2 s that everything may take: it is inactive (dead). systemd works on slow.mount (start).", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_runs_and_never_answers_ends_at_the_deadline_with_the_last_reason()
    {
        var asked = 0;
        var failure = await FailureAsync(New(whole: TimeSpan.FromSeconds(2)), async ct =>
        {
            // The last question is cut short by the deadline.
            await Task.Delay(++asked > 2 ? Timeout.Infinite : 0, ct);
            return Health.Bad("connection refused");
        });
        Assert.Equal("EKN0922", failure.Code);
        Assert.Contains(
            "kubelet.service runs, but was not healthy within the 2 s that everything may take: connection refused.", failure.Message, StringComparison.Ordinal);
        Assert.True(asked >= 3, asked.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Another_process_than_the_one_that_was_asked_about_does_not_count()
    {
        var asked = 0;
        var starter = New();
        await starter.BringUpAsync(
            Kubelet,
            _ =>
            {
                if (asked++ == 0)
                {
                    services.Units[Kubelet].Pid++;
                }

                return Task.FromResult(Health.Good);
            },
            TimeSpan.FromSeconds(5),
            Cancellation);
        Assert.Equal(2, asked);
        Assert.Equal(ServiceAction.Start, Assert.Single(starter.Outcomes).Action);
    }

    [Fact]
    public async Task The_message_bus_is_not_restarted_while_the_machine_runs()
    {
        services.Add("dbus.service", runs: true);
        var state = AppliedState.Empty with { Owed = AppliedState.Empty.Owed.Add("dbus.service", new OwedRestart(["file:/a"], OwedRestarts.BootOf(root))) };
        var starter = Starter(root, services, PlanOf(), state, bag);
        await starter.PayAsync("dbus.service", Cancellation);
        Assert.Empty(services.Calls);
        Assert.Equal("EKN0924", Assert.Single(bag.Items).Code);
        Assert.True(starter.State.Owed.ContainsKey("dbus.service"));
    }

    [Fact]
    public async Task A_wait_beside_a_service_ends_when_the_service_does()
    {
        services.Run(Kubelet);
        var asked = 0;
        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => New().WaitAsync(
            Kubelet,
            "the Node to be Ready",
            _ =>
            {
                if (++asked == 2)
                {
                    (services.Units[Kubelet].Active, services.Units[Kubelet].Result) = ("failed", "oom-kill");
                }

                return Task.FromResult(Health.Bad("the kubelet has not registered it"));
            },
            TimeSpan.FromSeconds(30),
            (_, _, _, _) => throw new InvalidOperationException("too late"),
            Cancellation));
        Assert.Contains("kubelet.service fails: the kernel killed it for want of memory", failure.Message, StringComparison.Ordinal);
    }

    private ServiceStarter New(TimeSpan? whole = null, params string[] lines) => Starter(root, services, PlanOf(), AppliedState.Empty, bag, whole, lines);

    private async Task<Diagnostic> FailureAsync(ServiceStarter starter, HealthProbe probe, Action? whileWaiting = null)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var meanwhile = Task.CompletedTask;
        if (whileWaiting is not null)
        {
            meanwhile = Task.Run(
                async () =>
                {
                    while (!ended.IsCancellationRequested)
                    {
                        await Task.Delay(200, CancellationToken.None);
                        whileWaiting();
                    }
                },
                Cancellation);
        }

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => starter.BringUpAsync(Kubelet, probe, TimeSpan.FromSeconds(20), Cancellation));
        await ended.CancelAsync();
        await meanwhile;
        return failure.Diagnostic;
    }
}
