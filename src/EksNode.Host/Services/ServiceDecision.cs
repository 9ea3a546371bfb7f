using System.Globalization;
using EksNode.Host.Engine;
using EksNode.Host.Systemd;

namespace EksNode.Host.Services;

/// <summary>What a start does to a service.</summary>
public enum ServiceAction
{
    /// <summary>It runs, with its files as they are.</summary>
    None,

    /// <summary>It does not run and is started, or is starting and is waited for.</summary>
    Start,

    /// <summary>It runs with files as they were before, and is restarted.</summary>
    Restart,

    /// <summary>It does not run and is none of those that a node needs: it reads its files when somebody starts it.</summary>
    Leave,
}

/// <summary>What a start does to a service, and why.</summary>
/// <param name="Action">What it does.</param>
/// <param name="Because">The reasons: resource ids or files; empty when there is none to tell.</param>
public sealed record ServiceDecision(ServiceAction Action, params IReadOnlyList<string> Because);

/// <summary>A file that a service uses, and when it last changed.</summary>
/// <param name="Path">The file.</param>
/// <param name="Changed">When content, name or attributes last changed, in nanoseconds since the epoch.</param>
public readonly record struct UsedFile(string Path, long Changed);

/// <summary>What is known of a service when a start decides about it.</summary>
public sealed record ServiceSituation
{
    /// <summary>What systemd says of it.</summary>
    public required UnitStatus Status { get; init; }

    /// <summary>Whether a node is none without it, so that it is started when it does not run.</summary>
    public required bool Needed { get; init; }

    /// <summary>The restart that it owes; null: none.</summary>
    public OwedRestart? Owed { get; init; }

    /// <summary>This boot; null when it is not known.</summary>
    public string? Boot { get; init; }

    /// <summary>The planned files that it uses and that are there.</summary>
    public IReadOnlyList<UsedFile> Files { get; init; } = [];

    /// <summary>When the state was last written, in nanoseconds since the epoch: after every change that is recorded as owed.</summary>
    public long Recorded { get; init; }

    /// <summary>The time, in nanoseconds since the epoch.</summary>
    public required long Now { get; init; }
}

/// <summary>Decides what a start does to a service. It is a function of its situation alone.</summary>
public static class ServiceRules
{
    // Times of files are those of the kernel's last tick, which is up to 10 ms (CONFIG_HZ=100) behind.
    private const long Tick = 10_000_000;

    /// <summary>Decides.</summary>
    /// <remarks>
    /// Times of files and of services are of one clock. When that clock was set back between two of them, a service may look older
    /// than its files: it is restarted once more than it must. A time that is still to come tells nothing: such a file is passed
    /// over, and such a start does not count as one that paid what is owed.
    /// </remarks>
    public static ServiceDecision Decide(ServiceSituation situation)
    {
        var status = situation.Status;
        if (!status.IsActive)
        {
            if (!situation.Needed)
            {
                return new ServiceDecision(ServiceAction.Leave);
            }

            // One that is between two tries goes on with what its unit was; one that is starting may have read its files already.
            var isTrying = status.ActiveState == "activating";
            return isTrying && (status.SubState == "auto-restart" || situation.Owed is not null)
                ? new ServiceDecision(ServiceAction.Restart, situation.Owed?.Because ?? [])
                : new ServiceDecision(ServiceAction.Start, situation.Owed?.Because ?? []);
        }

        // A unit that ran to its end, such as a oneshot that remains active, uses its files when it runs again.
        if (!situation.Needed && status.SubState != "running")
        {
            return new ServiceDecision(ServiceAction.Leave);
        }

        var started = Started(status) * 1000;
        if (situation.Owed is { } owed && IsOlder(owed, situation, started))
        {
            return new ServiceDecision(ServiceAction.Restart, owed.Because);
        }

        string[] newer =
        [
            .. situation.Files
                .Where(f => f.Changed > started && f.Changed <= situation.Now)
                .Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Path} changed after it started")),
        ];
        return newer.Length > 0 ? new ServiceDecision(ServiceAction.Restart, newer) : new ServiceDecision(ServiceAction.None);
    }

    /// <summary>When a service began to run what it runs, in microseconds since the epoch: its main process, or the unit.</summary>
    public static long Started(UnitStatus status) => status.ExecMainStartTimestamp > 0 ? status.ExecMainStartTimestamp : status.ActiveEnterTimestamp;

    // Whether it was started before the changes that it owes a restart for: in another boot it was not, and neither after the
    // record of them.
    private static bool IsOlder(OwedRestart owed, ServiceSituation situation, long started)
    {
        var isThisBoot = owed.Boot is null || situation.Boot is null || owed.Boot == situation.Boot;
        // What systemd reads counts only from its reload on, which comes after the record.
        var isAfter = !owed.Because.Any(id => ServiceUnits.IsReadBySystemd(id[(id.IndexOf(':', StringComparison.Ordinal) + 1)..]))
            && situation.Recorded > 0 && started > situation.Recorded + Tick && started <= situation.Now;
        return isThisBoot && !isAfter;
    }
}
