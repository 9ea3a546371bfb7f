using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Engine;

/// <summary>
/// What one kind of resource does to a host: compare what is there with what is planned, undo what was applied and is planned
/// no more, and put either into a transaction. Comparing only reads.
/// </summary>
internal abstract class Effect
{
    /// <summary>Finds what must become of a resource.</summary>
    public abstract Change? Compare(Resource resource, DiffContext context);

    /// <summary>Adds a change to the transaction.</summary>
    public abstract void Apply(Change change, FileTransaction transaction);

    /// <summary>The effect of a resource's kind.</summary>
    public static Effect Of(Resource resource) => resource switch
    {
        FileResource or SymlinkResource => PathEffect.Instance,
        DirectoryResource => DirectoryEffect.Instance,
        HostsEntryResource => HostsEffect.Instance,
        ReleasedResource => ReleasedEffect.Instance,
        SysctlResource => SysctlEffect.Instance,
        PermissionsResource => PermissionsEffect.Instance,
        _ => throw new NotSupportedException($"No effect is known for {resource.GetType().Name}."),
    };

    /// <summary>
    /// Restarts, for a change or for one that a killed run made and did not finish.
    /// </summary>
    protected static ImmutableArray<string> RestartsOf(ImmutableArray<string> units, ChangeAction action, FileRecord? record) =>
        action != ChangeAction.None || record?.Intended is not null ? units : [];

    /// <summary>Says what was kept or replaced against somebody's hand. What is simply ours needs no words.</summary>
    protected static void Report(DiffContext context, string path, Verdict verdict, bool stale, string? keptAs, ObjectIdentity actual)
    {
        var bag = context.Diagnostics;
        var record = context.State.Files.GetValueOrDefault(path);
        var how = ObjectVersion.MetadataChange(record?.Written ?? record?.Intended, actual) is { Length: > 0 } changed ? $" ({changed})" : "";
        switch (verdict)
        {
            case Verdict.ChangedByHandKept when context.Resets:
                bag.Report(
                    DiagnosticCatalogue.ResetKept,
                    $"{path} was changed by hand since eksnode wrote it{how}, and stays as it is.",
                    record?.Original is { Exists: true }
                        ? "Move it away and reset again to have back what was there before eksnode, which is kept until then."
                        : "Remove it yourself if it is not wanted.",
                    path: path);
                break;
            case Verdict.ChangedByHandKept when stale:
                bag.Report(
                    DiagnosticCatalogue.StaleKept,
                    $"{path} is planned no more, but was changed by hand since eksnode wrote it{how}, and stays.",
                    "Remove it yourself, or run with `--policy enforce`.",
                    path: path);
                break;
            case Verdict.ChangedByHandKept:
                bag.Report(
                    DiagnosticCatalogue.ChangedByHandKept,
                    $"{path} was changed by hand since eksnode wrote it{how}, and stays as it is.",
                    "Move the change into the configuration, or run with `--policy enforce` to have it as planned.",
                    path: path);
                break;
            case Verdict.ChangedByHandTightened:
                bag.Report(
                    DiagnosticCatalogue.SecretModeTightened,
                    $"{path} can hold secrets and was opened to others than root by hand{how}; mode and owner are set back.",
                    "Give the program that reads it its own copy, or let it run as root.",
                    path: path);
                break;
            case Verdict.ChangedByHandReplaced:
                bag.Report(
                    DiagnosticCatalogue.ChangedByHandReplaced,
                    keptAs is null
                        ? $"{path} was changed by hand{(how.Length > 0 ? how : " in mode or owner only")}, and the plan wins."
                        : $"{path} was changed by hand, and the plan wins: {(context.State.Place == StatePlace.Join ? "a join" : "an image build")} keeps the other version as {keptAs}.",
                    "Move the change into the configuration if it is still wanted.",
                    path: path);
                break;
            case Verdict.NeverOurs when !stale:
                bag.Report(
                    DiagnosticCatalogue.TakenOver,
                    $"{path} was there before eksnode and is replaced; what was there is kept in {context.State.Place.OriginalsPath}.",
                    "Nothing needs to be done.",
                    path: path);
                break;
            default:
                break;
        }
    }

    /// <summary>Keeps the version that is replaced where people find it.</summary>
    protected static void KeepReplaced(Change change, FileTransaction transaction)
    {
        if (change is { KeptAs: { } copy, Observed.Identity: var identity })
        {
            transaction.MakeDirectory(change.Place.ReplacedPath, Modes.OwnerDirectory, WriteStage.Record);
            Keep(change, identity, copy, transaction);
        }
    }

    /// <summary>Keeps the bytes that were there before eksnode.</summary>
    protected static void KeepOriginal(Change change, FileTransaction transaction)
    {
        if (change is { SavesOriginal: true, Observed.Identity: { Kind: FileKind.File } identity })
        {
            transaction.MakeDirectory(change.Place.OriginalsPath, Modes.OwnerDirectory, WriteStage.Record);
            Keep(change, identity, Keeping.OriginalPath(change.Place, identity.Sha256!), transaction);
        }
    }

    private static void Keep(Change change, ObjectIdentity identity, string copy, FileTransaction transaction)
    {
        if (identity.Kind == FileKind.Symlink)
        {
            transaction.Link(copy, identity.Target!, WriteStage.Record);
        }
        else if (change.Observed!.Content.IsDefault)
        {
            transaction.Copy(change.Path, copy, Modes.OwnerFile, stage: WriteStage.Record);
        }
        else
        {
            transaction.Write(copy, change.Observed.Content.AsMemory(), Modes.OwnerFile, stage: WriteStage.Record);
        }
    }
}

/// <summary>Permission bits that eksnode uses for what is its own.</summary>
internal static class Modes
{
    /// <summary>0700.</summary>
    public const int OwnerDirectory = 0x1C0;

    /// <summary>0600.</summary>
    public const int OwnerFile = 0x180;

    /// <summary>0644.</summary>
    public const int File = 0x1A4;

    /// <summary>Whether a file with these bits is for its owner's eyes only.</summary>
    public static bool IsClosed(int mode) => (mode & 0x3F) == 0;
}
