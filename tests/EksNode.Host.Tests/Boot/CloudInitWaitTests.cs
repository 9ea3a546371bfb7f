using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Boot;
using EksNode.Host.Logging;
using EksNode.Host.Systemd;

namespace EksNode.Host.Tests.Boot;

/// <summary>Which stages of cloud-init a start waits for, by what systemd says.</summary>
public sealed class CloudInitWaitTests : IAsyncDisposable
{
    private const string Init = "cloud-init.service";
    private const string Network = "cloud-init-network.service";
    private const string Final = "cloud-final.service";
    private const string Own = "eksnode-start.service";

    private readonly FakeSystemd systemd = new();
    private readonly DiagnosticBag diagnostics = new();
    private readonly Timeline timeline = new(TimeProvider.System);
    private bool asked;

    [Theory]
    [InlineData("not-found")]
    [InlineData("masked")]
    public async Task Absent_or_masked_no_wait(string load)
    {
        systemd.Units[Init] = new UnitStatus(Init) { LoadState = load, ActiveState = "inactive" };
        await WaitAsync("a script");
        Assert.False(asked);
        Assert.Empty(timeline.Spans);
    }

    [Fact]
    public async Task Not_part_of_this_boot_no_wait()
    {
        systemd.Set(Init, "inactive");
        systemd.Set(Final, "inactive");
        await WaitAsync("a script");
        Assert.False(asked);
    }

    [Theory]
    [InlineData(Init)]
    [InlineData(Network)]
    public async Task The_init_stage_always(string unit)
    {
        systemd.Set(unit, "activating");
        systemd.Set(Final, "activating");
        systemd.After(5, () => systemd.Set(unit, "active"));
        await WaitAsync();
        Assert.True(asked);
        Assert.True(systemd.Questions >= 5);
        Assert.Equal($"wait for {unit}", Assert.Single(timeline.Spans).Name);
    }

    [Fact]
    public async Task The_last_stage_when_there_is_something_to_run()
    {
        systemd.Set(Init, "active");
        systemd.Set(Final, "inactive");
        systemd.Jobs = [new UnitJob(7, Final, "start", "waiting"), new UnitJob(8, "other.service", "start", "running")];
        systemd.After(4, () => systemd.Set(Final, "activating"));
        systemd.After(8, () => systemd.Set(Final, "active"));
        await WaitAsync("a script");
        Assert.Equal("wait for " + Final, Assert.Single(timeline.Spans).Name);
        Assert.Empty(diagnostics.Items);
    }

    [Fact]
    public async Task A_failed_script_is_a_warning_and_the_join_goes_on()
    {
        systemd.Set(Init, "active");
        systemd.Set(Final, "activating");
        systemd.After(4, () => systemd.Set(Final, "failed"));
        await WaitAsync("a script");
        Assert.Equal(DiagnosticCatalogue.BootCloudInitFailed.Code, Assert.Single(diagnostics.Items).Code);
        Assert.False(diagnostics.HasErrors);
    }

    [Fact]
    public async Task After_a_failed_init_stage_what_lies_on_disk_does_not_count()
    {
        systemd.Set(Init, "failed");
        systemd.Set(Final, "activating");
        systemd.After(6, () => systemd.Set(Final, "active"));
        await WaitAsync();
        Assert.False(asked);
        Assert.Equal("wait for " + Final, Assert.Single(timeline.Spans).Name);
    }

    [Fact]
    public async Task At_the_deadline_it_is_an_error_and_never_a_start()
    {
        systemd.Set(Init, "active");
        systemd.Set(Final, "activating");
        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => WaitAsync(new CloudInitDeadlines { Final = TimeSpan.FromMilliseconds(50), Pause = TimeSpan.FromMilliseconds(1) }, "a script"));
        Assert.Equal(DiagnosticCatalogue.BootCloudInitTimeout.Code, failure.Diagnostic.Code);
        Assert.Contains("a script", failure.Diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_everything_waits_for_us_the_knot_is_named()
    {
        systemd.Set(Init, "active");
        systemd.Set(Final, "inactive");
        systemd.Jobs =
        [
            new UnitJob(1, Own, "start", "running"), new UnitJob(2, Final, "start", "waiting"), new UnitJob(3, "multi-user.target", "start", "waiting"),
            new UnitJob(4, "users.service", "start", "waiting"),
        ];
        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => WaitAsync(new CloudInitDeadlines { Knot = TimeSpan.FromMilliseconds(20), Pause = TimeSpan.FromMilliseconds(1) }, "a script"));
        Assert.Equal(DiagnosticCatalogue.BootCloudInitDeadlock.Code, failure.Diagnostic.Code);
        Assert.Contains("users.service", failure.Diagnostic.Help, StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync() => systemd.DisposeAsync();

    private Task WaitAsync(params string[] reasons) => WaitAsync(new CloudInitDeadlines { Pause = TimeSpan.FromMilliseconds(1) }, reasons);

    private Task WaitAsync(CloudInitDeadlines deadlines, params string[] reasons) =>
        new CloudInitWait(systemd, NoLog.Instance, TimeProvider.System, timeline, diagnostics, deadlines).RunAsync(
            () =>
            {
                asked = true;
                return [.. reasons];
            },
            Own,
            TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20));

    // Answers from a table that changes after so many questions.
    private sealed class FakeSystemd : IServiceManager
    {
        private readonly SortedDictionary<int, Action> changes = [];

        public Dictionary<string, UnitStatus> Units { get; } = [];

        public ImmutableArray<UnitJob> Jobs { get; set; } = [];

        public int Questions { get; private set; }

        public void Set(string unit, string state) => Units[unit] = new UnitStatus(unit) { LoadState = "loaded", ActiveState = state };

        public void After(int questions, Action change) => changes[questions] = change;

        public Task<UnitStatus> StatusAsync(string unit, CancellationToken cancellation)
        {
            if (changes.TryGetValue(++Questions, out var change))
            {
                change();
            }

            return Task.FromResult(Units.GetValueOrDefault(unit) ?? new UnitStatus(unit) { LoadState = "not-found", ActiveState = "inactive" });
        }

        public Task<ImmutableArray<UnitJob>> JobsAsync(CancellationToken cancellation) => Task.FromResult(Jobs);

        public Task ReloadAsync(CancellationToken cancellation) => throw new NotSupportedException();

        public Task<JobResult> StartAsync(string unit, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<JobResult> RestartAsync(string unit, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<JobResult> StopAsync(string unit, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
