using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Explaining;

/// <summary>What the files, links, units and disks of a plan are for.</summary>
internal static class ExplainedResources
{
    private const string Nobody = "nobody: ";

    /// <summary>A resource: a file by its path, everything else by its id.</summary>
    public static Explanation OfResource(Resource resource)
    {
        var details = new List<string>();
        details.Add(resource.Phase == Phase.Image ? "baked into the image" : resource is SysctlResource ? "set when the node joins" : resource is KernelModuleResource ? "loaded when the node joins" : "written when the node joins");
        List(details, "restarts", resource.Restarts);
        List(details, "after", resource.DependsOn);
        List(details, "controls", resource.Controls);
        if (resource is FileResource file)
        {
            List(details, "added to `spec.kubelet.config`, since a node needs it", file.Added);
        }

        // One value: what decided it is said as of a setting.
        var sysctl = resource is SysctlResource ? resource.Reasons.FirstOrDefault() : null;
        foreach (var reason in sysctl is null ? resource.Reasons : [])
        {
            // A default is worth a line only as a part of a value of several parts, which is wrong without it.
            if (!reason.Parts.IsEmpty)
            {
                foreach (var part in reason.Parts)
                {
                    details.Add(Line(reason.Setting, part.Value, part.Origin));
                }
            }
            else if (reason.Origin.Kind != OriginKind.Default || IsPart(reason, resource))
            {
                details.Add(Line(reason.Setting, reason.Value, reason.Origin));
            }
        }

        var isPath = resource is FileResource or SymlinkResource or DirectoryResource or ReleasedResource;
        return new Explanation
        {
            Target = isPath ? resource.Path : resource.Id,
            Kind = isPath ? "file" : KindOf(resource),
            Value = Value(resource),
            Origin = sysctl?.Origin,
            Layer = sysctl is null ? "" : "configuration",
            Change = sysctl is null ? "" : "spec." + sysctl.Setting,
            Names = isPath ? [resource.Id] : [resource.Path, resource.Id[(resource.Id.IndexOf(':', StringComparison.Ordinal) + 1)..]],
            Details = details.ToImmutable(),
        };
    }

    private static string Line(string setting, string value, Origin origin) =>
        $"{setting} = {value}  ← {origin}" + (origin.Note is { } note ? $" ({note})" : "");

    private static bool IsPart(Reason reason, Resource resource)
    {
        foreach (var other in resource.Reasons)
        {
            if (other.Setting == reason.Setting && other != reason)
            {
                return true;
            }
        }

        return false;
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

        foreach (var (unit, found) in units)
        {
            var paths = found.Order(StringComparer.Ordinal).ToList();
            var count = paths.Count;
            var own = 0;
            var folder = $"/etc/systemd/system/{unit}";
            foreach (var resource in plan.Resources)
            {
                // Its own file and drop-ins are what a reader of a unit looks for first.
                if (resource is FileResource && (resource.Path == folder || resource.Path.StartsWith(folder + ".d/", StringComparison.Ordinal)))
                {
                    paths.Insert(own++, paths.Remove(resource.Path) ? "set by " + resource.Path : $"set by {resource.Path}, which does not restart it");
                }
            }

            yield return new Explanation
            {
                Target = unit,
                Kind = "unit",
                Value = string.Create(CultureInfo.InvariantCulture, $"restarts when {(count == 1 ? "one resource" : $"one of these {count} resources")} changes"),
                Details = [.. paths],
            };
        }
    }

    private static string Value(Resource resource) => resource switch
    {
        FileResource file => string.Create(
            CultureInfo.InvariantCulture,
            $"file {Convert.ToString(file.Mode, 8).PadLeft(4, '0')}, {file.Content.Length} bytes, {file.Reasons.Length} {(file.Reasons.Length == 1 ? "value" : "values")}"),
        SymlinkResource link => "link to " + link.Target,
        ReleasedResource released when released.Owner.StartsWith(Nobody, StringComparison.Ordinal) => "not on this node: " + released.Owner[Nobody.Length..],
        ReleasedResource released => "left to " + released.Owner,
        SysctlResource sysctl => sysctl.Value,
        KernelModuleResource module => module.Build.Length > 0 ? $"loaded before services start, from {module.Build}" : "loaded before services start",
        HostsEntryResource hosts => hosts.Addresses.IsEmpty ? "as it is: DNS gives no address" : string.Join(' ', hosts.Addresses),
        RaidResource raid => string.Create(CultureInfo.InvariantCulture, $"RAID{raid.Level} of {string.Join(' ', raid.Members.Select(m => m.Name))}"),
        FilesystemResource filesystem => $"{filesystem.Type} on " + (filesystem.Device switch
        {
            { Raid: { } raid } => raid,
            { Volume: { } volume } => volume.ToString(),
            var device => "one of " + string.Join(' ', device.Pool.Select(d => d.Name)),
        }),
        MountResource mount => (mount.Directory is { } directory ? $"{directory}/ of {mount.Filesystem}, bound" : mount.Filesystem) + $" ({mount.Options})",
        _ => KindOf(resource),
    };

    private static string KindOf(Resource resource) => resource.Id[..resource.Id.IndexOf(':', StringComparison.Ordinal)];

    private static void List(List<string> details, string word, ImmutableArray<string> names)
    {
        if (!names.IsEmpty)
        {
            details.Add(word + ": " + string.Join(", ", names));
        }
    }
}
