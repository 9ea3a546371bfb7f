using EksNode.NodeTests.Machines;

namespace EksNode.NodeTests.ControlPlanes;

/// <summary>The programs of a Kubernetes release in a folder.</summary>
internal sealed record KubernetesPrograms(string Folder, string Version, string ControlPlaneFolder)
{
    public string ApiServer => Path.Combine(ControlPlaneFolder, "kube-apiserver");

    /// <summary>Null where the folder has none: then the tests sign certificates by themselves.</summary>
    public string? ControllerManager => Existing("kube-controller-manager");

    /// <summary>The folder's own, or the one of the path.</summary>
    public string Etcd => Existing("etcd") ?? "etcd";

    public string Description => $"kubelet {Version} from {Folder}"
        + (ControlPlaneFolder == Folder ? "" : $", API server from {ControlPlaneFolder}")
        + (ControllerManager is null ? ", without controller manager" : "");

    /// <summary>The version as user data and simulator spell it, <c>1.33</c>.</summary>
    public string Minor => string.Join('.', Version.TrimStart('v').Split('.')[..2]);

    public static async Task<KubernetesPrograms?> FindAsync(string? folder, CancellationToken cancellation)
    {
        if (folder is null)
        {
            return null;
        }

        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!File.Exists(Path.Combine(folder, "kubelet")))
        {
            throw new NodeTestException($"{folder} holds no kubelet.");
        }

        // An API server is newer than its kubelets, by up to three minors: one that lies beside them serves them all.
        var controlPlane = Directory.EnumerateDirectories(Path.GetDirectoryName(folder)!)
            .Where(sibling => File.Exists(Path.Combine(sibling, "kube-apiserver")))
            .OrderByDescending(sibling => sibling == folder)
            .ThenByDescending(sibling => System.Version.TryParse(Path.GetFileName(sibling), out var minor) ? minor : new Version(0, 0))
            .FirstOrDefault() ?? throw new NodeTestException($"Neither {folder} nor a folder beside it holds a kube-apiserver.");

        var version = await Programs.RunAsync(Path.Combine(folder, "kubelet"), ["--version"], cancellation);
        return new KubernetesPrograms(folder, version.Trim().Split(' ')[^1], controlPlane);
    }

    private string? Existing(string name) => Path.Combine(ControlPlaneFolder, name) is var path && File.Exists(path) ? path : null;
}
