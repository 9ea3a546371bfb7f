using System.Collections.Immutable;
using EksNode.Host.Files;
using EksNode.Host.Systemd;
using EksNode.Host.Tests.Files;

namespace EksNode.Host.Tests.Services;

/// <summary>A unit of <see cref="FakeServices"/>.</summary>
internal sealed class FakeUnit
{
    public string LoadState { get; set; } = "loaded";

    public string Active { get; set; } = "inactive";

    public string Sub { get; set; } = "dead";

    public string JobResult { get; set; } = "done";

    /// <summary>What becomes of it when it is started.</summary>
    public Action<FakeUnit>? WhenStarted { get; set; }

    public bool Hangs { get; set; }

    public uint Restarts { get; set; }

    public int ExitStatus { get; set; }

    public string Result { get; set; } = "success";

    public uint Pid { get; set; }

    public long Started { get; set; }

    /// <summary>What its files held when its process was started, and its drop-ins when systemd read them.</summary>
    public string RunsWith { get; set; } = "";
}

/// <summary>
/// A service manager whose services read the files of a folder when they start, so that a test sees what each of them runs with. It dies
/// before and after each thing that it does, when it is told to.
/// </summary>
internal sealed class FakeServices(TestRoot host, Func<string, IReadOnlyList<string>> filesOf, Func<string, IReadOnlyList<string>> dropInsOf) : IServiceManager
{
    private uint lastPid = 100;
    private Dictionary<string, string> read = new(StringComparer.Ordinal);

    public Dictionary<string, FakeUnit> Units { get; } = new(StringComparer.Ordinal);

    public List<string> Calls { get; } = [];

    public IStepObserver? Steps { get; set; }

    public bool NeedsReload { get; set; }

    public FakeUnit Add(string unit, bool runs = false)
    {
        Units[unit] = new FakeUnit();
        if (runs)
        {
            Run(unit);
        }

        return Units[unit];
    }

    /// <summary>What a unit would run with if systemd read its files and started it now.</summary>
    public string Wanted(string unit) => Text(filesOf(unit).Concat(dropInsOf(unit)).ToDictionary(p => p, Content, StringComparer.Ordinal));

    /// <summary>The machine boots again: nothing runs, and systemd has read everything.</summary>
    public void Reboot()
    {
        ReadAll();
        foreach (var unit in Units.Values)
        {
            (unit.Active, unit.Sub, unit.Pid, unit.Started) = ("inactive", "dead", 0, 0);
        }
    }

    public void Run(string unit)
    {
        var state = Units[unit];
        (state.Active, state.Sub, state.Pid) = ("active", "running", ++lastPid);
        // A start that is to be later than what was written before it.
        FileClock.Pass();
        state.Started = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        var all = filesOf(unit).ToDictionary(p => p, Content, StringComparer.Ordinal);
        foreach (var path in dropInsOf(unit))
        {
            all[path] = read.GetValueOrDefault(path, "");
        }

        state.RunsWith = Text(all);
    }

    public Task<UnitStatus> StatusAsync(string unit, CancellationToken cancellation)
    {
        var state = Units.GetValueOrDefault(unit) ?? new FakeUnit { LoadState = "not-found" };
        return Task.FromResult(new UnitStatus(unit)
        {
            LoadState = state.LoadState,
            ActiveState = state.Active,
            SubState = state.Sub,
            Result = state.Result,
            NRestarts = state.Restarts,
            MainPid = state.Pid,
            ExecMainCode = state.ExitStatus == 0 ? 0 : 1,
            ExecMainStatus = state.ExitStatus,
            ExecMainStartTimestamp = state.Started,
            NeedDaemonReload = NeedsReload,
        });
    }

    public Task ReloadAsync(CancellationToken cancellation)
    {
        Act("reload", "", ReadAll);
        return Task.CompletedTask;
    }

    public Task<JobResult> StartAsync(string unit, CancellationToken cancellation) => JobAsync("start", unit, always: false, cancellation);

    public Task<JobResult> RestartAsync(string unit, CancellationToken cancellation) => JobAsync("restart", unit, always: true, cancellation);

    public Task<JobResult> StopAsync(string unit, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<ImmutableArray<UnitJob>> JobsAsync(CancellationToken cancellation) =>
        Task.FromResult(ImmutableArray.Create(new UnitJob(7, "slow.mount", "start", "running")));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<JobResult> JobAsync(string what, string unit, bool always, CancellationToken cancellation)
    {
        var state = Units[unit];
        if (state.Hangs)
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }

        Act(what, unit, () =>
        {
            if (always || state.Active != "active")
            {
                Run(unit);
                state.WhenStarted?.Invoke(state);
            }
        });
        return new JobResult(unit, state.JobResult);
    }

    private void Act(string what, string unit, Action action)
    {
        Steps?.Before(what, unit);
        Calls.Add($"{what} {unit}".Trim());
        action();
        Steps?.Before("after " + what, unit);
    }

    private void ReadAll()
    {
        NeedsReload = false;
        read = Units.Keys.SelectMany(dropInsOf).Distinct(StringComparer.Ordinal).ToDictionary(p => p, Content, StringComparer.Ordinal);
    }

    private string Content(string path) => host.Exists(path) ? host.Read(path) : "";

    private static string Text(Dictionary<string, string> files) =>
        string.Join(';', files.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key}={f.Value}"));
}
