using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>The merged configuration as a document of which every value knows the line that it comes from.</summary>
public static class NodeConfigOrigins
{
    private static readonly string[] Flags = ["spec", "kubelet", "flags"];

    /// <summary>The document.</summary>
    /// <param name="config">The merged configuration.</param>
    /// <param name="documents">The documents that it was merged from, lowest first.</param>
    public static TreeMap Document(NodeConfig config, ImmutableArray<TreeMap> documents) =>
        (TreeMap)Of(NodeConfigWriter.Document(config), [], config, documents);

    /// <summary>The origin of every value by its path, in the order of the document: of TOML, of every value in it.</summary>
    /// <param name="config">The merged configuration.</param>
    /// <param name="document">What <see cref="Document"/> gave.</param>
    public static ImmutableArray<Sourced<string>> All(NodeConfig config, TreeMap document)
    {
        var all = new List<Sourced<string>>();
        Add("", document);
        return all.ToImmutable();

        void Add(string path, TreeNode node)
        {
            switch (node)
            {
                case TreeMap { Entries.IsEmpty: false } map:
                    foreach (var entry in map.Entries)
                    {
                        Add(path.Length == 0 ? entry.Key : SettingPath.Child(path, entry.Key), entry.Value);
                    }

                    break;
                case TreeList { Items.IsEmpty: false } list:
                    for (var i = 0; i < list.Items.Length; i++)
                    {
                        Add(SettingPath.Item(path, i), list.Items[i]);
                    }

                    break;
                case TreeScalar when path == "spec.containerd.config" && config.Containerd.Config is { } toml:
                    Add(path, toml);
                    break;
                default:
                    all.Add(new Sourced<string>(path, node.Origin));
                    break;
            }
        }
    }

    private static TreeNode Of(TreeNode node, string[] path, NodeConfig config, ImmutableArray<TreeMap> documents)
    {
        switch (node)
        {
            case TreeMap { Entries.IsEmpty: false } map:
                var entries = new List<TreeEntry>();
                foreach (var entry in map.Entries)
                {
                    entries.Add(entry with { Value = Of(entry.Value, [.. path, entry.Key], config, documents) });
                }

                return new TreeMap(entries, map.Origin);
            case TreeList { Items.IsEmpty: false } list:
                var items = new List<TreeNode>();
                var isFlags = path.AsSpan().SequenceEqual(Flags);
                for (var i = 0; i < list.Items.Length; i++)
                {
                    items.Add(isFlags
                        ? TreeScalar.Of(config.Kubelet.Flags[i].Value, config.Kubelet.Flags[i].Origin)
                        : Of(list.Items[i], [.. path, i.ToString(CultureInfo.InvariantCulture)], config, documents));
                }

                return new TreeList(items.ToImmutable(), list.Origin);
            case TreeScalar scalar:
                return new TreeScalar(scalar.Kind, scalar.Text, Find(path, documents) ?? (path[^1] == "fsType" ? Origin.Default("what a volume has unless `fsType` says otherwise") : scalar.Origin));
            default:
                return node;
        }
    }

    // The highest document that sets it; an empty value sets nothing, but for in embedded documents, where it is written as well.
    private static Origin? Find(string[] path, ImmutableArray<TreeMap> documents)
    {
        for (var i = documents.Length - 1; i >= 0; i--)
        {
            TreeNode? node = documents[i];
            foreach (var key in path)
            {
                node = node switch
                {
                    // One number is both limits, and the whole of `maxPods`; of a limit with one of the two, the other follows from it.
                    TreeScalar both when key is "soft" or "hard" or "value" => both,
                    TreeMap map when key is "soft" or "hard" && path is ["spec", "limits", "rlimits", ..] => map[key] ?? map["soft"] ?? map["hard"],
                    TreeMap map => map[key],
                    TreeList list when int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < list.Items.Length => list.Items[at],
                    _ => null,
                };
            }

            if (node is not (null or TreeScalar { Kind: ScalarKind.Null } or TreeScalar { Kind: ScalarKind.String, Text: "" })
                || (node is not null && path is ["spec", "kubelet", "config", ..]))
            {
                return node.Origin;
            }
        }

        return null;
    }
}
