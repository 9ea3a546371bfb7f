using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Planning.Decisions;

namespace EksNode.Planning.Containerd;

/// <summary>
/// What eksnode itself sets in containerd's configuration: only what differs from containerd's defaults, or what a node depends
/// on. Value for value the configuration of an EKS-optimized AL2023 image.
/// </summary>
internal static class ContainerdTemplate
{
    /// <summary>The CRI plugin of schema 2; in schema 3 only its server.</summary>
    public const string Cri = "io.containerd.grpc.v1.cri";

    /// <summary>The part of the CRI plugin that pulls images, in schema 3.</summary>
    public const string CriImages = "io.containerd.cri.v1.images";

    /// <summary>The part of the CRI plugin that runs containers, in schema 3.</summary>
    public const string CriRuntime = "io.containerd.cri.v1.runtime";

    /// <summary>The socket of containerd's API; the kubelet's configuration names it too.</summary>
    public const string Socket = "/run/containerd/containerd.sock";

    /// <summary>The plugin that serves the API on a socket, in schema 4.</summary>
    public const string ServerGrpc = "io.containerd.server.v1.grpc";

    /// <summary>The template in a schema.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="decisions">What follows from configuration and facts.</param>
    public static TreeMap Build(ContainerdSchema schema, NodeDecisions decisions)
    {
        var version = decisions.ContainerdVersion;
        var read = version.Origin.Because($"containerd {version.Value} reads schema {(int)ContainerdSchemas.Newest(version.Value)}");
        var home = Origin.Default("containerd's own default, written down because other files of the node name it");
        var socket = Tree.Map(("address", Tree.Text(Socket, home)));
        var plugins = schema == ContainerdSchema.Two ? Schema2(decisions) : Schema3(decisions);
        var map = Tree.Map(
            ("version", TreeScalar.Of((int)schema, read)),
            ("root", Tree.Text("/var/lib/containerd", home)),
            ("state", Tree.Text("/run/containerd", home)));
        map = schema == ContainerdSchema.Four
            ? map.With("plugins", plugins.With(ServerGrpc, socket))
            : map.With("grpc", socket).With("plugins", plugins);
        return decisions.FastImagePull.Value ? map.With("proxy_plugins", SociSnapshotter.ProxyPlugin(decisions.FastImagePull.Origin)) : map;
    }

    private static TreeMap Schema2(NodeDecisions decisions)
    {
        var cri = Tree.Map(
            ("sandbox_image", Sandbox(decisions)),
            ("enable_cdi", Cdi(decisions)),
            ("containerd", Pulling(decisions)
                .With("default_runtime_name", RuntimeName(decisions))
                .With("runtimes", Runtimes(decisions))),
            ("registry", Registry()),
            ("cni", Cni()));
        return Tree.Map((Cri, cri));
    }

    private static TreeMap Schema3(NodeDecisions decisions)
    {
        var images = Pulling(decisions)
            .With("pinned_images", Tree.Map(("sandbox", Sandbox(decisions))))
            .With("registry", Registry());
        var runtime = Tree.Map(
            ("enable_cdi", Cdi(decisions)),
            ("containerd", Tree.Map(
                ("default_runtime_name", RuntimeName(decisions)),
                ("runtimes", Runtimes(decisions)))),
            ("cni", Cni()));
        return Tree.Map((CriImages, images), (CriRuntime, runtime));
    }

    private static TreeMap Pulling(NodeDecisions decisions)
    {
        var map = Tree.Map(("discard_unpacked_layers", Tree.Bool(true, Origin.Default("saves disk space: unpacked layers are not needed twice"))));
        var soci = decisions.FastImagePull.Origin;
        return decisions.FastImagePull.Value
            ? map.With("snapshotter", Tree.Text(SociSnapshotter.Name, soci)).With("disable_snapshot_annotations", Tree.Bool(false, soci.Because("the SOCI snapshotter reads the annotations")))
            : map;
    }

    private static TreeScalar Sandbox(NodeDecisions decisions) => Tree.Text(decisions.SandboxImage.Value, decisions.SandboxImage.Origin);

    private static TreeScalar Cdi(NodeDecisions decisions)
    {
        var kubelet = decisions.KubeletVersion;
        var enabled = kubelet.Value.AtLeast(1, 32);
        return Tree.Bool(enabled, kubelet.Origin.Because($"CDI devices are on from Kubernetes 1.32, and the kubelet is {kubelet.Value}"));
    }

    private static TreeScalar RuntimeName(NodeDecisions decisions) => Tree.Text(decisions.Runtime.Value.Name, decisions.Runtime.Origin);

    private static TreeMap Runtimes(NodeDecisions decisions)
    {
        var handler = decisions.Runtime;
        var shim = Origin.Default("the one runtime type for runc and what is called like it");
        return Tree.Map((handler.Value.Name, Tree.Map(
            ("runtime_type", Tree.Text("io.containerd.runc.v2", shim)),
            ("base_runtime_spec", Tree.Text(BaseRuntimeSpec.Path, Origin.Default("holds the limits of every container"))),
            ("options", Tree.Map(
                ("BinaryName", Tree.Text(handler.Value.Binary, handler.Origin)),
                ("SystemdCgroup", Tree.Bool(true, Origin.Default("the kubelet's cgroup driver is systemd"))))))));
    }

    private static TreeMap Registry() => Tree.Map(
        ("config_path", Tree.Text("/etc/containerd/certs.d:/etc/docker/certs.d", Origin.Default("where hosts.toml files of registries are looked for"))));

    private static TreeMap Cni() => Tree.Map(
        ("bin_dir", Tree.Text("/opt/cni/bin", Origin.Default("where the node image and the VPC CNI put the plugins"))),
        ("conf_dir", Tree.Text("/etc/cni/net.d", Origin.Default("where the VPC CNI writes its configuration"))));
}
