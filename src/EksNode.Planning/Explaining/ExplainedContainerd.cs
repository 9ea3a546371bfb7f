using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Containerd;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Explaining;

/// <summary>What a setting of containerd replaced, and the settings that nobody wrote.</summary>
internal sealed class ExplainedContainerd
{
    private const string Prefix = "containerd.";

    // Old places, of which some moved only with 2.1, are those of the newest release that the table knows.
    private static readonly SemanticVersion Newest = ContainerdSchemas.NewestKnown;

    private readonly FileResource file;
    private readonly ContainerdSchema schema;
    private readonly Origin own;
    private readonly List<TreeMap> layers = [];
    private readonly List<(ImmutableArray<string> Keys, string Type, string Default)> rows = [];
    private readonly Dictionary<string, string> others = new(StringComparer.Ordinal);

    /// <summary>What is known of containerd's configuration.</summary>
    /// <param name="file">The planned file.</param>
    /// <param name="documents">The configurations that were merged, lowest first.</param>
    public ExplainedContainerd(FileResource file, ImmutableArray<NodeConfig> documents)
    {
        this.file = file;
        schema = file.Document?["version"] is TreeScalar { Text: "2" } ? ContainerdSchema.Two : ContainerdSchema.Three;
        own = Origin.Default(schema == ContainerdSchema.Two ? "containerd's own default, as of 1.7" : "containerd's own default, as of 2.1");
        foreach (var document in documents)
        {
            if (document.Containerd.Config is { } config)
            {
                layers.Add(InSchema(config));
            }
        }

        foreach (var row in DataTable.Rows("containerd-config-keys.tsv"))
        {
            var keys = TomlPath.Parse(row[1]);
            if ((row[0] == "2") == (schema == ContainerdSchema.Two))
            {
                rows.Add((keys, row[2], row[3]));
            }
            else if (!keys.Contains("*") && row[2] is not ("table" or "map"))
            {
                var leaf = TreeLeaves.Add(new TreeMap([], own), keys.AsSpan(), own, TreeScalar.Of("", own))!;
                foreach (var moved in TreeLeaves.Of(InSchema(leaf)))
                {
                    others.TryAdd(Prefix + TomlPath.Format(moved.Path), Prefix + TomlPath.Format(keys));
                }
            }
        }
    }

    /// <summary>The name that a setting has in the schema that this containerd does not speak; none where it is the same.</summary>
    /// <param name="name">Its name in the one that it does.</param>
    public ImmutableArray<string> OtherNames(string name) => others.TryGetValue(name, out var other) && other != name ? [other] : [];

    /// <summary>The values of the user's lower documents, of eksnode's own configuration and of containerd, the highest first.</summary>
    /// <param name="reason">Why it has the value that it has.</param>
    public ImmutableArray<ReplacedValue> Replaced(Reason reason)
    {
        var replaced = new List<ReplacedValue>();
        var keys = TomlPath.Parse(reason.Setting[Prefix.Length..]);
        foreach (var (row, _, value) in rows)
        {
            if (value.Length > 0 && Fits(row, keys))
            {
                replaced.Add(new ReplacedValue("containerd", Shown(value), own));
            }
        }

        foreach (var layer in file.DocumentLayers)
        {
            Add(layer, "eksnode");
        }

        foreach (var layer in layers)
        {
            Add(layer, "configuration");
        }

        return [.. Sequence.Reverse(replaced)];

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

    /// <summary>The settings of the schema that the planned file has no value for, each with containerd's own.</summary>
    public IEnumerable<Explanation> Unset()
    {
        foreach (var (row, type, value) in rows)
        {
            if (type == "table")
            {
                continue;
            }

            foreach (var keys in Spelled(row, file.Document!))
            {
                if (TreeLeaves.Find(file.Document!, [.. keys]) is null)
                {
                    var name = Prefix + TomlPath.Format(keys);
                    yield return new Explanation
                    {
                        Target = name,
                        Names = OtherNames(name),
                        Kind = "setting",
                        Value = value.Length > 0 ? Shown(value) : null,
                        Origin = value.Length > 0 ? own : null,
                        Layer = "containerd",
                        Change = "spec.containerd.config",
                        OtherSettings = ["spec.containerd.config"],
                        IsListed = false,
                    };
                }
            }
        }
    }

    private TreeMap InSchema(TreeMap config) =>
        (schema == ContainerdSchema.Two ? ContainerdConversion.ToSchema2(config) : ContainerdConversion.ToSchema3(config, Newest)).Tree;

    // A `*` stands for the keys that the document has there.
    private static List<ImmutableArray<string>> Spelled(ImmutableArray<string> row, TreeMap document)
    {
        var at = row.AsSpan().IndexOf("*");
        if (at < 0)
        {
            return [row];
        }

        var all = new List<ImmutableArray<string>>();
        foreach (var entry in (TreeLeaves.Find(document, [.. row[..at]]) as TreeMap)?.Entries ?? [])
        {
            all.Add([.. row[..at], entry.Key, .. row[(at + 1)..]]);
        }

        return all;
    }

    private static bool Fits(ImmutableArray<string> row, ImmutableArray<string> keys)
    {
        if (row.Length != keys.Length)
        {
            return false;
        }

        for (var i = 0; i < row.Length; i++)
        {
            if (row[i] != "*" && row[i] != keys[i])
            {
                return false;
            }
        }

        return true;
    }

    // The table has values as TOML writes them.
    private static string Shown(string value) => value is ['"', _, .., '"'] ? value[1..^1] : value;
}
