using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Planning.Plans;

namespace EksNode.DropIns.Nodeadm;

/// <summary>
/// The file of <c>--config-cache</c>: the configuration of the last run and what it found out about the instance. It serves the second of the
/// two runs of a boot: with the same configuration EC2 is not asked again, with another one the files are written again.
/// </summary>
/// <remarks>
/// <c>{"metadata":…,"spec":…,"status":…}</c>, as nodeadm writes it, so that either program reads the other's. Two things differ: configurations
/// are compared by what they say and not byte by byte, and the file is for root alone, since a configuration can hold credentials.
/// </remarks>
internal sealed class NodeadmCache : INodeMemory
{
    // The pause image that EKS-optimized images carry; nodeadm fills it in for every node.
    private const string SandboxImage = "localhost/kubernetes/pause:latest";

    private readonly string spec;
    private readonly TreeMap? status;
    private readonly string? thisInstance;

    private NodeadmCache(NodeConfig config, TreeMap? status, string? thisInstance)
    {
        Configuration = config;
        spec = Canonical(config);
        this.status = status;
        this.thisInstance = thisInstance;
    }

    /// <inheritdoc/>
    public NodeConfig Configuration { get; }

    /// <summary>Reads it; null when it is not there or cannot be read, which is a warning.</summary>
    /// <param name="root">The root of the machine.</param>
    /// <param name="path">The absolute path inside the root.</param>
    /// <param name="diagnostics">Takes the warning.</param>
    public static NodeadmCache? Load(HostRoot root, string path, DiagnosticBag diagnostics)
    {
        var bag = new DiagnosticBag();
        try
        {
            if (root.ReadFile(path) is not { } bytes)
            {
                return null;
            }

            var document = JsonReader.Read(Encoding.UTF8.GetString(bytes), path, 0, bag);
            // The file has no version; eksnode's own has all settings of the other.
            if (document is TreeMap map && map["spec"] is TreeMap
                && NodeConfigReader.Read(map.With("apiVersion", Leaf(NodeConfigReader.ApiVersions[1])), bag) is var config && !bag.HasErrors)
            {
                return new NodeadmCache(config, map["status"] as TreeMap, InstanceOf(root));
            }

            Report(bag.Items.FirstOrDefault(d => d.Severity == Severity.Error)?.Message ?? "it holds no configuration.");
        }
        catch (DiagnosticException failure)
        {
            Report(failure.Diagnostic.Message);
        }

        return null;

        void Report(string why) => diagnostics.Report(
            DiagnosticCatalogue.ConfigCacheUnreadable,
            $"The configuration cache {path} cannot be used: {why}",
            "Nothing is to be done: the sources are read, and the file is written again.",
            path: path);
    }

    /// <summary>Whether a configuration says the same.</summary>
    /// <param name="config">The configuration.</param>
    public bool Says(NodeConfig config) => Canonical(config) == spec;

    /// <inheritdoc/>
    /// <remarks>
    /// The path of the file is the caller's: it may be on a disk that became another instance's. What the machine says of itself must agree.
    /// </remarks>
    public string? PrivateDnsNameFor(NodeConfig config) =>
        status?["instance"] is TreeMap instance
        && thisInstance is not null
        && Text(instance, "id") == thisInstance
        && Says(config)
            ? Text(instance, "privateDnsName")
            : null;

    /// <summary>Writes it for the next run. A failure is a warning.</summary>
    /// <param name="root">The root of the machine.</param>
    /// <param name="path">The absolute path inside the root.</param>
    /// <param name="view">What this run read.</param>
    /// <param name="diagnostics">Takes the warning.</param>
    public static void Save(HostRoot root, string path, NodeView view, DiagnosticBag diagnostics)
    {
        try
        {
            var writing = new FileTransaction(root);
            writing.Write(path, Encoding.UTF8.GetBytes(Content(view)), FileModes.Secret);
            writing.Stage();
            writing.Commit();
        }
        catch (DiagnosticException failure)
        {
            diagnostics.Report(
                DiagnosticCatalogue.ConfigCacheUnwritable,
                $"The configuration cache cannot be written: {failure.Diagnostic.Message}",
                "The node is configured all the same; the next run reads everything anew.",
                path: path);
        }
    }

    private static string Canonical(NodeConfig config) => JsonWriter.Write(NodeConfigWriter.Spec(config), indent: 0);

    // The asset tag of a Nitro instance is its id: EC2 user guide, "Determine whether a system is an EC2 instance".
    private static string? InstanceOf(HostRoot root) =>
        root.ReadFile("/sys/class/dmi/id/board_asset_tag") is { } bytes ? Encoding.UTF8.GetString(bytes).Trim() : null;

    private static string Content(NodeView view)
    {
        var instance = view.Facts.Instance;
        var known = new (string Key, string? Value)[]
        {
            ("id", instance.Id), ("region", instance.Region), ("type", instance.Type), ("availabilityZone", instance.AvailabilityZone),
            ("mac", instance.Mac), ("privateDnsName", instance.PrivateDnsName),
        };
        var status = Map(
            ("default", Map(("sandboxImage", Leaf(SandboxImage)))),
            ("instance", Map([.. known.Where(k => k.Value is not null).Select(k => (k.Key, (TreeNode)Leaf(k.Value!)))])),
            ("kubeletVersion", Leaf("v" + view.Facts.Image.KubeletVersion)));
        return JsonWriter.Write(
            Map(("metadata", view.Config.Metadata ?? Map()), ("spec", NodeConfigWriter.Spec(view.Config)), ("status", status)), indent: 0);
    }

    private static string? Text(TreeMap map, string key) => map[key] is TreeScalar { Kind: ScalarKind.String, Text: { Length: > 0 } text } ? text : null;

    private static TreeScalar Leaf(string text) => TreeScalar.Of(text, Origin.Default("this run"));

    private static TreeMap Map(params ReadOnlySpan<(string Key, TreeNode Value)> entries)
    {
        var list = new List<TreeEntry>();
        foreach (var (key, value) in entries)
        {
            list.Add(new TreeEntry(key, value.Origin, value));
        }

        return new TreeMap(list, Origin.Default("this run"));
    }
}
