using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Image;

/// <summary>Folders that a join and the programs of a node expect to find.</summary>
internal sealed class FolderComponent : IImageComponent
{
    private static readonly (string Path, string Why)[] Folders =
    [
        ("/etc/cni/net.d", "the CNI plugin puts its configuration here"),
        ("/etc/containerd", "join writes containerd's configuration here"),
        ("/etc/eks", "join writes the kubelet's environment and the credential provider's configuration here"),
        ("/etc/eksnode/node.d", "the lowest source of every join"),
        ("/etc/kubernetes/manifests", "static pods, where a kubelet configuration names them"),
        ("/etc/kubernetes/pki", "join writes the cluster's certificate authority here"),
        ("/etc/systemd/system/kubelet.service.d", "drop-ins of the kubelet"),
        ("/opt/cni/bin", "the programs of the CNI plugin"),
        ("/var/lib/kubelet", "the kubelet's own state"),
    ];

    /// <inheritdoc/>
    public string Name => "folders";

    /// <inheritdoc/>
    public string AtBoot => "a join makes the folders of what it writes; what others write into these is there before a join is";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(ImageContext context)
    {
        foreach (var (path, why) in Folders)
        {
            yield return new DirectoryResource { Path = path, Reasons = [new Reason("image.folders", path, Origin.Default(why))] };
        }
    }
}
