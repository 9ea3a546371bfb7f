namespace EksNode.Planning.Containerd;

/// <summary>What containerd expects at a key.</summary>
public enum ContainerdKeyType
{
    /// <summary>A string.</summary>
    Text,

    /// <summary>An integer.</summary>
    Integer,

    /// <summary>A number with a fraction; schema 3 takes an integer too.</summary>
    Float,

    /// <summary>A boolean.</summary>
    Bool,

    /// <summary>A list of strings.</summary>
    TextList,

    /// <summary>A list of tables.</summary>
    TableList,

    /// <summary>A table whose keys are known.</summary>
    Table,

    /// <summary>A table that takes any key.</summary>
    AnyMap,

    /// <summary>A Go duration; schema 3 takes nanoseconds as an integer too.</summary>
    Duration,

    /// <summary>A Go duration that containerd reads as a string and parses when it starts.</summary>
    DurationText,
}

/// <summary>What the table of keys says of a path.</summary>
public enum ContainerdKeyFinding
{
    /// <summary>The key is known.</summary>
    Known,

    /// <summary>It stands below a table that takes any key.</summary>
    Open,

    /// <summary>A key of the path is not one of its table.</summary>
    Unknown,

    /// <summary>A key on the way holds a value, not a table.</summary>
    NotATable,
}

/// <summary>The answer for one path.</summary>
/// <param name="Finding">What the table says.</param>
/// <param name="Depth">The index of the key that the answer is about: the unknown key, or the one that is no table.</param>
/// <param name="Type">The type of the key that the answer is about; null when it is unknown.</param>
/// <param name="Siblings">For an unknown key: the names that its table knows.</param>
public sealed record ContainerdKeyAnswer(
    ContainerdKeyFinding Finding, int Depth, ContainerdKeyType? Type, IEnumerable<string> Siblings);

/// <summary>The keys of containerd's configuration, from <c>data/containerd-config-keys.tsv</c>.</summary>
public static class ContainerdKeys
{
    private static readonly Lazy<(PathTree<Key> Two, PathTree<Key> Three)> Tables = new(Read);

    /// <summary>What schema 2 or 3 says of a path. Schema 4 is answered as schema 3.</summary>
    public static ContainerdKeyAnswer Ask(ContainerdSchema schema, IReadOnlyList<string> path)
    {
        var node = schema == ContainerdSchema.Two ? Tables.Value.Two : Tables.Value.Three;
        var type = ContainerdKeyType.Table;
        for (var i = 0; i < path.Count; i++)
        {
            if (node.Child(path[i]) is not { } next)
            {
                return type switch
                {
                    ContainerdKeyType.AnyMap => new(ContainerdKeyFinding.Open, i, null, []),
                    ContainerdKeyType.Table => new(ContainerdKeyFinding.Unknown, i, null, node.Names),
                    _ => new(ContainerdKeyFinding.NotATable, i - 1, type, []),
                };
            }

            node = next;
            type = node.Value?.Type ?? ContainerdKeyType.Table;
        }

        return new(ContainerdKeyFinding.Known, path.Count - 1, type, []);
    }

    private static (PathTree<Key> Two, PathTree<Key> Three) Read()
    {
        var (two, three) = (new PathTree<Key>(), new PathTree<Key>());
        foreach (var row in DataTable.Rows("containerd-config-keys.tsv"))
        {
            (row[0] == "2" ? two : three).Add(TomlPath.Parse(row[1]), new Key(Type(row[2])));
        }

        return (two, three);
    }

    private static ContainerdKeyType Type(string name) => name switch
    {
        "str" => ContainerdKeyType.Text,
        "int" => ContainerdKeyType.Integer,
        "float" => ContainerdKeyType.Float,
        "bool" => ContainerdKeyType.Bool,
        "list" => ContainerdKeyType.TextList,
        "tables" => ContainerdKeyType.TableList,
        "table" => ContainerdKeyType.Table,
        "map" => ContainerdKeyType.AnyMap,
        "duration" => ContainerdKeyType.Duration,
        "durationText" => ContainerdKeyType.DurationText,
        _ => throw new InvalidOperationException($"The table of containerd's keys has an unknown type {name}."),
    };

    private sealed record Key(ContainerdKeyType Type);
}
