using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Hashing;
using EksNode.Host.Logging;
using EksNode.Planning.Plans;

namespace EksNode.Host.Engine;

/// <summary>How long the steps of an apply took.</summary>
/// <param name="Sweep">Looking for left-overs of killed runs.</param>
/// <param name="Stage">Writing and flushing the temporary files.</param>
/// <param name="Record">Recording what is about to change, lasting before the first change.</param>
/// <param name="Change">Renaming, removing, and flushing the directories.</param>
/// <param name="Conclude">Recording that it is done.</param>
public sealed record ApplyDurations(TimeSpan Sweep, TimeSpan Stage, TimeSpan Record, TimeSpan Change, TimeSpan Conclude)
{
    /// <summary>All of it.</summary>
    public TimeSpan Total => Sweep + Stage + Record + Change + Conclude;
}

/// <summary>What an apply did.</summary>
/// <param name="Changes">What was applied.</param>
/// <param name="Durations">How long it took.</param>
/// <param name="WroteState">Whether the state was written; an apply that changes nothing writes nothing.</param>
/// <param name="Swept">Temporary files of killed runs that were removed.</param>
public sealed record ApplyReport(Changes Changes, ApplyDurations Durations, bool WroteState, ImmutableArray<string> Swept)
{
    /// <summary>The state after it, for a next <see cref="Differ.Diff"/> or <see cref="Verifier.Verify"/> without reading it again.</summary>
    public AppliedState State => Changes.Final;

    /// <summary>Settings that the kernel refused, while everything else was applied: an error of a planned one, a warning of one that cannot go back.</summary>
    public ImmutableArray<Diagnostic> Refused { get; init; } = [];
}

/// <summary>
/// Makes a host what <see cref="Changes"/> says. All files are staged and flushed together; the intent is recorded; everything
/// is put in place in the order of the plan; the result is recorded. Killed anywhere and run again (<see cref="Differ"/>
/// included), it ends in the same state. The caller holds the <see cref="HostLock"/> from before the diff until after this.
/// </summary>
public static class Applier
{
    /// <summary>Applies changes.</summary>
    /// <param name="root">The host that they were made for.</param>
    /// <param name="changes">The changes, made under the same lock.</param>
    /// <param name="log">Where each change is told, at debug level.</param>
    /// <param name="clock">The clock of the durations; the system's unless told otherwise.</param>
    /// <exception cref="DiagnosticException">
    /// The changes have an error, or something cannot be written: before the first change nothing is left of it; after it, the
    /// next run goes on.
    /// </exception>
    public static ApplyReport Apply(HostRoot root, Changes changes, ILog? log = null, TimeProvider? clock = null)
    {
        if (changes.Diagnostics.FirstOrDefault(d => d.Severity == Severity.Error) is { } error)
        {
            throw new DiagnosticException(error);
        }

        log ??= NoLog.Instance;
        var watch = new Watch(clock ?? TimeProvider.System);
        var swept = Sweep(root, changes, log);
        var sweep = watch.Lap();
        var final = AppliedStateFormat.Write(changes.Final);
        var writesState = changes.Previous.Source is not { } source ? !IsNothing(changes.Final) : !source.Span.SequenceEqual(final);
        if (!changes.Any && !writesState && changes.Unsettled.IsEmpty)
        {
            RemoveUnusedOriginals(root, changes.Final);
            return new ApplyReport(changes, new ApplyDurations(sweep, default, default, default, watch.Lap()), false, swept);
        }

        var transaction = Transaction(root, changes, final, writesState);
        transaction.Stage();
        var stage = watch.Lap();
        transaction.Commit(WriteStage.Record);
        var record = watch.Lap();
        transaction.Commit(WriteStage.Effect);
        Tell(changes, log);
        var change = watch.Lap();
        transaction.Commit(WriteStage.Conclude);
        RemoveUnusedOriginals(root, changes.Final);
        return new ApplyReport(changes, new ApplyDurations(sweep, stage, record, change, watch.Lap()), writesState, swept)
        {
            Refused = [.. transaction.Refused.Select(r => WithPlace(r, changes))],
        };
    }

