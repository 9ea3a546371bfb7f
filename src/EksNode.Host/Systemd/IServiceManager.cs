using System.Collections.Immutable;

namespace EksNode.Host.Systemd;

/// <summary>
/// The machine's service manager: what join asks of it. <see cref="SystemdManager"/> is systemd over D-Bus. Unit names are whole
/// ones: <c>kubelet.service</c>. Every failure is a <see cref="Configuration.Text.DiagnosticException"/> that names the call and the unit.
/// </summary>
public interface IServiceManager : IAsyncDisposable
{
    /// <summary>The properties of a unit, which is loaded if it is not. A unit that does not exist has <see cref="UnitStatus.LoadState"/> <c>not-found</c>.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="cancellation">The caller gave up.</param>
    Task<UnitStatus> StatusAsync(string unit, CancellationToken cancellation);

    /// <summary>Makes the manager read all unit files again (daemon-reload). This can take long: the caller's token is the deadline.</summary>
    /// <param name="cancellation">The caller gave up.</param>
    Task ReloadAsync(CancellationToken cancellation);

    /// <summary>Forgets that a unit has failed, and how often it was started: one that hit its start limit can be started again.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="cancellation">The caller gave up.</param>
    Task ResetFailedAsync(string unit, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Starts a unit and waits until the job has left the queue. The caller's token is the deadline.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="cancellation">The caller gave up. The job stays in the queue.</param>
    Task<JobResult> StartAsync(string unit, CancellationToken cancellation);

    /// <summary>Restarts a unit, or starts it when it is not active, and waits until the job has left the queue.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="cancellation">The caller gave up. The job stays in the queue.</param>
    Task<JobResult> RestartAsync(string unit, CancellationToken cancellation);

    /// <summary>Stops a unit and waits until the job has left the queue.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="cancellation">The caller gave up. The job stays in the queue.</param>
    Task<JobResult> StopAsync(string unit, CancellationToken cancellation);

    /// <summary>Runs a program as a service of its own and waits until it has ended.</summary>
    /// <param name="service">The service. No unit of its name is loaded.</param>
    /// <param name="cancellation">The caller gave up. The service goes on.</param>
    /// <exception cref="NotSupportedException">This manager has no transient services.</exception>
    Task<JobResult> RunTransientAsync(TransientService service, CancellationToken cancellation) =>
        throw new NotSupportedException("This service manager has no transient services.");

    /// <summary>The jobs in the queue: what a wait waits for.</summary>
    /// <param name="cancellation">The caller gave up.</param>
    Task<ImmutableArray<UnitJob>> JobsAsync(CancellationToken cancellation);
}

/// <summary>
/// The state of a unit, in systemd's own words (org.freedesktop.systemd1(5)). Times are microseconds; 0 means never. What a unit of
/// another type than service does not have is empty or 0.
/// </summary>
/// <param name="Unit">The name that was asked for.</param>
public sealed record UnitStatus(string Unit)
{
    /// <summary>The name by which systemd knows it in its queue: of a unit that was asked for by an alias, its own.</summary>
    public string Id { get; init; } = Unit;

    /// <summary><c>loaded</c>, <c>not-found</c>, <c>masked</c>, <c>bad-setting</c>, <c>error</c>.</summary>
    public string LoadState { get; init; } = "";

    /// <summary><c>active</c>, <c>reloading</c>, <c>inactive</c>, <c>failed</c>, <c>activating</c>, <c>deactivating</c>.</summary>
    public string ActiveState { get; init; } = "";

    /// <summary>The state in the words of the unit's type: <c>running</c>, <c>exited</c>, <c>dead</c>, <c>auto-restart</c>.</summary>
    public string SubState { get; init; } = "";

    /// <summary>How the last run ended: <c>success</c>, <c>exit-code</c>, <c>signal</c>, <c>timeout</c>, <c>start-limit-hit</c>, <c>oom-kill</c>.</summary>
    public string Result { get; init; } = "";

    /// <summary><c>enabled</c>, <c>disabled</c>, <c>static</c>, <c>masked</c>, <c>generated</c>; empty for a unit without a file.</summary>
    public string UnitFileState { get; init; } = "";

    /// <summary>The unit file; empty for a unit without one.</summary>
    public string FragmentPath { get; init; } = "";

    /// <summary>The drop-in files that the manager has read.</summary>
    public ImmutableArray<string> DropInPaths { get; init; } = [];

    /// <summary>
    /// Whether files of the unit are newer than what the manager has read. systemd before 255 does not notice the first drop-in in a new
    /// folder: whoever wrote one looks for it in <see cref="DropInPaths"/>, too.
    /// </summary>
    public bool NeedDaemonReload { get; init; }

    /// <summary>The main process; 0 when there is none.</summary>
    public uint MainPid { get; init; }

    /// <summary>How often the manager has restarted the service by itself (<c>Restart=</c>) since it was last started by hand.</summary>
    public uint NRestarts { get; init; }

    /// <summary>How the main process ended, as waitid(2) says it: 1 it exited, 2 it was killed, 3 it was killed and dumped core; 0 while it runs.</summary>
    public int ExecMainCode { get; init; }

    /// <summary>The exit code of the main process, or the signal that killed it.</summary>
    public int ExecMainStatus { get; init; }

    /// <summary>When the unit last became active, since the epoch.</summary>
    public long ActiveEnterTimestamp { get; init; }

    /// <summary>The same on the monotonic clock.</summary>
    public long ActiveEnterTimestampMonotonic { get; init; }

    /// <summary>When the unit last began to start, since the epoch.</summary>
    public long InactiveExitTimestamp { get; init; }

    /// <summary>The same on the monotonic clock.</summary>
    public long InactiveExitTimestampMonotonic { get; init; }

    /// <summary>When the main process was started last, since the epoch.</summary>
    public long ExecMainStartTimestamp { get; init; }

    /// <summary>The same on the monotonic clock.</summary>
    public long ExecMainStartTimestampMonotonic { get; init; }

    /// <summary>Whether the unit is there and can be started.</summary>
    public bool IsLoaded => LoadState == "loaded";

    /// <summary>Whether the unit is active.</summary>
    public bool IsActive => ActiveState is "active" or "reloading";
}

/// <summary>How a job ended.</summary>
/// <param name="Unit">The unit.</param>
/// <param name="Result"><c>done</c>, <c>failed</c>, <c>canceled</c>, <c>timeout</c>, <c>dependency</c>, <c>skipped</c> and others, as <c>JobRemoved</c> says it.</param>
public sealed record JobResult(string Unit, string Result)
{
    /// <summary>Whether the job did what it was for.</summary>
    public bool Succeeded => Result == "done";
}

/// <summary>A job in the manager's queue.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Type"><c>start</c>, <c>stop</c>, <c>restart</c>, <c>verify-active</c>…</param>
/// <param name="State"><c>waiting</c> or <c>running</c>.</param>
public sealed record UnitJob(uint Id, string Unit, string Type, string State);
