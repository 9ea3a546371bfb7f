using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Kubelet;

/// <summary>The leaves of an effective configuration with what each replaced.</summary>
internal sealed class EffectiveSettings(
    KubeletInputs inputs, ImmutableArray<KubeletLeaf> leaves, KubeletFieldValue[] values, KubeletFlagFields flags)
{
    /// <summary>All of them, sorted by path; empty lists and maps, which <c>/configz</c> leaves out, are none.</summary>
    public ImmutableArray<EffectiveSetting> All()
    {
        var settings = new List<EffectiveSetting>();
        for (var i = 0; i < leaves.Length; i++)
        {
            switch (values[i].Value)
            {
                case null or TreeList { Items.IsEmpty: true }:
                    break;
                case TreeMap map:
                    foreach (var entry in map.Entries)
                    {
                        settings.Add(Of(leaves[i], values[i].Layer, entry.Key, entry.Value));
                    }

                    break;
                case { } value:
                    settings.Add(Of(leaves[i], values[i].Layer, null, value));
                    break;
            }
        }

        return [.. settings.OrderBy(s => s.Path, StringComparer.Ordinal)];
    }

    private EffectiveSetting Of(KubeletLeaf leaf, SettingLayer layer, string? key, TreeNode value)
    {
        var winner = layer;
        // Of what stands above the winner nothing counts: a later null, or a map that was replaced as a whole, is the winner itself.
        var replaced = new List<LayerValue>();
        foreach (var candidate in Candidates(leaf, key))
        {
            if (candidate.Value.Origin == value.Origin || SamePlace(candidate.Value.Origin, value.Origin))
            {
                winner = candidate.Layer;
                break;
            }

            // A layer that leaves a value as it was did not replace it.
            if (replaced.Count == 0 || replaced[0].Value.Origin != candidate.Value.Origin)
            {
                replaced.Insert(0, candidate);
            }
        }

        return new EffectiveSetting(key is null ? leaf.Path : leaf.Path + "." + key, winner, value, [.. replaced]);
    }

    private static bool SamePlace(Origin a, Origin b) =>
        a.Kind == OriginKind.Configuration && b.Kind == OriginKind.Configuration && a.Line > 0 && a.SourceName == b.SourceName && a.Line == b.Line && a.Column == b.Column;

    // Every layer that has a say, the lowest first.
    private IEnumerable<LayerValue> Candidates(KubeletLeaf leaf, string? key)
    {
        if (leaf.Default.Length > 0)
        {
            var own = KubeletFieldValue.Read(leaf.Type, leaf.Default, Origin.Default("the kubelet's own default"));
            if (Part(own, key) is { } value)
            {
                yield return new LayerValue(SettingLayer.Kubelet, value);
            }
        }

        foreach (var document in (ImmutableArray<TreeMap>)[.. inputs.FileLayers, inputs.File])
        {
            if (Part(KubeletFieldValue.Find(document, leaf.Keys), key) is { } value)
            {
                yield return new LayerValue(SettingLayer.Generated, value);
            }
        }

        foreach (var document in inputs.DropInLayers.IsEmpty ? inputs.DropIns ?? [] : inputs.DropInLayers)
        {
            if (Part(KubeletFieldValue.Find(document, leaf.Keys), key) is { } value)
            {
                yield return new LayerValue(SettingLayer.Configuration, value);
            }
        }

        foreach (var (path, node) in flags.All)
        {
            if (path == leaf.Path && Part(node, key) is { } value)
            {
                yield return new LayerValue(SettingLayer.Flag, value);
            }
        }
    }

    private static TreeNode? Part(TreeNode? node, string? key) => key is null || node is TreeScalar { Kind: ScalarKind.Null } ? node : (node as TreeMap)?[key];
}
