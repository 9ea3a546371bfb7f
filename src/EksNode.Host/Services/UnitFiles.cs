using EksNode.Host.Engine;
using EksNode.Host.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Services;

/// <summary>When the files that a service uses last changed.</summary>
internal static class UnitFiles
{
    /// <summary>
    /// The files that a plan has for a unit, those that are there, links followed; and what others put into the kubelet's folder of
    /// configuration.
    /// </summary>
    public static IReadOnlyList<UsedFile> Of(string unit, Plan plan, HostRoot root)
    {
        var paths = plan.Resources
            .Where(r => r is FileResource or SymlinkResource && r.Restarts.Contains(unit))
            .Select(r => r.Path)
            .ToList();
        if (paths.Exists(IsInKubeletFolder))
        {
            // The kubelet reads the folder only when it is told to, which is when the plan has a file in it.
            paths.AddRange((root.List(NodePaths.KubeletConfigDropIns) ?? [])
                .Where(n => n.EndsWith(".conf", StringComparison.Ordinal))
                .Select(n => $"{NodePaths.KubeletConfigDropIns}/{n}"));
        }

        var files = new List<UsedFile>();
        foreach (var path in paths.Distinct(StringComparer.Ordinal))
        {
            if (root.Status(path, followLink: true) is { Kind: FileKind.File } status)
            {
                files.Add(new UsedFile(path, status.Changed));
            }
        }

        return files;
    }

    /// <summary>When the state was last written, in nanoseconds since the epoch; 0: never.</summary>
    public static long Recorded(HostRoot root) => root.Status(AppliedState.FilePath)?.Changed ?? 0;

    private static bool IsInKubeletFolder(string path) => path.StartsWith(NodePaths.KubeletConfigDropIns + "/", StringComparison.Ordinal);
}
