using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Host.Logging;
using EksNode.Host.Systemd;

namespace EksNode.Host.Boot;

/// <summary>How long cloud-init is waited for.</summary>
public sealed record CloudInitDeadlines
{
    /// <summary>The init stage: it reads the instance's data and grows the root file system.</summary>
    public TimeSpan Init { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The last stage: it runs the user's own scripts, which install things.</summary>
    public TimeSpan Final { get; init; } = TimeSpan.FromHours(2);

    /// <summary>The pause between two questions.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>For so long nothing but this join runs in the queue before that counts as a knot: systemd starts what it can at once.</summary>
    public TimeSpan Knot { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>
/// Waits for cloud-init, as far as a node needs it: always for its init stage, and for its last stage when it has something to run.
/// cloud-init that is not installed, masked, or not part of this boot is not waited for.
/// </summary>
/// <param name="systemd">The service manager.</param>
/// <param name="log">Where it says that it waits.</param>
/// <param name="clock">The clock.</param>
/// <param name="timeline">Takes each wait.</param>
/// <param name="diagnostics">Takes a stage that failed.</param>
/// <param name="deadlines">How long it waits.</param>
public sealed class CloudInitWait(
    IServiceManager systemd, ILog log, TimeProvider clock, Timeline timeline, DiagnosticBag diagnostics, CloudInitDeadlines deadlines)
{
    /// <summary>The init stage; the second name is that of cloud-init before 24.3.</summary>
    public static ImmutableArray<string> InitUnits { get; } = ["cloud-init-network.service", "cloud-init.service"];

    /// <summary>The last stage.</summary>
    public const string FinalUnit = "cloud-final.service";

    private enum Stage
    {
        NotComing,
        Pending,
        Running,
        Done,
        Failed,
    }

    /// <summary>Waits.</summary>
    /// <param name="work">What cloud-init has to run, asked once its init stage is done: the reasons to wait for the last one.</param>
    /// <param name="ownUnit">The unit that this process is the start of; null when it is none.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="DiagnosticException">A deadline passed, or cloud-init waits for <paramref name="ownUnit"/>.</exception>
    public async Task RunAsync(Func<ImmutableArray<string>> work, string? ownUnit, CancellationToken cancellation)
    {
        if (await InitUnitAsync(cancellation).ConfigureAwait(false) is not { } init)
        {
            log.Write(LogLevel.Debug, "cloud-init is not installed or masked");
            return;
        }

        // It may have been started by an alias, and jobs have the unit's own name.
        var own = ownUnit is null ? null : (await systemd.StatusAsync(ownUnit, cancellation).ConfigureAwait(false)).Id;
        var first = await WaitAsync(init, "reads the instance's data and grows the root file system", deadlines.Init, own, cancellation).ConfigureAwait(false);
        if (first == Stage.NotComing)
        {
            log.Write(LogLevel.Debug, "cloud-init is not part of this boot", ("unit", init));
            return;
        }

        // After a failure, what it keeps on disk may be another instance's.
        var reasons = first == Stage.Failed ? [$"{init} failed"] : work();
        if (reasons.IsEmpty)
        {
            log.Write(LogLevel.Debug, "cloud-init has nothing more to run");
            return;
        }

        log.Write(LogLevel.Info, "cloud-init has something to run", ("unit", FinalUnit), ("because", string.Join("; ", reasons)));
        await WaitAsync(FinalUnit, "runs what it was given: " + Shortened(reasons), deadlines.Final, own, cancellation).ConfigureAwait(false);
    }

    private static string Shortened(ImmutableArray<string> reasons) =>
        reasons.Length == 1 ? reasons[0] : string.Create(CultureInfo.InvariantCulture, $"{reasons[0]}, and {reasons.Length - 1} more");

    private async Task<string?> InitUnitAsync(CancellationToken cancellation)
    {
        foreach (var unit in InitUnits)
        {
            if ((await systemd.StatusAsync(unit, cancellation).ConfigureAwait(false)).IsLoaded)
            {
                return unit;
            }
        }

        return null;
    }

    private async Task<Stage> WaitAsync(string unit, string purpose, TimeSpan deadline, string? ownUnit, CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        var told = TimeSpan.Zero;
        long? stuckSince = null;
        IDisposable? step = null;
        try
        {
            while (true)
            {
                var (stage, jobs) = await StageAsync(unit, cancellation).ConfigureAwait(false);
                if (stage == Stage.Failed)
                {
                    diagnostics.Report(
                        DiagnosticCatalogue.BootCloudInitFailed,
                        $"{unit} failed, which {purpose}; the join goes on.",
                        $"`journalctl -u {unit}` and `cloud-init status --long` say why.",
                        path: unit);
                }

                if (stage is not (Stage.Pending or Stage.Running))
                {
                    return stage;
                }

                step ??= timeline.Begin("wait for " + unit);
                var elapsed = clock.GetElapsedTime(began);
                if (elapsed >= deadline)
                {
                    throw new DiagnosticException(
                        DiagnosticCatalogue.BootCloudInitTimeout,
                        $"{unit}, which {purpose}, is not done after {Text(elapsed)}: {State(unit, stage, jobs)}.",
                        $"`journalctl -u {unit}` shows how far it is. The node is not started before it, and eksnode waits again.",
                        path: unit);
                }

                if (elapsed - told >= TimeSpan.FromMinutes(1))
                {
                    told = elapsed;
                    log.Write(LogLevel.Warn, "still waiting", ("for", unit), ("which", purpose), ("since", Text(elapsed)), ("state", State(unit, stage, jobs)));
                }

                stuckSince = IsKnot(stage, jobs, ownUnit) ? stuckSince ?? clock.GetTimestamp() : null;
                if (stuckSince is { } since && clock.GetElapsedTime(since) >= deadlines.Knot)
                {
                    throw new DiagnosticException(
                        DiagnosticCatalogue.BootCloudInitDeadlock,
                        $"{unit} waits for {ownUnit}, which waits for {unit}, since no other job of the boot runs: a unit of multi-user.target is ordered after {ownUnit}, and here {unit} comes after multi-user.target.",
                        $"Give that unit `DefaultDependencies=no`, or let something else than multi-user.target start it. Jobs that wait: {string.Join(", ", jobs.Where(j => j.Unit != ownUnit).Select(j => j.Unit).Order(StringComparer.Ordinal).Take(10))}.",
                        path: ownUnit);
                }

                await Task.Delay(deadlines.Pause, clock, cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            step?.Dispose();
        }
    }

    // A job that waits while none but our own runs can only wait for that one.
    private static bool IsKnot(Stage stage, ImmutableArray<UnitJob> jobs, string? ownUnit) =>
        stage == Stage.Pending && ownUnit is not null
        && jobs.Any(j => j.Unit == ownUnit && j.State == "running")
        && !jobs.Any(j => j.Unit != ownUnit && j.State == "running");

    private async Task<(Stage Stage, ImmutableArray<UnitJob> Jobs)> StageAsync(string unit, CancellationToken cancellation)
    {
        try
        {
            return await LookAsync(unit, cancellation).ConfigureAwait(false);
        }
        catch (DiagnosticException failure) when (failure.Diagnostic.Code == DiagnosticCatalogue.SystemdRefused.Code)
        {
            // A script that upgrades systemd makes it execute itself again, and meanwhile nobody answers. The deadline holds.
            log.Write(LogLevel.Debug, "systemd does not say how a unit does", ("unit", unit), ("reason", failure.Diagnostic.Message));
            return (Stage.Running, []);
        }
    }

    private async Task<(Stage Stage, ImmutableArray<UnitJob> Jobs)> LookAsync(string unit, CancellationToken cancellation)
    {
        var stage = Of(await systemd.StatusAsync(unit, cancellation).ConfigureAwait(false));
        if (stage != Stage.NotComing && stage != Stage.Running)
        {
            return (stage, []);
        }

        var jobs = await systemd.JobsAsync(cancellation).ConfigureAwait(false);
        if (stage == Stage.Running || jobs.Any(j => j.Unit == unit && j.Type is not "stop"))
        {
            return (stage == Stage.Running ? Stage.Running : Stage.Pending, jobs);
        }

        // Its job may have ended between the two questions.
        return (Of(await systemd.StatusAsync(unit, cancellation).ConfigureAwait(false)), jobs);
    }

    private static Stage Of(UnitStatus status) => status.ActiveState switch
    {
        _ when !status.IsLoaded => Stage.NotComing,
        "active" or "reloading" => Stage.Done,
        "failed" => Stage.Failed,
        "activating" or "deactivating" => Stage.Running,
        _ when status.InactiveExitTimestampMonotonic > 0 => Stage.Done,
        _ => Stage.NotComing,
    };

    private static string State(string unit, Stage stage, ImmutableArray<UnitJob> jobs)
    {
        var running = jobs.Where(j => j.State == "running" && j.Unit != unit).Select(j => j.Unit).Order(StringComparer.Ordinal).Take(5).ToList();
        return stage == Stage.Running ? "it runs"
            : running.Count == 0 ? "it has not begun"
            : $"it has not begun, and these run: {string.Join(", ", running)}";
    }

    private static string Text(TimeSpan time) => time >= TimeSpan.FromMinutes(1)
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} min")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s");
}
