using EksNode.Host.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Engine;

/// <summary>Paths that belong to somebody else in this configuration: our own file goes, anything else is not looked at twice.</summary>
internal sealed class ReleasedEffect : Effect
{
    /// <summary>The only one.</summary>
    public static ReleasedEffect Instance { get; } = new();

    /// <inheritdoc/>
    public override Change? Compare(Resource resource, DiffContext context)
    {
        if (context.State.Files.GetValueOrDefault(resource.Path) is not { } record)
        {
            return null;
        }

        var observed = ObservedObject.At(context.Root, resource.Path);
        var ruling = WhoWins.ForReleased(observed.Identity, record);
        context.FinalFiles.Remove(resource.Path);
        if (ruling.Action == ChangeAction.Delete || !observed.Identity.Exists)
        {
            context.Gone.Add(resource.Path);
        }

        if (ruling.Action == ChangeAction.None)
        {
            return null;
        }

        context.IntentFiles[resource.Path] = PathEffect.Settled(record, observed.Identity) with { Intended = ObjectIdentity.Missing };
        return new Change
        {
            Effect = this,
            ResourceId = resource.Id,
            Path = resource.Path,
            Resource = resource,
            Action = ruling.Action,
            Verdict = ruling.Verdict,
            Before = new(observed.Identity, observed.Content, observed.Identity.Kind == FileKind.File && Modes.IsClosed(observed.Identity.Mode)),
            Restarts = RestartsOf(resource.Restarts, ruling.Action, record),
            Observed = observed,
        };
    }

    /// <inheritdoc/>
    public override void Apply(Change change, FileTransaction transaction)
    {
        transaction.Expect(change.Path, change.Observed!.Status);
        transaction.Remove(change.Path);
    }
}