    // The transaction knows the kernel's path; whoever mends it looks for the line of the configuration.
    private static Diagnostic WithPlace(Diagnostic refused, Changes changes)
    {
        foreach (var change in changes.Actions)
        {
            if (change.Path == refused.Path && change.Resource is SysctlResource sysctl)
            {
                return refused with { Origin = sysctl.Reasons[0].Origin, Path = SysctlEffect.SettingOf(sysctl) };
            }
        }

        return refused;
    }

    private static FileTransaction Transaction(HostRoot root, Changes changes, byte[] final, bool writesState)
    {
        var transaction = new FileTransaction(root);
        var place = changes.Final.Place;
        transaction.MakeDirectory(AppliedState.DirectoryPath, Modes.OwnerDirectory, WriteStage.Record);
        transaction.MakeDirectory(place.Folder, Modes.OwnerDirectory, WriteStage.Record);
        if (root.Status(AppliedState.DirectoryPath) is { Kind: FileKind.Directory } status && status.Mode != Modes.OwnerDirectory)
        {
            transaction.Permit(AppliedState.DirectoryPath, Modes.OwnerDirectory);
        }

        foreach (var (path, mode) in changes.Unsettled)
        {
            transaction.Permit(path, mode);
        }

        foreach (var change in changes.All)
        {
            change.Effect.Apply(change, transaction);
        }

        if (changes.Previous is { ReplacesUnreadable: true, Source: { } unreadable })
        {
            transaction.MakeDirectory(place.ReplacedPath, Modes.OwnerDirectory, WriteStage.Record);
            var identity = ObjectIdentity.File(Sha256.Of(unreadable.Span), Modes.OwnerFile, 0, 0);
            transaction.Write(
                Keeping.ReplacedPath(place, place.FilePath, identity), unreadable, Modes.OwnerFile, stage: WriteStage.Record);
        }

        if (changes.Any)
        {
            transaction.Write(
                place.FilePath, AppliedStateFormat.Write(changes.Intent), Modes.OwnerFile, stage: WriteStage.Record);
        }

        if (changes.Any || writesState)
        {
            transaction.Write(place.FilePath, final, Modes.OwnerFile, stage: WriteStage.Conclude);
        }

        return transaction;
    }

    private static bool IsNothing(AppliedState state) => state.Files.IsEmpty && state.Hosts.IsEmpty && state.Sysctls.IsEmpty && state.Directories.IsEmpty && state.Owed.IsEmpty;

    private static ImmutableArray<string> Sweep(HostRoot root, Changes changes, ILog log)
    {
        var swept = new List<string>();
        foreach (var directory in changes.Swept)
        {
            foreach (var path in TemporaryFiles.Sweep(root, directory))
            {
                log.Write(LogLevel.Info, "removed what a killed run left", ("path", path));
                swept.Add(path);
            }
        }

        return swept.ToImmutable();
    }

    // Bytes that were kept for a path that eksnode has nothing to do with any more.
    private static void RemoveUnusedOriginals(HostRoot root, AppliedState state)
    {
        if (root.List(state.Place.OriginalsPath) is not { Count: > 0 } names)
        {
            return;
        }

        var used = state.Files.Values.Select(f => f.Original.Sha256).ToHashSet(StringComparer.Ordinal);
        var transaction = new FileTransaction(root);
        foreach (var name in names)
        {
            if (!used.Contains(name))
            {
                transaction.Remove(Keeping.OriginalPath(state.Place, name));
            }
        }

        if (!transaction.IsEmpty)
        {
            transaction.Stage();
            transaction.Commit();
        }
    }

    private static void Tell(Changes changes, ILog log)
    {
        if (!log.Writes(LogLevel.Debug))
        {
            return;
        }

        foreach (var change in changes.Actions)
        {
            log.Write(LogLevel.Debug, change.Action.ToString().ToLowerInvariant(), ("resource", change.ResourceId), ("path", change.Path));
        }
    }

    private sealed class Watch(TimeProvider clock)
    {
        private long last = clock.GetTimestamp();

        public TimeSpan Lap()
        {
            var now = clock.GetTimestamp();
            var lap = clock.GetElapsedTime(last, now);
            last = now;
            return lap;
        }
    }
}
