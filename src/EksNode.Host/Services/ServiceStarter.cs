using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using EksNode.Host.Systemd;
using EksNode.Planning.Plans;

namespace EksNode.Host.Services;

/// <summary>What a starter works with.</summary>
public sealed record ServiceStarterOptions
{
    /// <summary>The host, which runs.</summary>
    public required HostRoot Root { get; init; }

    /// <summary>Its service manager.</summary>
    public required IServiceManager Manager { get; init; }

    /// <summary>The plan, applied.</summary>
    public required Plan Plan { get; init; }

    /// <summary>Reads what units log.</summary>
    public required UnitLogReader ReadLog { get; init; }

    /// <summary>What this run has found: predictions among it are named when they come true; warnings are added.</summary>
    public required DiagnosticBag Diagnostics { get; init; }

    /// <summary>How long things may take.</summary>
    public ServiceDeadlines Deadlines { get; init; } = new();

    /// <summary>Where progress is written.</summary>
    public ILog Log { get; init; } = NoLog.Instance;

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

/// <summary>What became of a service.</summary>
/// <param name="Unit">The unit.</param>
/// <param name="Action">What was done.</param>
/// <param name="Because">Why: resource ids, or files that are newer than the process.</param>
/// <param name="Duration">From the first look until it was healthy.</param>
public sealed record ServiceOutcome(string Unit, ServiceAction Action, IReadOnlyList<string> Because, TimeSpan Duration);

/// <summary>
/// Brings services up, one after another: each is started or restarted only when it must be, then waited for until it is healthy, and
/// only then what it owes counts as paid. Killed anywhere and run again, it goes on. The caller holds the <see cref="HostLock"/>.
/// </summary>
public sealed class ServiceStarter
{
    private readonly ServiceStarterOptions options;
    private readonly ServiceWaits waits;
    private readonly string? boot;
    private readonly Deadline? whole;
    private readonly List<ServiceOutcome> outcomes = [];

    /// <summary>Creates a starter; nothing is asked yet.</summary>
    /// <param name="options">What it works with.</param>
    /// <param name="state">What eksnode remembers of the host, as the apply left it.</param>
    public ServiceStarter(ServiceStarterOptions options, AppliedState state)
    {
        this.options = options;
        State = state;
        boot = OwedRestarts.BootOf(options.Root);
        whole = options.Deadlines.Whole is { } length ? new Deadline(length, options.Clock) : null;
        waits = new ServiceWaits(options);
    }

    /// <summary>The state as it is recorded now.</summary>
    public AppliedState State { get; private set; }

    /// <summary>What became of each service so far.</summary>
    public IReadOnlyList<ServiceOutcome> Outcomes => outcomes;

    /// <summary>Makes systemd read its files again when it must, and finds out whether the units that a node needs can be started.</summary>
    /// <param name="units">The units that a node needs.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiagnosticException">systemd does not answer, or one of the units is missing, masked or broken.</exception>
    public async Task PrepareAsync(IReadOnlyList<string> units, CancellationToken cancellation)
    {
        var all = units.Union(State.Owed.Keys, StringComparer.Ordinal).ToList();
        if (State.Owed.Values.Any(MustBeReadBySystemd) || await AnyIsStaleAsync(all, cancellation).ConfigureAwait(false))
        {
            await waits.ReloadAsync(Limit(ServiceDeadlines.Reload), cancellation).ConfigureAwait(false);
        }

        foreach (var unit in units)
        {
            if (ServiceFailure.OfUnit(await waits.StatusAsync(unit, cancellation).ConfigureAwait(false)) is { } failure)
            {
                throw new DiagnosticException(failure);
            }
        }
    }

    /// <summary>Brings up a unit that a node needs.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="probe">Asks it whether it works; null: it works when it is active.</param>
    /// <param name="deadline">How long it may take in all.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="DiagnosticException">It does not come up; it is left as it is.</exception>
    public Task BringUpAsync(string unit, HealthProbe? probe, TimeSpan deadline, CancellationToken cancellation) =>
        BringUpAsync(unit, probe, deadline, isNeeded: true, pays: true, cancellation);

    /// <summary>
    /// Brings up a unit that a node needs until it is active, whether it is healthy or not: what it owes stays recorded, and a later
    /// start that finds it healthy pays it.
    /// </summary>
    /// <inheritdoc cref="BringUpAsync(string, HealthProbe?, TimeSpan, CancellationToken)"/>
    public Task ActivateAsync(string unit, TimeSpan deadline, CancellationToken cancellation) =>
        BringUpAsync(unit, null, deadline, isNeeded: true, pays: false, cancellation);

