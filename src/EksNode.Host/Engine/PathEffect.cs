using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Engine;

/// <summary>Files and symbolic links: whatever has one path to itself. <see cref="WhoWins"/> decides.</summary>
internal sealed class PathEffect : Effect
{
    /// <summary>The only one.</summary>
    public static PathEffect Instance { get; } = new();

    /// <summary>What a resource plans for its path.</summary>
    public static ObjectVersion Planned(Resource resource, DiffContext context) => resource switch
    {
        FileResource file => new(context.FileIdentity(file.Content.AsSpan(), file.Mode), file.Content, file.Sensitive),
        SymlinkResource link => new(ObjectIdentity.Symlink(link.Target), default, false),
        _ => throw new ArgumentException($"{resource.Id} is no file and no link.", nameof(resource)),
    };

    /// <inheritdoc/>
    public override Change? Compare(Resource resource, DiffContext context)
    {
        if (context.Observe(resource.Path) is not { } observed)
        {
            return null;
        }

        var record = context.State.Files.GetValueOrDefault(resource.Path);
        var planned = Planned(resource, context);
        var actual = observed.Identity;
        var ruling = WhoWins.ForPlanned(actual, planned.Identity, record, context.SameInstance, context.Policy);
        var keptAs = ruling.Verdict == Verdict.ChangedByHandReplaced && !IsKnown(actual, planned.Identity, record!)
            ? Keeping.ReplacedPath(context.State.Place, resource.Path, actual)
            : null;
        Report(context, resource.Path, ruling.Verdict, stale: false, keptAs, actual);
        Remember(resource, context, ruling, actual, planned.Identity, record);
        if (ruling.Action == ChangeAction.Create)
        {
            context.NeedDirectoriesFor(resource.Path);
        }

        return new Change
        {
            Effect = this,
            ResourceId = resource.Id,
            Path = resource.Path,
            Resource = resource,
            Action = ruling.Action,
            Verdict = ruling.Verdict,
            Before = VersionOf(observed, planned.Sensitive),
            After = After(ruling, observed, planned),
            Planned = ruling.Verdict == Verdict.ChangedByHandKept ? planned : null,
            Restarts = RestartsOf(resource.Restarts, KeepsContent(ruling.Verdict, actual, planned.Identity) ? ChangeAction.None : ruling.Action, record),
            KeptAs = keptAs,
            Place = context.State.Place,
            Observed = observed,
            SavesOriginal = ruling.Verdict is Verdict.NeverOurs or Verdict.Adopted,
        };
    }

    /// <summary>Finds what must become of a path that eksnode wrote and that is planned no more.</summary>
    public Change? Undo(string path, FileRecord record, DiffContext context)
    {
        if ((context.Resets ? ObservedObject.At(context.Root, path) : context.Observe(path)) is not { } observed)
        {
            return null;
        }

        var ruling = context.Resets ? WhoWins.ForReset(observed.Identity, record) : WhoWins.ForStale(observed.Identity, record, context.StalePolicy);
        var original = OriginalOf(record, context);
        if (ruling.Action is ChangeAction.Update or ChangeAction.Create && original is null)
        {
            context.Diagnostics.Report(
                DiagnosticCatalogue.OriginalLost,
                $"{path} is planned no more, and what was there before eksnode cannot be put back: its bytes are not in {context.State.Place.OriginalsPath}.",
                "Put the file back yourself, or remove it.",
                path: path);
            ruling = new(ChangeAction.None, Verdict.ChangedByHandKept);
        }
        else
        {
            Report(context, path, ruling.Verdict, stale: true, KeptAs(path, ruling, observed, record, context), observed.Identity);
        }

        if (ruling.Action == ChangeAction.Create)
        {
            context.NeedDirectoriesFor(path);
        }

        if (ruling.Action == ChangeAction.None && ruling.Verdict != Verdict.ChangedByHandKept)
        {
            context.FinalFiles.Remove(path);
        }
        else if (ruling.Action != ChangeAction.None)
        {
            context.IntentFiles[path] = Settled(record, observed.Identity) with { Intended = record.Original };
            context.FinalFiles.Remove(path);
        }

        if (ruling is { Action: ChangeAction.Delete } or { Action: ChangeAction.None, Verdict: Verdict.Missing })
        {
            context.Gone.Add(path);
        }

        var link = record.Written?.Kind == FileKind.Symlink || record.Intended?.Kind == FileKind.Symlink;
        return new Change
        {
            Effect = this,
            ResourceId = (link ? "symlink:" : "file:") + path,
            Path = path,
            Action = ruling.Action,
            Verdict = ruling.Verdict,
            Before = VersionOf(observed, IsSensitive(record)),
            After = ruling.Action switch
            {
                ChangeAction.None => VersionOf(observed, IsSensitive(record)),
                ChangeAction.Update or ChangeAction.Create => original,
                _ => null,
            },
            Restarts = RestartsOf(record.Restarts, ruling.Action, record),
            KeptAs = KeptAs(path, ruling, observed, record, context),
            Place = context.State.Place,
            Observed = observed,
        };
    }

