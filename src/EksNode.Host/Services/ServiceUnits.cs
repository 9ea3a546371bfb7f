using EksNode.Host.Engine;
using EksNode.Planning.Containerd;
using EksNode.Planning.Plans;

namespace EksNode.Host.Services;

/// <summary>The units of a node, as the EKS-optimized images name them.</summary>
public static class ServiceUnits
{
    /// <summary>The container runtime.</summary>
    public const string Containerd = "containerd.service";

    /// <summary>The kubelet.</summary>
    public const string Kubelet = "kubelet.service";

    /// <summary>The snapshotter of FastImagePull; a node has it when its plan writes its configuration.</summary>
    public const string SociSnapshotter = "soci-snapshotter.service";

    /// <summary>The resolver of host names, where there is one.</summary>
    public const string Resolved = "systemd-resolved.service";

    /// <summary>
    /// Whether a node is to have the snapshotter. Its drop-ins alone (a proxy, authorities) are written beside a unit that never runs.
    /// </summary>
    /// <param name="plan">The node's plan.</param>
    public static bool HasSnapshotter(Plan plan)
    {
        foreach (var resource in plan.Resources)
        {
            if (resource is FileResource { Path: ContainerdComponent.SnapshotterConfigPath })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether eksnode gave a host the snapshotter.</summary>
    /// <param name="state">What eksnode remembers of it.</param>
    public static bool HasSnapshotter(AppliedState state) => state.Files.ContainsKey(ContainerdComponent.SnapshotterConfigPath);

    /// <summary>
    /// Whether a unit must never be restarted by a join, whatever it owes: the message bus (systemd's own connection to it, and those of
    /// every service, break), cloud-init and eksnode itself, which run the join.
    /// </summary>
    public static bool WaitsForBoot(string unit) =>
        unit is "dbus.service" or "dbus-broker.service"
        || unit.StartsWith("cloud-", StringComparison.Ordinal)
        || unit.StartsWith("eksnode-", StringComparison.Ordinal)
        || unit.StartsWith("nodeadm-", StringComparison.Ordinal);

    /// <summary>Whether systemd itself reads a file, and only when it is told to read again.</summary>
    public static bool IsReadBySystemd(string path) =>
        path.StartsWith("/etc/systemd/system/", StringComparison.Ordinal)
        || path.StartsWith("/run/systemd/system/", StringComparison.Ordinal)
        || path.StartsWith("/etc/systemd/system.conf", StringComparison.Ordinal);
}
