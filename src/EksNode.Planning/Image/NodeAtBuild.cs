using System.Collections.Immutable;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Decisions;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Image;

/// <summary>A resource of phase <see cref="Phase.Boot"/>, as it can be planned when an image is built.</summary>
/// <param name="resource">The resource.</param>
/// <param name="component">The part of a node that plans it.</param>
/// <param name="needsInstance">Whether another instance has another one, or none.</param>
public sealed class BootResource(Resource resource, string component, bool needsInstance)
{
    /// <summary>The resource; of one that follows from an instance, that of a stand-in.</summary>
    public Resource Resource => resource;

    /// <summary>The part of a node that plans it: <c>containerd</c>.</summary>
    public string Component => component;

    /// <summary>Whether another instance has another one, or none.</summary>
    public bool NeedsInstance => needsInstance;

    /// <summary>Whether an image can have it.</summary>
    public bool CanBeBaked => !needsInstance && resource.NotBaked is null;
}

/// <summary>
/// A node as it can be planned when its image is built: by the same components as at boot, for two instances that have nothing in common. What both have alike
/// follows from no instance, and can be baked. There is no list of it that could be wrong.
/// </summary>
public sealed class NodeAtBuild
{
    private readonly StandIn one;
    private readonly List<BootResource>?[] changed = new List<BootResource>?[StandIn.Names.Length];

    private NodeAtBuild(StandIn one, ImmutableArray<BootResource> resources) => (this.one, Resources) = (one, resources);

    /// <summary>What a join would write or do, in the order of the components.</summary>
    public ImmutableArray<BootResource> Resources { get; }

    /// <summary>Plans it; null when the configuration cannot be planned for any instance, which is reported.</summary>
    /// <param name="said">The image's part of the configuration.</param>
    /// <param name="known">The facts that the image knows: its own, and which programs it has.</param>
    /// <param name="diagnostics">Where to report what nothing can be planned for.</param>
    public static NodeAtBuild? Plan(NodeConfig said, NodeFacts known, DiagnosticBag diagnostics)
    {
        var one = StandIn.Of(said, known);
        var found = new DiagnosticBag();
        var first = Planned(one, found);
        var second = first is null ? null : Planned(one.Other(), found);
        if (first is null || second is null)
        {
            foreach (var item in found.Items)
            {
                if (item.Severity == Severity.Error)
                {
                    diagnostics.Add(item);
                }
            }

            return null;
        }

        var resources = new List<BootResource>();
        foreach (var resource in first)
        {
            resources.Add(new BootResource(resource.Resource, resource.Component, !IsSame(resource.Resource, Find(second, resource.Resource.Id)?.Resource)));
        }

        foreach (var resource in second)
        {
            if (Find(first, resource.Resource.Id) is null)
            {
                resources.Add(resource);
            }
        }

        return new NodeAtBuild(one, resources.ToImmutable());
    }

    /// <summary>
    /// What a resource follows from that no image knows, by the names of a facts file: each thing that changes it by itself, else as few as change it together.
    /// </summary>
    /// <param name="id">Its id.</param>
    public ImmutableArray<string> NeedsOf(string id)
    {
        var needs = new List<string>();
        var first = Planned(one, new DiagnosticBag()) is { } resources ? Find(resources, id)?.Resource : null;
        for (var i = 0; i < changed.Length; i++)
        {
            changed[i] ??= Planned(one.With(StandIn.Names[i]), new DiagnosticBag()) ?? [];
            if (!IsSame(first, Find(changed[i]!, id)?.Resource))
            {
                needs.Add(StandIn.Names[i]);
            }
        }

        return needs.Count > 0 || Find(Resources, id) is not { NeedsInstance: true } ? needs.ToImmutable() : Together(id, first);
    }

    // Of all things those without which it would not change.
    private ImmutableArray<string> Together(string id, Resource? first)
    {
        var needs = StandIn.Names;
        foreach (var name in StandIn.Names)
        {
            ImmutableArray<string> without = [.. needs.Where(other => other != name)];
            var instance = one;
            foreach (var left in without)
            {
                instance = instance.With(left);
            }

            needs = IsSame(first, Find(Planned(instance, new DiagnosticBag()) ?? [], id)?.Resource) ? needs : without;
        }

        return needs;
    }

    private static List<BootResource>? Planned(StandIn instance, DiagnosticBag diagnostics)
    {
        var facts = HostFactsDefaults.Fill(instance.Facts);
        if (NodeDecisions.Decide(instance.Config, facts, diagnostics) is not { } decisions)
        {
            return null;
        }

        var context = new PlanContext(instance.Config, facts, decisions, diagnostics);
        var resources = new List<BootResource>();
        foreach (var component in Planner.Components)
        {
            foreach (var resource in component.Plan(context))
            {
                resources.Add(new BootResource(resource, component.Name, needsInstance: true));
            }
        }

        return resources;
    }

    private static BootResource? Find(IReadOnlyList<BootResource> resources, string id)
    {
        foreach (var resource in resources)
        {
            if (resource.Resource.Id == id)
            {
                return resource;
            }
        }

        return null;
    }

    // Whether a machine has the same of both. Why it has it, and what restarts, is another matter.
    private static bool IsSame(Resource? a, Resource? b) => (a, b) switch
    {
        (null, null) => true,
        (FileResource one, FileResource other) => one.Mode == other.Mode && one.Content.AsSpan().SequenceEqual(other.Content.AsSpan()),
        (SymlinkResource one, SymlinkResource other) => one.Target == other.Target,
        (DirectoryResource one, DirectoryResource other) => one.Mode == other.Mode,
        (SysctlResource one, SysctlResource other) => one.Value == other.Value,
        (KernelModuleResource one, KernelModuleResource other) => one.Build == other.Build,
        (HostsEntryResource one, HostsEntryResource other) => one.Addresses.AsSpan().SequenceEqual(other.Addresses.AsSpan()),
        (ReleasedResource, ReleasedResource) => true,
        _ => false,
    };
}
