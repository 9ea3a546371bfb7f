using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Planning.Containerd;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Explaining;

/// <summary>What a setting of containerd replaced.</summary>
internal static class ExplainedContainerd
{
    /// <summary>The values of the user's lower documents and of eksnode's own configuration, the highest first.</summary>
    public static ImmutableArray<ReplacedValue> Replaced(Reason reason, FileResource file, ImmutableArray<NodeConfig> documents)
    {
        var replaced = new List<ReplacedValue>();
        foreach (var layer in file.DocumentLayers)
        {
            Add(layer, "eksnode");
        }

        foreach (var document in documents)
        {
            if (document.Containerd.Config is { } config)
            {
                Add(config, "configuration");
            }
        }

        replaced.Reverse();
        return [.. replaced];

        void Add(TreeMap document, string layer)
        {
            foreach (var found in TreeReasons.Of("containerd", document))
            {
                if (found.Setting == reason.Setting && found.Origin != reason.Origin)
                {
                    replaced.Add(new ReplacedValue(layer, found.Value, found.Origin));
                }
            }
        }
    }
}
