using EksNode.Configuration.Text;
using EksNode.Host.Systemd;

namespace EksNode.Host.Services;

/// <summary>Waits for systemd and for services: each wait has a deadline, says what it waits for, and ends in a diagnostic.</summary>
/// <param name="options">What it works with.</param>
internal sealed class ServiceWaits(ServiceStarterOptions options)
{
    // Healthy services answer within milliseconds of being ready; a boot should not lose a second to a pause.
    private static readonly TimeSpan firstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan longestPause = TimeSpan.FromSeconds(1);

    /// <summary>What systemd says of a unit.</summary>
    public async Task<UnitStatus> StatusAsync(string unit, CancellationToken cancellation)
    {
        using var limit = Limited(new Deadline(ServiceDeadlines.Question, options.Clock), cancellation);
        try
        {
            return await options.Manager.StatusAsync(unit, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Stuck($"systemd did not say within {Deadline.TextOf(ServiceDeadlines.Question)} how {unit} does.");
        }
    }

    /// <summary>Makes systemd read its files again.</summary>
    public async Task ReloadAsync(Deadline deadline, CancellationToken cancellation)
    {
        using var limit = Limited(deadline, cancellation);
        options.Log.Write(Logging.LogLevel.Debug, "systemd reads its files again");
        try
        {
            await options.Manager.ReloadAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Stuck($"systemd did not read its files again within {deadline.Text}.");
        }
    }

    /// <summary>Starts or restarts a unit and waits until systemd has done so.</summary>
    /// <exception cref="DiagnosticException">It was not done, or not in time.</exception>
    public async Task CarryOutAsync(string unit, ServiceAction action, Deadline deadline, CancellationToken cancellation)
    {
        if (action is not (ServiceAction.Start or ServiceAction.Restart))
        {
            return;
        }

        using var limit = Limited(deadline, cancellation);
        // systemd refuses to start one that was started too often, also when its cause is mended.
        if (await StatusAsync(unit, cancellation).ConfigureAwait(false) is { ActiveState: "failed" })
        {
            await options.Manager.ResetFailedAsync(unit, limit.Token).ConfigureAwait(false);
        }

        var isRestart = action == ServiceAction.Restart;
        var job = isRestart ? options.Manager.RestartAsync(unit, limit.Token) : options.Manager.StartAsync(unit, limit.Token);
        JobResult result;
        try
        {
            await TellUntilAsync(job, unit, isRestart ? "restart" : "start", deadline, cancellation).ConfigureAwait(false);
            result = await job.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw await TooSlowAsync(unit, deadline, cancellation).ConfigureAwait(false);
        }

        var status = await StatusAsync(unit, cancellation).ConfigureAwait(false);
        // One that ran is judged by how it ended, and one that gets another try by how that goes.
        if (status is { ActiveState: "inactive" or "deactivating", ExecMainCode: 0 } || (!result.Succeeded && status.ActiveState == "inactive"))
        {
            var (lines, hint) = await WhyAsync(unit, cancellation).ConfigureAwait(false);
            throw new DiagnosticException(ServiceFailure.NotStarted(status, result, lines, hint));
        }
    }

    /// <summary>Waits until a unit is active and a probe says that all is well.</summary>
    /// <exception cref="DiagnosticException">The unit fails, or the deadline passes.</exception>
    public async Task HealthyAsync(
        string unit,
        string what,
        HealthProbe probe,
        Deadline deadline,
        Func<Deadline, string, IReadOnlyList<string>, FailureHint?, Diagnostic> late,
        CancellationToken cancellation)
    {
        var watch = new UnitWatch();
        var progress = new Progress(what, options.Log, deadline);
        var why = "nothing was asked yet";
        using var limit = Limited(deadline, cancellation);
        for (var pause = firstPause; ; pause = pause * 2 < longestPause ? pause * 2 : longestPause)
        {
            var status = await StatusAsync(unit, cancellation).ConfigureAwait(false);
            var condition = watch.Judge(status);
            if (condition == UnitCondition.Failed)
            {
                var end = watch.Down ?? await EndAsync(unit, status, cancellation).ConfigureAwait(false);
                var (lines, hint) = await WhyAsync(unit, cancellation).ConfigureAwait(false);
                throw new DiagnosticException(ServiceFailure.Ended(end, watch.Ends, lines, hint));
            }

            var answer = condition == UnitCondition.Active
                ? await AskAsync(probe, limit.Token, cancellation).ConfigureAwait(false)
                : Health.Bad($"{unit} is {status.ActiveState} ({status.SubState})");
            // What answered was this process only if it is the same after the answer.
            if (answer.IsHealthy && await StatusAsync(unit, cancellation).ConfigureAwait(false) is { IsActive: true } after && after.MainPid == status.MainPid)
            {
                return;
            }

            // A question that the deadline cut short tells less than the one before it.
            why = answer.Why.Length > 0 ? answer.Why : why;
            if (deadline.HasPassed)
            {
                var (lines, hint) = await WhyAsync(unit, cancellation).ConfigureAwait(false);
                throw new DiagnosticException(condition == UnitCondition.Active
                    ? late(deadline, why, lines, hint)
                    : ServiceFailure.TooSlow(unit, deadline, why, [], lines, hint));
            }

            progress.Tell(why);
            await Task.Delay(pause < deadline.Left ? pause : deadline.Left, options.Clock, cancellation).ConfigureAwait(false);
        }
    }

    // A unit that ends and starts again faster than it is looked at was never seen down; how it ends is worth a few more looks.
    private async Task<UnitStatus> EndAsync(string unit, UnitStatus status, CancellationToken cancellation)
    {
        var patience = new Deadline(TimeSpan.FromSeconds(5), options.Clock);
        while (status.ExecMainCode == 0 && !patience.HasPassed)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), options.Clock, cancellation).ConfigureAwait(false);
            status = await StatusAsync(unit, cancellation).ConfigureAwait(false);
        }

        return status;
    }

    private static async Task<Health> AskAsync(HealthProbe probe, CancellationToken limit, CancellationToken cancellation)
    {
        try
        {
            return await probe(limit).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Health.Bad("");
        }
    }

    private async Task TellUntilAsync(Task job, string unit, string doing, Deadline deadline, CancellationToken cancellation)
    {
        var progress = new Progress($"systemd to {doing} {unit}", options.Log, deadline);
        while (!job.IsCompleted)
        {
            using var told = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var pause = Task.Delay(progress.UntilNext, options.Clock, told.Token);
            await Task.WhenAny(job, pause).ConfigureAwait(false);
            await told.CancelAsync().ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            if (!job.IsCompleted)
            {
                progress.Tell("its job is not done");
            }
        }
    }

    private async Task<DiagnosticException> TooSlowAsync(string unit, Deadline deadline, CancellationToken cancellation)
    {
        var status = await StatusAsync(unit, cancellation).ConfigureAwait(false);
        IReadOnlyList<UnitJob> jobs = [];
        using (var limit = Limited(new Deadline(ServiceDeadlines.Question, options.Clock), cancellation))
        {
            try
            {
                jobs = [.. (await options.Manager.JobsAsync(limit.Token).ConfigureAwait(false)).Where(j => j.Unit != unit)];
            }
            catch (Exception e) when (e is DiagnosticException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                // The queue only adds to a message that is on its way already.
                options.Log.Write(Logging.LogLevel.Debug, "systemd's jobs are not known", ("because", e.Message));
            }
        }

        var (lines, hint) = await WhyAsync(unit, cancellation).ConfigureAwait(false);
        return new DiagnosticException(
            ServiceFailure.TooSlow(unit, deadline, $"it is {status.ActiveState} ({status.SubState})", jobs, lines, hint));
    }

    private async Task<(IReadOnlyList<string> Lines, FailureHint? Hint)> WhyAsync(string unit, CancellationToken cancellation)
    {
        var lines = await options.ReadLog(unit, cancellation).ConfigureAwait(false);
        return (lines, FailureHints.Find(unit, lines, options.Diagnostics.Items));
    }

    private TimeLimit Limited(Deadline deadline, CancellationToken cancellation) => new(deadline, options.Clock, cancellation);

    private static DiagnosticException Stuck(string message) => new(
        DiagnosticCatalogue.SystemdTimeout, message, "Look at `systemctl list-jobs` and `journalctl -b`, and at how busy the machine is.");
}
