using EksNode.NodeTests.Machines;

namespace EksNode.NodeTests.ControlPlanes;

/// <summary>The programs of a Kubernetes release in a folder.</summary>
internal sealed record KubernetesPrograms(string Folder, string Version)
{
    public string ApiServer => Path.Combine(Folder, "kube-apiserver");

    /// <summary>Null where the folder has none: then the tests sign certificates by themselves.</summary>
    public string? ControllerManager => Existing("kube-controller-manager");

    /// <summary>The folder's own, or the one of the path.</summary>
    public string Etcd => Existing("etcd") ?? "etcd";

    public string Description => $"{Version} from {Folder}{(ControllerManager is null ? ", without controller manager" : "")}";

    /// <summary>The version as user data and simulator spell it, <c>1.33</c>.</summary>
    public string Minor => string.Join('.', Version.TrimStart('v').Split('.')[..2]);

    public static async Task<KubernetesPrograms?> FindAsync(string? folder, CancellationToken cancellation)
    {
        if (folder is null)
        {
            return null;
        }

        foreach (var name in new[] { "kubelet", "kube-apiserver" })
        {
            if (!File.Exists(Path.Combine(folder, name)))
            {
                throw new NodeTestException($"{folder} holds no {name}.");
            }
        }

        var version = await Programs.RunAsync(Path.Combine(folder, "kubelet"), ["--version"], cancellation);
        return new KubernetesPrograms(folder, version.Trim().Split(' ')[^1]);
    }

    private string? Existing(string name) => Path.Combine(Folder, name) is var path && File.Exists(path) ? path : null;
}
