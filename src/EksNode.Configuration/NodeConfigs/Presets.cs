using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>
/// Named sets of settings: <c>data/presets.tsv</c>. A preset is a configuration below all others, the defaults of the image included, so that every
/// one of its values can be set otherwise.
/// </summary>
public static class Presets
{
    /// <summary>The word for no preset, with which a configuration takes back that of the image.</summary>
    public const string None = "none";

    /// <summary>The words that <c>spec.preset</c> may be.</summary>
    public static WordList<string> Words { get; } = WordList.Of("batch", "dense", "ml", None);

    /// <summary>The configuration of a preset, of which a test finds nothing wrong; an empty one for <see cref="None"/>.</summary>
    /// <param name="name">One of <see cref="Words"/>.</param>
    public static NodeConfig Of(string name) =>
        DocumentOf(name) is { } document ? NodeConfigReader.Read(document, new DiagnosticBag()) : NodeConfig.Empty;

    /// <summary>The same as a document; null for <see cref="None"/>.</summary>
    /// <param name="name">One of <see cref="Words"/>.</param>
    public static TreeMap? DocumentOf(string name)
    {
        var entries = new List<TreeEntry>();
        foreach (var row in DataTable.Rows("presets.tsv"))
        {
            if (row[0] == name)
            {
                var origin = Origin.Preset(name, row[3]);
                Add(entries, row[1].Split('/'), Scalar(row[2], origin), origin);
            }
        }

        return entries.Count == 0 ? null : new TreeMap(entries, Origin.Preset(name, ""));
    }

    private static void Add(List<TreeEntry> entries, ReadOnlySpan<string> path, TreeScalar value, Origin origin)
    {
        if (path.Length == 1)
        {
            entries.Add(new TreeEntry(path[0], origin, value));
            return;
        }

        var below = new List<TreeEntry>();
        var at = -1;
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i].Key == path[0] && entries[i].Value is TreeMap map)
            {
                at = i;
                below.AddRange(map.Entries);
            }
        }

        Add(below, path[1..], value, origin);
        var entry = new TreeEntry(path[0], origin, new TreeMap(below, origin));
        if (at < 0)
        {
            entries.Add(entry);
        }
        else
        {
            entries[at] = entry;
        }
    }

    private static TreeScalar Scalar(string text, Origin origin) =>
        text is "true" or "false" ? TreeScalar.Of(text == "true", origin)
        : long.TryParse(text, out var number) ? TreeScalar.Of(number, origin)
        : TreeScalar.Of(text, origin);
}
