using System.Collections.Immutable;
using EksNode.Host.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Engine;

/// <summary>How a host is compared with a plan.</summary>
/// <param name="InstanceId">This instance, or null when nobody knows.</param>
/// <param name="Policy">What happens to files that were changed by hand.</param>
/// <param name="Boot">This boot, for the restarts that it owes; null when nobody knows.</param>
/// <param name="Phase">Whose resources count; those of the other phase are neither written nor undone.</param>
public sealed record DiffOptions(string? InstanceId, ApplyPolicy Policy = ApplyPolicy.Preserve, string? Boot = null, Phase Phase = Phase.Boot)
{
    /// <summary>
    /// Whether this is a reset: what was there before eksnode comes back even where eksnode's own file was removed by hand, every directory
    /// that eksnode made goes when it is empty, and nothing that somebody put in the place of a file stops it.
    /// </summary>
    public bool Resets { get; init; }

    /// <summary>
    /// Whether the modules of the plan were loaded, or tried: what the kernel lacks now does not come any more. A module that is built into the
    /// kernel may have no folder in <c>/sys/module</c>, and one that failed has none.
    /// </summary>
    public bool ModulesLoaded { get; init; }
}

/// <summary>Finds what must change on a host for it to be as planned. It only reads.</summary>
public static class Differ
{
    /// <summary>
    /// Compares a host with a plan. With an empty plan the answer is what undoes everything that eksnode ever applied.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="root">The host.</param>
    /// <param name="state">What eksnode remembers of it.</param>
    /// <param name="options">Policy and instance.</param>
    public static Changes Diff(Plan plan, HostRoot root, AppliedState state, DiffOptions options)
    {
        // Disks and kernel modules are no files below a root: StorageEngine and Accelerators bring them about, as Imaging does with what is in an image alone.
        var awaitsModules = !options.ModulesLoaded && plan.Resources.Any(r => r is KernelModuleResource && root.Status(r.Path) is null);
        plan = plan with { Resources = [.. plan.Resources.Where(r => r is not (StorageResource or KernelModuleResource or ImageResource))] };
        ImmutableArray<Resource> resources = [.. plan.Of(options.Phase)];
        var context = new DiffContext(root, state, options, resources) { AwaitsModules = awaitsModules };
        List<Change> changes = [];
        foreach (var resource in resources)
        {
            Add(changes, Effect.Of(resource).Compare(resource, context));
        }

        UndoStale(plan, context, changes);
        var needed = Ancestors(plan.Resources.Where(r => r is not ReleasedResource).Select(r => r.Path));
        needed.UnionWith(plan.Resources.Select(r => r.Path));
        needed.UnionWith(Ancestors(changes.Where(c => c.Action == ChangeAction.Create).Select(c => c.Path)));
        changes.AddRange(DirectoryEffect.Instance.Undo(context, needed));
        return Result(context, options, [.. changes], Swept(plan, state));
    }

    private static void UndoStale(Plan plan, DiffContext context, List<Change> changes)
    {
        var paths = plan.Resources
            .Where(r => r is FileResource or SymlinkResource or ReleasedResource)
            .Select(r => r.Path)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var (path, record) in context.State.Files)
        {
            if (!paths.Contains(path))
            {
                Add(changes, PathEffect.Instance.Undo(path, record, context));
            }
        }

        foreach (var (name, record) in context.State.Sysctls)
        {
            if (plan.Find("sysctl:" + name) is null)
            {
                Add(changes, SysctlEffect.Instance.Undo(name, record, context));
            }
        }

        var names = plan.Resources.OfType<HostsEntryResource>().Select(r => r.HostName).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, record) in context.State.Hosts)
        {
            if (!names.Contains(name))
            {
                Add(changes, HostsEffect.Instance.Undo(name, record, context));
            }
        }
    }

    private static Changes Result(DiffContext context, DiffOptions options, ImmutableArray<Change> changes, ImmutableArray<string> swept)
    {
        // A directory that a killed run was to make, and that neither it made nor this run makes, is forgotten.
        var unsettled = new List<(string Path, int Mode)>();
        foreach (var path in context.State.Unsettled)
        {
            if (context.Unmade.Contains(path) || !context.Directories.TryGetValue(path, out var mode))
            {
                continue;
            }

            if (context.Root.Status(path) is not { Kind: FileKind.Directory } status)
            {
                context.Directories.Remove(path);
            }
            else if (status.Mode != mode || (context.Root.RunsAsRoot && (status.User != 0 || status.Group != 0)))
            {
                unsettled.Add((path, mode));
            }
        }

        var directories = context.Directories.ToImmutable();
        var restarts = Restarts(changes);
        var owed = OwedRestarts.Add(context.SameInstance ? context.State.Owed : context.State.Owed.Clear(), restarts, options.Boot);
        return new Changes
        {
            All = changes,
            Diagnostics = [.. context.Diagnostics.Items],
            Restarts = restarts,
            Previous = context.State,
            Intent = new AppliedState
            {
                Place = context.State.Place,
                InstanceId = options.InstanceId,
                Files = context.IntentFiles.ToImmutable(),
                Hosts = context.IntentHosts.ToImmutable(),
                Sysctls = context.IntentSysctls.ToImmutable(),
                Directories = context.State.Directories.With(directories),
                Unsettled = [.. context.State.Unsettled.Union(context.Unmade).Order(StringComparer.Ordinal)],
                Owed = owed,
            },
            Final = new AppliedState
            {
                Place = context.State.Place,
                InstanceId = options.InstanceId,
                Files = context.FinalFiles.ToImmutable(),
                Hosts = context.FinalHosts.ToImmutable(),
                Sysctls = context.FinalSysctls.ToImmutable(),
                Directories = directories,
                Owed = owed,
            },
            Unsettled = unsettled.ToImmutable(),
            Swept = swept,
        };
    }

    private static ImmutableArray<Restart> Restarts(ImmutableArray<Change> changes)
    {
        var units = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var change in changes)
        {
            foreach (var unit in change.Restarts)
            {
                if (!units.TryGetValue(unit, out var because))
                {
                    because = new List<string>();
                    units.Add(unit, because);
                }

                because.Add(change.ResourceId);
            }
        }

        return [.. units.Select(u => new Restart(u.Key, u.Value.ToImmutable()))];
    }

    // Temporary files are beside their target, or above it when its directory is missing; so each directory above counts.
    private static ImmutableArray<string> Swept(Plan plan, AppliedState state)
    {
        var directories = Ancestors([
            .. plan.Resources.Where(r => r is not SysctlResource).Select(r => r.Path),
            .. state.Files.Keys,
            .. state.Hosts.Values.Select(h => h.Path),
            .. state.Directories.Keys,
            state.Place.OriginalsPath + "/",
            state.Place.ReplacedPath + "/",
        ]);
        directories.Add("/");
        return [.. directories.Order(StringComparer.Ordinal)];
    }

    private static HashSet<string> Ancestors(IEnumerable<string> paths)
    {
        var ancestors = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            for (var directory = DiffContext.ParentOf(path); directory.Length > 1 && ancestors.Add(directory); directory = DiffContext.ParentOf(directory))
            {
            }
        }

        return ancestors;
    }

    private static void Add(List<Change> changes, Change? change)
    {
        if (change is not null)
        {
            changes.Add(change);
        }
    }
}
