using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Kubelet;

/// <summary>What a kubelet is started with: its own file, drop-ins, arguments.</summary>
public sealed class KubeletInputs
{
    /// <summary>The minor of Kubernetes 1 of the kubelet.</summary>
    public required int Minor { get; init; }

    /// <summary>The document of <c>--config</c>.</summary>
    public required TreeMap File { get; init; }

    /// <summary>What <see cref="File"/> replaced: the same document without its upper layers, lowest first.</summary>
    public ImmutableArray<TreeMap> FileLayers { get; init; } = [];

    /// <summary>The drop-ins of <c>--config-dir</c> in their order; null when there is no such flag.</summary>
    public ImmutableArray<TreeMap>? DropIns { get; init; }

    /// <summary>The documents that the drop-ins were merged from, lowest first; empty: the drop-ins themselves.</summary>
    public ImmutableArray<TreeMap> DropInLayers { get; init; } = [];

    /// <summary>The arguments, as the kubelet gets them.</summary>
    public ImmutableArray<Sourced<string>> Arguments { get; init; } = [];

    /// <summary>What a plan starts the kubelet with; null when the plan has no kubelet.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="minor">The minor of Kubernetes 1 of the kubelet.</param>
    /// <param name="documents">The configurations that were merged, lowest first.</param>
    public static KubeletInputs? Of(Plan plan, int minor, IEnumerable<NodeConfig> documents)
    {
        if (Find(plan, NodePaths.KubeletConfig) is not { Document: { } file } resource)
        {
            return null;
        }

        var layers = new List<TreeMap>();
        foreach (var document in documents)
        {
            if (document.Kubelet.Config is { } config)
            {
                layers.Add(config);
            }
        }

        var dropIn = Find(plan, NodePaths.KubeletUserConfig)?.Document;
        return new KubeletInputs
        {
            Minor = minor,
            File = file,
            FileLayers = dropIn is null ? [.. resource.DocumentLayers, .. layers] : resource.DocumentLayers,
            DropIns = dropIn is null ? null : [dropIn],
            DropInLayers = dropIn is null ? [] : layers.ToImmutable(),
            Arguments = Find(plan, NodePaths.KubeletEnvironment)?.Arguments ?? [],
        };
    }

    private static FileResource? Find(Plan plan, string path) => plan.Find(NodePaths.FileId(path)) as FileResource;
}
