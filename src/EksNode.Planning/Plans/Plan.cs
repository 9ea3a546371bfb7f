using System.Collections.Immutable;

namespace EksNode.Planning.Plans;

/// <summary>What a node needs: a graph of resources, in an order in which each comes after what it depends on.</summary>
/// <param name="Resources">The resources, in order.</param>
public sealed record Plan(ImmutableArray<Resource> Resources)
{
    /// <summary>A resource by its id, or null.</summary>
    public Resource? Find(string id) => Resources.FirstOrDefault(r => r.Id == id);

    /// <summary>The resources of one phase.</summary>
    public IEnumerable<Resource> Of(Phase phase) => Resources.Where(r => r.Phase == phase);
}