    /// <summary>
    /// Restarts a unit that owes it and runs; one that does not run reads its files when somebody starts it.
    /// </summary>
    /// <param name="unit">The unit.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="DiagnosticException">It does not come up again.</exception>
    public async Task PayAsync(string unit, CancellationToken cancellation)
    {
        if (!State.Owed.TryGetValue(unit, out var owed))
        {
            return;
        }

        if (!ServiceUnits.WaitsForBoot(unit))
        {
            await BringUpAsync(unit, null, ServiceDeadlines.Other, isNeeded: false, pays: true, cancellation).ConfigureAwait(false);
            return;
        }

        // In another boot it has started with its files as they are.
        if (owed.Boot != boot || !(await waits.StatusAsync(unit, cancellation).ConfigureAwait(false)).IsActive)
        {
            State = OwedRestarts.Pay(options.Root, State, unit);
            return;
        }

        options.Diagnostics.Report(
            DiagnosticCatalogue.RestartWaitsForBoot,
            $"{unit} runs without its changed files ({string.Join(", ", owed.Because)}), and is not restarted while the machine runs.",
            "Nothing needs to be done: it reads them at the next boot.");
    }

    /// <summary>Waits until something else than a unit is as it should be, while a unit must go on running.</summary>
    /// <param name="unit">The unit that must go on running.</param>
    /// <param name="what">What is waited for: <c>the Node to be Ready</c>.</param>
    /// <param name="probe">Asks whether it is so.</param>
    /// <param name="deadline">How long it may take.</param>
    /// <param name="late">The diagnostic of the deadline, of the last reason, the unit's last lines and what is known about why.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="DiagnosticException">The deadline passed, or the unit fails.</exception>
    public Task WaitAsync(
        string unit,
        string what,
        HealthProbe probe,
        TimeSpan deadline,
        Func<Deadline, string, IReadOnlyList<string>, FailureHint?, Diagnostic> late,
        CancellationToken cancellation) =>
        waits.HealthyAsync(unit, what, probe, Limit(deadline), late, cancellation);

    private async Task BringUpAsync(
        string unit, HealthProbe? probe, TimeSpan deadline, bool isNeeded, bool pays, CancellationToken cancellation)
    {
        var limit = Limit(deadline);
        var decision = await DecideAsync(unit, isNeeded, cancellation).ConfigureAwait(false);
        if (decision.Action != ServiceAction.Leave)
        {
            await waits.CarryOutAsync(unit, decision.Action, limit, cancellation).ConfigureAwait(false);
            await waits.HealthyAsync(
                unit,
                $"{unit} to be healthy",
                probe ?? (_ => Task.FromResult(Health.Good)),
                limit,
                (passed, why, lines, hint) => ServiceFailure.Unhealthy(unit, passed, why, lines, hint),
                cancellation).ConfigureAwait(false);
        }

        if (pays)
        {
            State = OwedRestarts.Pay(options.Root, State, unit);
        }

        Note(unit, decision, limit);
    }

    private async Task<ServiceDecision> DecideAsync(string unit, bool isNeeded, CancellationToken cancellation)
    {
        var status = await waits.StatusAsync(unit, cancellation).ConfigureAwait(false);
        var decision = ServiceRules.Decide(new ServiceSituation
        {
            Status = status,
            Needed = isNeeded,
            Owed = State.Owed.GetValueOrDefault(unit),
            Boot = boot,
            Files = UnitFiles.Of(unit, options.Plan, options.Root),
            Recorded = UnitFiles.Recorded(options.Root),
            Now = (options.Clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick,
        });
        options.Log.Write(
            LogLevel.Debug, "decided about a service", ("unit", unit), ("action", decision.Action.ToString()), ("state", $"{status.ActiveState} ({status.SubState})"));
        return decision;
    }

    private void Note(string unit, ServiceDecision decision, Deadline limit)
    {
        outcomes.Add(new ServiceOutcome(unit, decision.Action, decision.Because, limit.Elapsed));
        if (decision.Action is ServiceAction.Start or ServiceAction.Restart)
        {
            options.Log.Write(LogLevel.Info, decision.Action == ServiceAction.Start ? "service started" : "service restarted", ("unit", unit));
        }
    }

    private async Task<bool> AnyIsStaleAsync(List<string> units, CancellationToken cancellation)
    {
        foreach (var unit in units)
        {
            if ((await waits.StatusAsync(unit, cancellation).ConfigureAwait(false)).NeedDaemonReload)
            {
                return true;
            }
        }

        return false;
    }

    // What systemd read before such a file changed does not tell it: a folder of drop-ins that is new is not among those that it
    // compares, and neither are files of its own configuration. Another boot has read them all.
    private bool MustBeReadBySystemd(OwedRestart owed) =>
        (owed.Boot is null || owed.Boot == boot)
        && owed.Because.Any(id => ServiceUnits.IsReadBySystemd(id[(id.IndexOf(':', StringComparison.Ordinal) + 1)..]));

    private Deadline Limit(TimeSpan length) => whole?.Rest() ?? new Deadline(length, options.Clock);
}
