namespace EksNode.Planning.Plans;

/// <summary>
/// Where the files of an EKS node are: the paths of the EKS-optimized AL2023 images, which other tools on a node rely on. Several
/// components name the same file, and none knows another component.
/// </summary>
public static class NodePaths
{
    /// <summary>The cluster's certificate authority.</summary>
    public const string CertificateAuthority = "/etc/kubernetes/pki/ca.crt";

    /// <summary>The kubelet's kubeconfig; on Outposts the kubelet writes it itself.</summary>
    public const string Kubeconfig = "/var/lib/kubelet/kubeconfig";

    /// <summary>The kubeconfig with which the kubelet asks for its client certificate, on Outposts.</summary>
    public const string BootstrapKubeconfig = "/var/lib/kubelet/bootstrap-kubeconfig";

    /// <summary>The generated KubeletConfiguration.</summary>
    public const string KubeletConfig = "/etc/kubernetes/kubelet/config.json";

    /// <summary>Files that the kubelet lays over <see cref="KubeletConfig"/>: those that end in <c>.conf</c>, in the order of their names.</summary>
    public const string KubeletConfigDropIns = "/etc/kubernetes/kubelet/config.json.d";

    /// <summary>The user's kubelet configuration.</summary>
    public const string KubeletUserConfig = KubeletConfigDropIns + "/40-nodeadm.conf";

    /// <summary>The environment file of <c>kubelet.service</c>: it holds the arguments.</summary>
    public const string KubeletEnvironment = "/etc/eks/kubelet/environment";

    /// <summary>The folder of image credential providers.</summary>
    public const string ImageCredentialProviders = "/etc/eks/image-credential-provider";

    /// <summary>The credential provider for ECR of EKS-optimized images.</summary>
    public const string EcrCredentialProvider = ImageCredentialProviders + "/ecr-credential-provider";

    /// <summary>Which images a credential provider is asked for.</summary>
    public const string ImageCredentialProviderConfig = ImageCredentialProviders + "/config.json";

    /// <summary>The runtime spec that containers start from.</summary>
    public const string BaseRuntimeSpec = "/etc/containerd/base-runtime-spec.json";

    /// <summary>The pause image, exported when the image was built.</summary>
    public const string PauseImageArchive = "/etc/eks/pause.tar";

    /// <summary>The hosts file.</summary>
    public const string Hosts = "/etc/hosts";

    /// <summary>eksnode itself, as units and kubeconfigs name it.</summary>
    public const string Eksnode = "/usr/bin/eksnode";

    /// <summary>The folder of certificate authorities that a machine trusts beside those of its distribution.</summary>
    public const string TrustAnchors = "/etc/pki/ca-trust/source/anchors";

    /// <summary>The unit that fetches images after the node has started, without its suffix.</summary>
    public const string PrefetchService = "eksnode-prefetch";

    /// <summary>Whether a text can be the path of a program: what else stands in a service's arguments would be others.</summary>
    public static bool IsProgram(string text) =>
        text.StartsWith('/') && !text.EndsWith('/') && !text.Contains("//", StringComparison.Ordinal) && !text.Contains("/../", StringComparison.Ordinal)
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_' or '.' or '+');

    /// <summary>The id of a file's resource.</summary>
    /// <param name="path">The absolute path.</param>
    public static string FileId(string path) => "file:" + path;
}
