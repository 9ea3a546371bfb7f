using System.Collections.Immutable;
using System.Globalization;
using EksNode.Commands;
using EksNode.Configuration.Text;
using EksNode.Host.Disks;
using EksNode.Host.Engine;
using EksNode.Host.Processes;
using EksNode.Host.Services;
using EksNode.Host.Systemd;
using EksNode.Host.Trust;
using EksNode.Joining;
using EksNode.Planning.Plans;

namespace EksNode.Resetting;

/// <summary>
/// One reset: services are stopped, disks unmounted, files put back, and at the very end eksnode forgets. It follows from the state and
/// from what is there, never from a configuration; each step looks first, so that one that was killed goes on when it is run again.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="pipeline">The machine.</param>
/// <param name="io">The process.</param>
/// <param name="connect">Connects to the service manager; only called on the running machine.</param>
public sealed class ResetRun(
    CommandRun run, NodePipeline pipeline, CommandIo io, Func<CancellationToken, Task<IServiceManager>> connect)
{
    private static readonly TimeSpan LockDeadline = TimeSpan.FromMinutes(5);

    private readonly List<Diagnostic> left = [];

    private bool IsHost => Path.GetFullPath(run.Request.Root) == "/";

    /// <summary>What a reset would do. It changes nothing.</summary>
    public ResetReport Look()
    {
        var state = MovedFiles.AdoptAll(AppliedState.Load(pipeline.Root, ApplyPolicy.Preserve, run.Diagnostics), pipeline.Root);
        var mounts = Mounts();
        var hasWork = StateRemoval.IsNeeded(pipeline.Root) || !mounts.IsEmpty;
        var changes = Compare(state);
        run.Learn(changes);
        if (pipeline.Root.List(AppliedState.ReplacedPath) is { Count: > 0 })
        {
            LeavesReplaced();
        }

        return new ResetReport
        {
            Left = [.. left],
            IsDone = false,
            HasWork = hasWork,
            Changes = changes,
            Stopped = IsHost && hasWork ? ServiceStopper.UnitsOf(state) : [],
            Unmounted = mounts,
        };
    }

    /// <summary>Resets.</summary>
    /// <param name="cancellation">Ends it; the next reset goes on.</param>
    /// <exception cref="DiagnosticException">A step failed. Those after it were not begun.</exception>
    public async Task<ResetReport> RunAsync(CancellationToken cancellation)
    {
        using var hostLock = await HostLock.AcquireAsync(pipeline.Root, LockDeadline, run.Log, io.Clock, cancellation);
        if (!IsHost)
        {
            return Finish(Apply(), [], [], hostLock);
        }

        await using var systemd = await connect(cancellation);
        var before = Look();
        var stopped = before.HasWork
            ? await new ServiceStopper(systemd, run.Log, io.Clock).StopAsync(before.Stopped, cancellation)
            : [];
        await new MountReset(pipeline.Root).RunAsync(before.Unmounted, systemd, run.Log, io.Clock, cancellation);
        var report = Apply();
        await ForgetAuthoritiesAsync(report, cancellation);
        await SettleAsync(report.State, systemd, cancellation);
        TellWhatStays(before.Unmounted);
        return Finish(report, stopped, before.Unmounted, hostLock);
    }

    private ImmutableArray<OwnMount> Mounts() => IsHost ? new MountReset(pipeline.Root).Find() : [];

    private Changes Compare(AppliedState state) => Differ.Diff(
        new Plan([]), pipeline.Root, state, new DiffOptions(state.InstanceId, Boot: OwedRestarts.BootOf(pipeline.Root)) { Resets = true });

    // After the disks: below a mount target, another file may be there than the one that was looked at before.
    private ApplyReport Apply()
    {
        using var step = run.Timeline.Begin("undo");
        var changes = Compare(MovedFiles.AdoptAll(AppliedState.Load(pipeline.Root, ApplyPolicy.Preserve, new DiagnosticBag()), pipeline.Root));
        run.Learn(changes);
        run.AddOfHost(changes.Diagnostics);
        var report = Applier.Apply(pipeline.Root, changes, run.Log, io.Clock);
        run.Diagnostics.AddRange(report.Refused);
        return report;
    }

    // The system's store is made anew without them. What is owed still names them when a reset was killed before this.
    private async Task ForgetAuthoritiesAsync(ApplyReport report, CancellationToken cancellation)
    {
        var changed = report.Changes.Actions.Any(c => PrepareTrust.IsAnchor(c.Path));
        if (changed
            || report.State.Owed.Values.Any(o => o.Because.Any(id => PrepareTrust.IsAnchor(id[(id.IndexOf(':', StringComparison.Ordinal) + 1)..]))))
        {
            using var step = run.Timeline.Begin("certificate authorities");
            await new TrustExtraction(pipeline.Root, new ProgramRunner(), run.Log).RunAsync(changed, cancellation);
        }
    }

    // systemd reads its files again, and what runs with files that are gone now is restarted, but for what was stopped.
    private async Task SettleAsync(AppliedState state, IServiceManager systemd, CancellationToken cancellation)
    {
        var starter = new ServiceStarter(
            new ServiceStarterOptions
            {
                Root = pipeline.Root,
                Manager = systemd,
                Plan = new Plan([]),
                ReadLog = UnitLines.ReadAsync,
                Diagnostics = run.Diagnostics,
                Log = run.Log,
                Clock = io.Clock,
            },
            state);
        await starter.PrepareAsync([], cancellation);
        foreach (var unit in state.Owed.Keys)
        {
            await starter.PayAsync(unit, cancellation);
        }
    }

    private void TellWhatStays(ImmutableArray<OwnMount> mounts)
    {
        foreach (var mount in mounts)
        {
            if (!mount.IsBind)
            {
                Leaves($"{mount.What}, which was mounted at {mount.Path}, keeps its file system and every file on it.", "Clear the disk yourself if nothing on it is needed.", mount.What);
            }
        }

        if (ServiceStopper.RunningPods(pipeline.Root) is > 0 and var pods)
        {
            Leaves(
                string.Create(CultureInfo.InvariantCulture, $"{pods} pods still run: containers do not end with containerd."),
                "Reboot to end them, or drain the node before the next reset.",
                null);
        }
    }

    private ResetReport Finish(ApplyReport report, ImmutableArray<string> stopped, ImmutableArray<OwnMount> mounts, HostLock hostLock)
    {
        var hadWork = StateRemoval.IsNeeded(pipeline.Root) || !mounts.IsEmpty || stopped.Length > 0;
        foreach (var path in StateRemoval.Run(pipeline.Root, report.State, hostLock.Missing))
        {
            if (path == AppliedState.ReplacedPath)
            {
                LeavesReplaced();
            }
            else if (path == AppliedState.OriginalsPath)
            {
                Leaves($"{path} keeps what was there before eksnode of the files that stay as somebody changed them.", "Move these files away and reset again.", path);
            }
            else if (path != AppliedState.FilePath)
            {
                Leaves($"{path} stays.", "Remove it when nothing needs it.", path);
            }
        }

        return new ResetReport { IsDone = true, HasWork = hadWork, Changes = report.Changes, Stopped = stopped, Unmounted = mounts, Left = [.. left] };
    }

    private void LeavesReplaced() => Leaves(
        $"{AppliedState.ReplacedPath} keeps the versions of files that were changed by hand and replaced.",
        "Remove the folder when nothing in it is needed.",
        AppliedState.ReplacedPath);

    private void Leaves(string message, string help, string? path)
    {
        var told = HostPath.InText(new Diagnostic(DiagnosticCatalogue.ResetLeaves.Code, DiagnosticCatalogue.ResetLeaves.Severity, message, help, Path: path), run.Request.Root);
        if (!left.Contains(told))
        {
            left.Add(told);
        }

        run.Diagnostics.Add(told);
    }
}
