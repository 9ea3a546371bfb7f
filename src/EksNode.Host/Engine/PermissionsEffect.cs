using EksNode.Host.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Engine;

/// <summary>
/// Permission bits and owner of what something else made: bits that are too many are taken away, those that are missing stay so. What is not there has
/// none, and neither has a link. Nothing is remembered: planned no more, a file stays as closed as it is.
/// </summary>
internal sealed class PermissionsEffect : Effect
{
    /// <summary>The only one.</summary>
    public static PermissionsEffect Instance { get; } = new();

    /// <inheritdoc/>
    public override Change? Compare(Resource resource, DiffContext context)
    {
        var permissions = (PermissionsResource)resource;
        if (StatusOf(permissions, context.Root) is not { } status)
        {
            return null;
        }

        var before = VersionOf(status);
        var after = Planned(permissions, status, context.Root);
        return new Change
        {
            Effect = this,
            ResourceId = permissions.Id,
            Path = permissions.Path,
            Resource = permissions,
            Action = before.Identity == after.Identity ? ChangeAction.None : ChangeAction.Update,
            Verdict = Verdict.Ours,
            Before = before,
            After = after,
            Restarts = RestartsOf(permissions.Restarts, before.Identity == after.Identity ? ChangeAction.None : ChangeAction.Update, null),
        };
    }

    /// <inheritdoc/>
    public override void Apply(Change change, FileTransaction transaction)
    {
        if (change is { Action: ChangeAction.Update, After.Identity: var after })
        {
            transaction.Permit(change.Path, after.Mode, new FileOwner(after.User, after.Group));
        }
    }

    /// <summary>Whether bits and owner are as planned; null where there are none.</summary>
    public static Finding? Find(PermissionsResource permissions, HostRoot root)
    {
        if (StatusOf(permissions, root) is not { } status)
        {
            return null;
        }

        var actual = VersionOf(status);
        var planned = Planned(permissions, status, root);
        return new Finding(permissions.Id, permissions.Path, Ownership.NotOurs)
        {
            Resource = permissions,
            AsPlanned = actual.Identity == planned.Identity,
            Planned = planned,
            Actual = actual,
        };
    }

    private static FileStatus? StatusOf(PermissionsResource permissions, HostRoot root) =>
        root.Status(permissions.Path) is { Kind: FileKind.File or FileKind.Directory } status ? status : null;

    private static ObjectVersion VersionOf(FileStatus status) =>
        new(new ObjectIdentity { Kind = status.Kind, Mode = status.Mode, User = status.User, Group = status.Group }, default, false);

    // Who is not root cannot give files away.
    private static ObjectVersion Planned(PermissionsResource permissions, FileStatus status, HostRoot root) => new(
        new ObjectIdentity
        {
            Kind = status.Kind,
            Mode = status.Mode & permissions.Mode,
            User = root.RunsAsRoot ? 0 : status.User,
            Group = root.RunsAsRoot ? 0 : status.Group,
        },
        default,
        false);
}
