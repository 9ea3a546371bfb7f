using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Explaining;

/// <summary>The settings that the sources of the configuration have, by the places at which they stand.</summary>
internal sealed class SourceSettings
{
    /// <summary>The setting that names a preset, which decided whatever has a preset as its origin.</summary>
    public const string Preset = "spec.preset";

    private readonly List<(string Path, TreeNode Node)> nodes = [];

    /// <summary>The settings of documents.</summary>
    /// <param name="sources">The documents, lowest first.</param>
    public SourceSettings(ImmutableArray<TreeMap> sources)
    {
        for (var i = sources.Length - 1; i >= 0; i--)
        {
            Add("", sources[i]);
        }
    }

    /// <summary>The setting that stands at a place: <c>spec.maxPods.cap</c>; null: none does, as for facts and defaults.</summary>
    /// <param name="origin">The place.</param>
    public string? PathOf(Origin? origin)
    {
        if (origin?.Kind == OriginKind.Preset)
        {
            return Preset;
        }

        if (origin is not { Kind: OriginKind.Configuration, Line: > 0 })
        {
            return null;
        }

        foreach (var (path, node) in nodes)
        {
            if (node.Origin.Line == origin.Line && node.Origin.Column == origin.Column && node.Origin.SourceName == origin.SourceName)
            {
                return path;
            }
        }

        return null;
    }

    /// <summary>Every value, those of the highest document first: scalars, lists of scalars, and what is empty.</summary>
    public IEnumerable<(string Path, TreeNode Node)> Values()
    {
        foreach (var (path, node) in nodes)
        {
            if (node is TreeScalar or TreeMap { Entries.IsEmpty: true } || (node is TreeList list && !list.Items.Any(i => i is TreeMap)))
            {
                yield return (path, node);
            }
        }
    }

    private void Add(string path, TreeNode node)
    {
        if (path.Length > 0)
        {
            nodes.Add((path, node));
        }

        switch (node)
        {
            case TreeMap map:
                foreach (var entry in map.Entries)
                {
                    Add(SettingPath.Child(path, entry.Key), entry.Value);
                }

                break;
            case TreeList list:
                for (var i = 0; i < list.Items.Length; i++)
                {
                    Add(SettingPath.Item(path, i), list.Items[i]);
                }

                break;
        }
    }
}
