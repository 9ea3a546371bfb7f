namespace EksNode.Planning.Network;

/// <summary>Who configures a network interface of the node.</summary>
public enum InterfaceManager
{
    /// <summary>systemd-networkd: the primary interface, and every interface that was there when the node was first configured.</summary>
    Networkd,

    /// <summary>The CNI plugin: interfaces attached to a node that runs already are the pods'. The host leaves them alone.</summary>
    Cni,
}

/// <summary>Decides who configures an interface, and how the decision is written down.</summary>
/// <remarks>
/// The decision is kept for the life of the instance, so that a reboot, at which every interface is there from the beginning, does
/// not hand the pods' interfaces to the host. Paths and words are those of EKS-optimized AL2023 images, which other tools know.
/// </remarks>
public static class InterfaceManagers
{
    /// <summary>Where the decisions of all instances are; a folder for each instance id, a file for each interface.</summary>
    public const string CacheFolder = "/etc/eks/nodeadm/udev-net-manager";

    private const string NetworkdWord = "io.systemd.Network";
    private const string CniWord = "cni";

    /// <summary>The folder with the decisions of one instance. An image made from a node has another id, and so none.</summary>
    /// <param name="instanceId">The instance id.</param>
    public static string CacheFolderOf(string instanceId) => $"{CacheFolder}/{instanceId}";

    /// <summary>The file with the decision for one interface.</summary>
    /// <param name="instanceId">The instance id.</param>
    /// <param name="name">The name of the interface.</param>
    public static string CacheFileOf(string instanceId, string name) => $"{CacheFolderOf(instanceId)}/{name}";

    /// <summary>The manager as its file says it; null for anything else.</summary>
    /// <param name="text">The content of the file.</param>
    public static InterfaceManager? Read(string text) => text.Trim() switch
    {
        NetworkdWord => InterfaceManager.Networkd,
        CniWord => InterfaceManager.Cni,
        _ => null,
    };

    /// <summary>The content of its file.</summary>
    /// <param name="manager">The manager.</param>
    public static string Write(InterfaceManager manager) => manager == InterfaceManager.Networkd ? NetworkdWord : CniWord;

    /// <summary>The decision for an interface that has none yet.</summary>
    /// <param name="nodeStarted">Whether this node's services were started since it booted.</param>
    /// <param name="isPrimary">Whether it is the primary interface, which is the host's whenever it is found.</param>
    public static InterfaceManager Decide(bool nodeStarted, bool isPrimary) =>
        nodeStarted && !isPrimary ? InterfaceManager.Cni : InterfaceManager.Networkd;
}
