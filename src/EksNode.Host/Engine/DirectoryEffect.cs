using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Engine;

/// <summary>
/// Directories: one that is missing is made; one that is there, by itself or through a link, stays with the mode and owner that
/// it has. One that eksnode made goes when nothing in it is planned any more and nothing is left in it.
/// </summary>
internal sealed class DirectoryEffect : Effect
{
    /// <summary>The only one.</summary>
    public static DirectoryEffect Instance { get; } = new();

    /// <inheritdoc/>
    public override Change? Compare(Resource resource, DiffContext context)
    {
        var directory = (DirectoryResource)resource;
        var status = context.Root.Status(directory.Path, followLink: true);
        if (status is { Kind: not FileKind.Directory } || (status is null && context.Root.Status(directory.Path) is not null))
        {
            context.Diagnostics.Report(
                DiagnosticCatalogue.WrongKind,
                $"{directory.Path} must be a directory, and a {(status is null ? "link to nothing" : "file")} is there.",
                "Move it away, then run again.",
                path: directory.Path);
            return null;
        }

        var planned = new ObjectVersion(
            new ObjectIdentity { Kind = FileKind.Directory, Mode = directory.Mode, User = context.Root.User, Group = context.Root.Group }, default, false);
        var before = status is null
            ? null
            : planned with { Identity = planned.Identity with { Mode = status.Mode, User = status.User, Group = status.Group } };
        if (status is null)
        {
            context.NeedDirectory(directory.Path);
            context.NeedDirectoriesFor(directory.Path);
        }

        return new Change
        {
            Effect = this,
            ResourceId = directory.Id,
            Path = directory.Path,
            Resource = directory,
            Action = status is null ? ChangeAction.Create : ChangeAction.None,
            Verdict = status is null ? Verdict.Missing : context.State.Directories.ContainsKey(directory.Path) ? Verdict.Ours : Verdict.NeverOurs,
            Before = before,
            After = before ?? planned,
            Restarts = RestartsOf(directory.Restarts, status is null ? ChangeAction.Create : ChangeAction.None, null),
        };
    }

    /// <summary>
    /// Finds the directories that eksnode made, that hold nothing any more but what goes in this run, and that nothing planned
    /// needs. Only those are looked at in which something goes.
    /// </summary>
    /// <param name="context">The run; what goes is in it already.</param>
    /// <param name="needed">Every directory that a planned path is in or is.</param>
    public IEnumerable<Change> Undo(DiffContext context, HashSet<string> needed)
    {
        var candidates = new SortedSet<string>(new DeepestFirst());
        if (context.Resets)
        {
            foreach (var directory in context.State.Directories.Keys)
            {
                if (!needed.Contains(directory) && !context.IsOfState(directory))
                {
                    candidates.Add(directory);
                }
            }
        }

        foreach (var path in context.Gone)
        {
            for (var directory = DiffContext.ParentOf(path); directory.Length > 1; directory = DiffContext.ParentOf(directory))
            {
                if (context.State.Directories.ContainsKey(directory) && !needed.Contains(directory) && !context.IsOfState(directory))
                {
                    candidates.Add(directory);
                }
            }
        }

        foreach (var directory in candidates)
        {
            if (context.Root.Status(directory) is not { Kind: FileKind.Directory } status)
            {
                // Somebody removed it, or put something else there, which is theirs.
                context.Directories.Remove(directory);
                continue;
            }

            if (context.Root.List(directory) is not { } names || !names.All(n => context.Gone.Contains($"{directory}/{n}") || TemporaryFiles.IsTemporary(n)))
            {
                continue;
            }

            context.Gone.Add(directory);
            context.Directories.Remove(directory);
            yield return new Change
            {
                Effect = this,
                ResourceId = "directory:" + directory,
                Path = directory,
                Action = ChangeAction.Delete,
                Verdict = Verdict.Ours,
                Before = new(new ObjectIdentity { Kind = FileKind.Directory, Mode = status.Mode, User = status.User, Group = status.Group }, default, false),
            };
        }
    }

    /// <inheritdoc/>
    public override void Apply(Change change, FileTransaction transaction)
    {
        switch (change.Action)
        {
            case ChangeAction.Create:
                transaction.MakeDirectory(change.Path, change.After!.Identity.Mode);
                break;
            case ChangeAction.Delete:
                transaction.RemoveDirectoryIfEmpty(change.Path);
                break;
            default:
                break;
        }
    }

    private sealed class DeepestFirst : IComparer<string>
    {
        public int Compare(string? a, string? b) => b?.Length != a?.Length ? (b?.Length ?? 0) - (a?.Length ?? 0) : string.CompareOrdinal(a, b);
    }
}
