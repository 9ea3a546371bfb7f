using System.Collections.Immutable;

namespace EksNode.Planning.Plans;

/// <summary>
/// The order of a plan: each resource after those that it depends on, and otherwise as the components gave them. What breaks it is a
/// mistake in a component, never in a configuration.
/// </summary>
public static class ResourceOrder
{
    /// <summary>Sorts the resources.</summary>
    /// <exception cref="InvalidOperationException">Two have one id or write one path, one depends on what is not there, or on itself.</exception>
    public static ImmutableArray<Resource> Sort(IEnumerable<Resource> resources)
    {
        ImmutableArray<Resource> given = [.. resources];
        var byId = Index(given);
        var sorted = new List<Resource>(given.Length);
        var done = new HashSet<string>(StringComparer.Ordinal);
        var open = new List<string>();
        foreach (var resource in given)
        {
            Visit(resource);
        }

        return sorted.ToImmutable();

        void Visit(Resource resource)
        {
            if (done.Contains(resource.Id))
            {
                return;
            }

            if (open.Contains(resource.Id))
            {
                throw new InvalidOperationException($"Resources depend on each other: {string.Join(" → ", open.SkipWhile(id => id != resource.Id))} → {resource.Id}.");
            }

            open.Add(resource.Id);
            foreach (var id in resource.DependsOn)
            {
                Visit(byId.TryGetValue(id, out var needed)
                    ? needed
                    : throw new InvalidOperationException($"{resource.Id} depends on {id}, which is not in the plan."));
            }

            open.RemoveAt(open.Count - 1);
            done.Add(resource.Id);
            sorted.Add(resource);
        }
    }

    private static Dictionary<string, Resource> Index(ImmutableArray<Resource> resources)
    {
        var byId = new Dictionary<string, Resource>(StringComparer.Ordinal);
        var byPath = new Dictionary<string, Resource>(StringComparer.Ordinal);
        foreach (var resource in resources)
        {
            if (!byId.TryAdd(resource.Id, resource))
            {
                throw new InvalidOperationException($"Two resources have the id {resource.Id}.");
            }

            if (resource.OwnsPath && !byPath.TryAdd(resource.Path, resource))
            {
                throw new InvalidOperationException($"{byPath[resource.Path].Id} and {resource.Id} have the path {resource.Path}.");
            }
        }

        return byId;
    }
}
