using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Containerd;

/// <summary>
/// The SOCI snapshotter in parallel pull mode (<c>FastImagePull</c>): its configuration, the plugin entry that makes it known to
/// containerd, and the drop-in that starts it first.
/// </summary>
/// <remarks>Source: the values of an EKS-optimized AL2023 image.</remarks>
internal static class SociSnapshotter
{
    /// <summary>The snapshotter's name in containerd's configuration.</summary>
    public const string Name = "soci";

    /// <summary>Its unit.</summary>
    public const string Unit = "soci-snapshotter.service";

    /// <summary>Its configuration.</summary>
    public const string ConfigPath = "/etc/soci-snapshotter-grpc/config.toml";

    /// <summary>The drop-in of containerd's unit.</summary>
    public const string DropInPath = "/etc/systemd/system/containerd.service.d/10-soci-snapshotter.conf";

    private const string Socket = "/run/soci-snapshotter-grpc/soci-snapshotter-grpc.sock";
    private const string Root = "/var/lib/soci-snapshotter-grpc";

    /// <summary><c>proxy_plugins</c> of containerd's configuration.</summary>
    /// <param name="decided">What decided that the snapshotter is used.</param>
    public static TreeMap ProxyPlugin(Origin decided) => Tree.Map((Name, Tree.Map(
        ("type", Tree.Text("snapshot", decided)),
        ("address", Tree.Text(Socket, decided)),
        ("exports", Tree.Map(("root", Tree.Text(Root, decided)))))));

    /// <summary>The configuration of the snapshotter.</summary>
    public static TreeMap Config()
    {
        var tuned = Origin.Default("the parallel pull values of EKS-optimized images");
        var soci = Origin.Default("the snapshotter works on containerd's own content");
        return Tree.Map(
            ("debug", Tree.Bool(false, Origin.Default("logs what matters only"))),
            ("content_store", Tree.Map(("type", Tree.Text("containerd", soci)))),
            ("cri_keychain", Tree.Map(
                ("enable_keychain", Tree.Bool(true, Origin.Default("credentials reach it with the kubelet's pull requests"))),
                ("image_service_path", Tree.Text(ContainerdTemplate.Socket, soci)))),
            ("pull_modes", Tree.Map(("parallel_pull_unpack", Tree.Map(
                ("enable", Tree.Bool(true, tuned)),
                ("concurrent_download_chunk_size", Tree.Text("16mb", tuned)),
                ("discard_unpacked_layers", Tree.Bool(true, tuned)),
                ("max_concurrent_downloads", Tree.Number(-1, tuned)),
                ("max_concurrent_downloads_per_image", Tree.Number(20, tuned)),
                ("max_concurrent_unpacks", Tree.Number(-1, tuned)),
                ("max_concurrent_unpacks_per_image", Tree.Number(12, tuned)),
                ("decompress_streams", Tree.Map(("gzip", Tree.Map(
                    ("path", Tree.Text("/usr/bin/unpigz", tuned)),
                    ("args", Tree.Texts(tuned, "-d", "-c")))))))))));
    }

    /// <summary>The drop-in: containerd needs the snapshotter's socket when it starts.</summary>
    /// <param name="decided">What decided that the snapshotter is used.</param>
    public static FileResource DropIn(Origin decided) => new()
    {
        Path = DropInPath,
        Content = [.. Encoding.UTF8.GetBytes($"[Unit]\nRequires={Unit}\nAfter={Unit}\n")],
        Restarts = [ContainerdComponent.Unit],
        Reasons =
        [
            new Reason("containerd.service.Requires", Unit, decided),
            new Reason("containerd.service.After", Unit, decided),
        ],
    };
}
