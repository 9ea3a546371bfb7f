using System.Collections.Immutable;
using EksNode.Configuration.NodeConfigs;

namespace EksNode.Planning.Storage;

/// <summary>A folder of a node that local storage takes over.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Service">The service that uses it.</param>
/// <param name="Disabled">The word that leaves it out; null: there is none.</param>
internal sealed record StorageTarget(string Path, string Service, DisabledMount? Disabled);

/// <summary>
/// The folders of an EKS node that hold much, in the order in which an EKS-optimized AL2023 image binds them, and the services that
/// use them.
/// </summary>
internal static class StorageTargets
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<StorageTarget> All { get; } =
    [
        new("/var/lib/kubelet", "kubelet.service", null),
        new("/var/lib/containerd", "containerd.service", DisabledMount.Containerd),
        new("/var/lib/soci-snapshotter-grpc", "soci-snapshotter.service", DisabledMount.Soci),
        new("/var/log/pods", "kubelet.service", DisabledMount.PodLogs),
    ];

    /// <summary>The services that use something at, above or below a path.</summary>
    public static ImmutableArray<string> ServicesOf(string path) =>
        [.. All.Where(t => IsAtOrBelow(t.Path, path) || IsAtOrBelow(path, t.Path)).Select(t => t.Service).Distinct()];

    /// <summary>Whether a path is a folder or in it.</summary>
    public static bool IsAtOrBelow(string path, string folder) =>
        path == folder || (path.StartsWith(folder, StringComparison.Ordinal) && path[folder.Length] == '/');
}
