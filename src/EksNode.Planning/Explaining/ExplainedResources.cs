using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Explaining;

/// <summary>What the files, links, units and disks of a plan are for.</summary>
internal static class ExplainedResources
{
    /// <summary>A resource: a file by its path, everything else by its id.</summary>
    public static Explanation OfResource(Resource resource)
    {
        var details = ImmutableArray.CreateBuilder<string>();
        details.Add(resource.Phase == Phase.Image ? "phase: Image, baked" : "phase: Boot, written when the node joins");
        List(details, "restarts", resource.Restarts);
        List(details, "after", resource.DependsOn);
        List(details, "controls", resource.Controls);
        foreach (var reason in resource.Reasons)
        {
            if (reason.Origin.Kind == OriginKind.Default)
            {
                continue;
            }

            details.Add($"{reason.Setting} = {reason.Value}  ← {reason.Origin}" + (reason.Origin.Note is { } note ? $" ({note})" : ""));
        }

        var isPath = resource is FileResource or SymlinkResource or DirectoryResource or ReleasedResource;
        return new Explanation
        {
            Target = isPath ? resource.Path : resource.Id,
            Kind = "file",
            Value = Value(resource),
            Details = details.ToImmutable(),
        };
    }

    /// <summary>The units that restart when something of the plan changes.</summary>
    public static IEnumerable<Explanation> Units(Plan plan)
    {
        var units = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var resource in plan.Resources)
        {
            foreach (var unit in resource.Restarts)
            {
                if (!units.TryGetValue(unit, out var paths))
                {
                    units.Add(unit, paths = []);
                }

                if (resource is not ReleasedResource)
                {
                    paths.Add(resource.Path);
                }
            }
        }

        foreach (var (unit, paths) in units)
        {
            yield return new Explanation
            {
                Target = unit,
                Kind = "unit",
                Value = string.Create(CultureInfo.InvariantCulture, $"restarts when one of {paths.Count} resources changes"),
                Details = [.. paths],
            };
        }
    }

    private static string Value(Resource resource) => resource switch
    {
        FileResource file => string.Create(CultureInfo.InvariantCulture, $"file {Convert.ToString(file.Mode, 8).PadLeft(4, '0')}, {file.Content.Length} bytes, {file.Reasons.Length} values"),
        SymlinkResource link => "link to " + link.Target,
        ReleasedResource released => "left to " + released.Owner,
        _ => resource.Id[..resource.Id.IndexOf(':', StringComparison.Ordinal)],
    };

    private static void List(ImmutableArray<string>.Builder details, string word, ImmutableArray<string> names)
    {
        if (!names.IsEmpty)
        {
            details.Add(word + ": " + string.Join(", ", names));
        }
    }
}
