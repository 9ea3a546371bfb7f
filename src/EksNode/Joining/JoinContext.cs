using EksNode.Commands;
using EksNode.Configuration.NodeConfigs;
using EksNode.Host.Disks;
using EksNode.Host.Engine;
using EksNode.Host.Services;
using EksNode.Host.Systemd;
using EksNode.Planning.Plans;

namespace EksNode.Joining;

/// <summary>
/// What the steps of one join share. A step takes what it needs, and leaves what later steps need; an error that it reports among
/// the run's diagnostics, or throws, ends the join after it.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="pipeline">Sources and machine.</param>
/// <param name="io">The process.</param>
/// <param name="request">What is asked for.</param>
public sealed class JoinContext(CommandRun run, NodePipeline pipeline, CommandIo io, JoinRequest request)
{
    private IServiceManager? systemd;
    private NodeView? view;
    private Plan? plan;
    private ServiceStarter? services;

    /// <summary>Log, timeline, redactor and diagnostics.</summary>
    public CommandRun Run => run;

    /// <summary>Sources and machine.</summary>
    public NodePipeline Pipeline => pipeline;

    /// <summary>The process.</summary>
    public CommandIo Io => io;

    /// <summary>What is asked for.</summary>
    public JoinRequest Request => request;

    /// <summary>The service manager. Only a join that starts services has one: it connects before it changes anything.</summary>
    public IServiceManager Systemd
    {
        get => systemd ?? throw new InvalidOperationException("This join starts no services, and has not connected to systemd.");
        set => systemd = value;
    }

    /// <summary>Whether <see cref="Systemd"/> is connected.</summary>
    public bool HasSystemd => systemd is not null;

    /// <summary>Configuration and facts, as this stage read them.</summary>
    public NodeView View
    {
        get => view ?? throw new InvalidOperationException("Nothing is read yet.");
        set => view = value;
    }

    /// <summary>The plan for <see cref="View"/>.</summary>
    public Plan Plan
    {
        get => plan ?? throw new InvalidOperationException("Nothing is planned yet.");
        set => plan = value;
    }

    /// <summary>How far the start waits: as the request says, else <c>spec.readiness.wait</c>, else until the kubelet is healthy.</summary>
    public WaitFor Wait => request.Wait ?? View.Config.Readiness.Wait?.Value switch
    {
        ReadinessWait.None => WaitFor.None,
        ReadinessWait.Ready => WaitFor.Ready,
        _ => WaitFor.Kubelet,
    };

    /// <summary>How long services may take: as the request says, else <c>spec.readiness.timeout</c>.</summary>
    public ServiceDeadlines Deadlines => request.Deadlines.Whole is null && View.Config.Readiness.Timeout is { } timeout
        ? request.Deadlines with { Whole = TimeSpan.FromTicks(timeout.Value.Nanoseconds / TimeSpan.NanosecondsPerTick) }
        : request.Deadlines;

    /// <summary>What brings services up; it exists as soon as containerd is to be started.</summary>
    public ServiceStarter Services
    {
        get => services ?? throw new InvalidOperationException("No service was brought up yet.");
        set => services = value;
    }

    /// <summary>What became of the services so far; empty before, and in a join that starts none.</summary>
    public IReadOnlyList<ServiceOutcome> ServiceOutcomes => services?.Outcomes ?? [];

    /// <summary>What the disks needed: services that were stopped for it, and mount targets that began empty.</summary>
    public StorageReport Storage { get; set; } = StorageReport.Nothing;

    /// <summary>What the files needed, in the order of the stages; the last is of the stage that runs.</summary>
    public List<ApplyReport> Reports { get; } = [];

    /// <summary>How many of <see cref="Reports"/> the system's store of certificate authorities was made after.</summary>
    public int ReportsInTrustStore { get; set; }

    /// <summary>What this stage did to files; null before it did.</summary>
    public ApplyReport? Report => Reports.Count > 0 ? Reports[^1] : null;

    /// <summary>What eksnode remembers of the host: as the last apply left it, and without the restarts paid since.</summary>
    public AppliedState State { get; set; } = AppliedState.Empty;
}
