using System.Collections.Immutable;
using EksNode.Host.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Engine;

/// <summary>Whose a path is, for somebody who wants to know and change nothing.</summary>
public enum Ownership
{
    /// <summary>eksnode wrote it and nobody changed it.</summary>
    OursUnchanged,

    /// <summary>eksnode wrote it and somebody changed it.</summary>
    OursChangedByHand,

    /// <summary>It is planned, or was written, and is not there.</summary>
    Missing,

    /// <summary>It is there, and eksnode never wrote it.</summary>
    NotOurs,
}

/// <summary>What <see cref="Verifier"/> found about one path.</summary>
/// <param name="ResourceId">The resource's id; for a path that is planned no more, what its id was.</param>
/// <param name="Path">The path.</param>
/// <param name="Resource">The resource; null when it is planned no more.</param>
/// <param name="Ownership">Whose it is.</param>
/// <param name="AsPlanned">Whether it is exactly what is planned, whoever wrote it; false for what is planned no more.</param>
public sealed record Finding(string ResourceId, string Path, Resource? Resource, Ownership Ownership, bool AsPlanned);

/// <summary>Compares a host with what was applied to it. It only reads.</summary>
public static class Verifier
{
    /// <summary>
    /// A finding for each planned resource, in the order of the plan, then for each path that was written and is planned no
    /// more. Released paths belong to somebody else and have none.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="root">The host.</param>
    /// <param name="state">What eksnode remembers of it.</param>
    /// <param name="phase">Whose resources count.</param>
    public static ImmutableArray<Finding> Verify(Plan plan, HostRoot root, AppliedState state, Phase phase = Phase.Boot)
    {
        var resources = plan.Of(phase).ToImmutableArray();
        var context = new DiffContext(root, state, new DiffOptions(state.InstanceId, Phase: phase), resources);
        var findings = ImmutableArray.CreateBuilder<Finding>();
        foreach (var resource in resources)
        {
            switch (resource)
            {
                case FileResource or SymlinkResource:
                    findings.Add(OfPath(resource, context));
                    break;
                case DirectoryResource:
                    findings.Add(OfDirectory(resource, context));
                    break;
                case HostsEntryResource entry:
                    findings.Add(OfHosts(entry, context));
                    break;
                default:
                    break;
            }
        }

        var planned = plan.Resources.Where(r => r is not DirectoryResource).Select(r => r.Path).ToHashSet(StringComparer.Ordinal);
        foreach (var (path, record) in state.Files)
        {
            if (!planned.Contains(path))
            {
                var link = record.Written?.Kind == FileKind.Symlink;
                findings.Add(new((link ? "symlink:" : "file:") + path, path, null, Whose(ObservedObject.At(root, path).Identity, record), false));
            }
        }

        return findings.ToImmutable();
    }

    private static Finding OfPath(Resource resource, DiffContext context)
    {
        var actual = ObservedObject.At(context.Root, resource.Path).Identity;
        var record = context.State.Files.GetValueOrDefault(resource.Path);
        return new(resource.Id, resource.Path, resource, Whose(actual, record), actual == PathEffect.Planned(resource, context).Identity);
    }

    private static Ownership Whose(ObjectIdentity actual, FileRecord? record) =>
        !actual.Exists ? Ownership.Missing
        : record is null || (record.Written is null && actual == record.Original) ? Ownership.NotOurs
        : WhoWins.IsOurs(actual, record) ? Ownership.OursUnchanged
        : Ownership.OursChangedByHand;

    private static Finding OfDirectory(Resource resource, DiffContext context)
    {
        var there = context.Root.Status(resource.Path, followLink: true)?.Kind == FileKind.Directory;
        var ownership = !there ? Ownership.Missing
            : context.State.Directories.ContainsKey(resource.Path) ? Ownership.OursUnchanged
            : Ownership.NotOurs;
        return new(resource.Id, resource.Path, resource, ownership, there);
    }

    // The state knows that the block is ours, not what was in it: what is between the markers can only be compared with the plan.
    private static Finding OfHosts(HostsEntryResource entry, DiffContext context)
    {
        var observed = ObservedObject.At(context.Root, entry.Path);
        var actual = observed.Identity.Kind is FileKind.File or FileKind.Symlink
            ? new HostsFile(context.Root.ReadFile(entry.Path) ?? [], observed).Find(entry.HostName)
            : null;
        var asPlanned = entry.Addresses.IsEmpty || actual == HostsFile.Block(entry.HostName, entry.Addresses);
        var ownership = (actual, entry.Addresses.IsEmpty) switch
        {
            (null, false) => Ownership.Missing,
            _ when !context.State.Hosts.ContainsKey(entry.HostName) && actual is not null => Ownership.NotOurs,
            _ => asPlanned ? Ownership.OursUnchanged : Ownership.OursChangedByHand,
        };
        return new(entry.Id, entry.Path, entry, ownership, asPlanned);
    }
}