    /// <inheritdoc/>
    public override void Apply(Change change, FileTransaction transaction)
    {
        KeepOriginal(change, transaction);
        if (change.Action == ChangeAction.None)
        {
            return;
        }

        KeepReplaced(change, transaction);
        transaction.Expect(change.Path, change.Observed!.Status);
        if (change.After is not { } after)
        {
            transaction.Remove(change.Path);
        }
        else if (change.Before is { } before && KeepsContent(change.Verdict, before.Identity, after.Identity))
        {
            transaction.Permit(change.Path, after.Identity.Mode, new FileOwner(after.Identity.User, after.Identity.Group));
        }
        else if (after.Identity.Kind == FileKind.Symlink)
        {
            transaction.Link(change.Path, after.Identity.Target!);
        }
        else if (after.Content.IsDefault)
        {
            transaction.Copy(
                Keeping.OriginalPath(change.Place, after.Identity.Sha256!), change.Path, after.Identity.Mode, new FileOwner(after.Identity.User, after.Identity.Group));
        }
        else
        {
            transaction.Write(
                change.Path, after.Content.AsMemory(), after.Identity.Mode, new FileOwner(after.Identity.User, after.Identity.Group));
        }
    }

    /// <summary>
    /// The record, with what a killed run did write as what was written. Without it the next intent would take the place of
    /// that one, and another kill would turn the file into one that nobody remembers.
    /// </summary>
    public static FileRecord Settled(FileRecord record, ObjectIdentity actual) =>
        record.Intended is not null && actual == record.Intended ? record with { Written = record.Intended } : record;

    private static void Remember(
        Resource resource, DiffContext context, Ruling ruling, ObjectIdentity actual, ObjectIdentity planned, FileRecord? record)
    {
        if (ruling.Verdict is Verdict.ChangedByHandKept or Verdict.ChangedByHandTightened)
        {
            context.FinalFiles[resource.Path] = record! with { Intended = null, Restarts = resource.Restarts };
            return;
        }

        // What a killed first run saw as the original stays the original.
        record ??= new FileRecord { Original = actual };
        context.FinalFiles[resource.Path] = record with { Written = planned, Intended = null, Restarts = resource.Restarts };
        if (ruling.Action != ChangeAction.None)
        {
            context.IntentFiles[resource.Path] = Settled(record, actual) with { Intended = planned, Restarts = resource.Restarts };
        }
    }

    // Whoever reads the file has read the same bytes: it is not written anew, and nothing restarts.
    private static bool KeepsContent(Verdict verdict, ObjectIdentity actual, ObjectIdentity planned) =>
        verdict == Verdict.ChangedByHandTightened
        || (verdict == Verdict.ChangedByHandReplaced && actual.Kind == FileKind.File && planned.Kind == FileKind.File && actual.Sha256 == planned.Sha256);

    // A version with bytes that are in the plan, or that eksnode wrote, needs no keeping.
    private static bool IsKnown(ObjectIdentity actual, ObjectIdentity planned, FileRecord record) =>
        actual.Kind == FileKind.File
            ? actual.Sha256 == planned.Sha256 || actual.Sha256 == record.Written?.Sha256 || actual.Sha256 == record.Intended?.Sha256
            : actual.Target == planned.Target;

    private static ObjectVersion After(Ruling ruling, ObservedObject observed, ObjectVersion planned) => ruling.Verdict switch
    {
        Verdict.ChangedByHandKept => VersionOf(observed, planned.Sensitive)!,
        Verdict.ChangedByHandTightened => new(
            observed.Identity with { Mode = planned.Identity.Mode, User = planned.Identity.User, Group = planned.Identity.Group },
            observed.Content,
            planned.Sensitive),
        _ => planned,
    };

    private static ObjectVersion? VersionOf(ObservedObject observed, bool sensitive) =>
        observed.Identity.Exists ? new(observed.Identity, observed.Content, sensitive) : null;

    private static bool IsSensitive(FileRecord record) =>
        (record.Written ?? record.Intended) is { Kind: FileKind.File } written && Modes.IsClosed(written.Mode);

    private static string? KeptAs(string path, Ruling ruling, ObservedObject observed, FileRecord record, DiffContext context) =>
        ruling.Verdict == Verdict.ChangedByHandReplaced && !IsKnown(observed.Identity, record.Original, record)
            ? Keeping.ReplacedPath(context.State.Place, path, observed.Identity)
            : null;

    // The version to put back; null when there was none, or when its bytes are gone.
    private static ObjectVersion? OriginalOf(FileRecord record, DiffContext context)
    {
        var original = record.Original;
        if (original.Kind != FileKind.File)
        {
            return original.Exists ? new(original, default, false) : null;
        }

        var copy = ObservedObject.At(context.Root, Keeping.OriginalPath(context.State.Place, original.Sha256!));
        return copy.Identity.Sha256 == original.Sha256
            ? new(original, copy.Content, Modes.IsClosed(original.Mode) || IsSensitive(record))
            : null;
    }
}
