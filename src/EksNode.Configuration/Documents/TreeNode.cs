using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Documents;

/// <summary>A node of a document (YAML, JSON or TOML). It is immutable and knows where it came from.</summary>
/// <param name="origin">Where the value stands.</param>
public abstract class TreeNode(Origin origin)
{
    /// <summary>Where the value stands, or what decided it.</summary>
    public Origin Origin { get; } = origin;

    /// <summary>What the node is, for a message: <c>a map</c>, <c>a list</c>, <c>a string</c>, <c>null</c>.</summary>
    public abstract string Describe();
}

/// <summary>A key and its value, and where the key stands.</summary>
/// <param name="Key">The key.</param>
/// <param name="KeyOrigin">Where the key stands.</param>
/// <param name="Value">The value.</param>
public sealed record TreeEntry(string Key, Origin KeyOrigin, TreeNode Value)
{
    /// <summary>Whether YAML reads the key as a boolean or number that looks otherwise (<c>n</c> is <c>false</c>), which was reported.</summary>
    public bool IsNotText { get; init; }
}

/// <summary>A map. Its entries keep the order of the document and their keys are unique.</summary>
public sealed class TreeMap : TreeNode
{
    private readonly Dictionary<string, int> index;

    /// <summary>Creates a map; of two entries with the same key the later one stays, in the place of the first.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="origin">Where the map begins.</param>
    /// <param name="replaces">See <see cref="Replaces"/>.</param>
    public TreeMap(IEnumerable<TreeEntry> entries, Origin origin, bool replaces = false)
        : base(origin)
    {
        var list = new List<TreeEntry>();
        index = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            if (index.TryGetValue(entry.Key, out var at))
            {
                list[at] = entry;
            }
            else
            {
                index.Add(entry.Key, list.Count);
                list.Add(entry);
            }
        }

        Entries = [.. list];
        Replaces = replaces;
    }

    /// <summary>The entries, in the order of the document.</summary>
    public ImmutableArray<TreeEntry> Entries { get; }

    /// <summary>
    /// Whether this map, in a merge, replaces an earlier map instead of being merged into it: it came after a value that was
    /// no map. Without this, merging would not be associative.
    /// </summary>
    public bool Replaces { get; }

    /// <summary>The value of a key, or null when the map lacks it.</summary>
    public TreeNode? this[string key] => index.TryGetValue(key, out var at) ? Entries[at].Value : null;

    /// <summary>The entry of a key, or null when the map lacks it.</summary>
    public TreeEntry? Find(string key) => index.TryGetValue(key, out var at) ? Entries[at] : null;

    /// <summary>The map with the key set (or replaced in place).</summary>
    public TreeMap With(string key, TreeNode value) => new([.. Entries, new TreeEntry(key, value.Origin, value)], Origin, Replaces);

    /// <summary>The map without the key.</summary>
    public TreeMap Without(string key) => new(Entries.Where(e => e.Key != key), Origin, Replaces);

    /// <inheritdoc/>
    public override string Describe() => "a map";
}

/// <summary>A list.</summary>
/// <param name="items">The items.</param>
/// <param name="origin">Where the list begins.</param>
public sealed class TreeList(ImmutableArray<TreeNode> items, Origin origin) : TreeNode(origin)
{
    /// <summary>The items.</summary>
    public ImmutableArray<TreeNode> Items { get; } = items;

    /// <inheritdoc/>
    public override string Describe() => "a list";
}

/// <summary>What a scalar is.</summary>
public enum ScalarKind
{
    /// <summary>No value.</summary>
    Null,

    /// <summary>true or false.</summary>
    Bool,

    /// <summary>An integer of any size.</summary>
    Integer,

    /// <summary>A number with a fraction or an exponent.</summary>
    Float,

    /// <summary>A string.</summary>
    String,

    /// <summary>A TOML date or time; the text is the one of the document.</summary>
    DateTime,
}

/// <summary>A scalar. Numbers keep their text, so that nothing is rounded on the way.</summary>
/// <param name="kind">What it is.</param>
/// <param name="text">
/// The canonical text: the string itself, <c>true</c>/<c>false</c>, a decimal number (an octal or hexadecimal one is
/// converted), <c>null</c>.
/// </param>
/// <param name="origin">Where it stands.</param>
public sealed class TreeScalar(ScalarKind kind, string text, Origin origin) : TreeNode(origin)
{
    /// <summary>What it is.</summary>
    public ScalarKind Kind { get; } = kind;

    /// <summary>The canonical text.</summary>
    public string Text { get; } = text;

    /// <summary>
    /// Where the first line of the text stands, when each line of the text is one line of the source, as in a YAML literal
    /// block (<c>|</c>), or when it is one line without escapes; null otherwise. A position in an embedded document is counted from here.
    /// </summary>
    public Origin? ContentOrigin { get; init; }

    /// <summary>Whether it is a folded block of YAML (<c>&gt;</c>), which makes one line of several.</summary>
    public bool IsFolded { get; init; }

    /// <summary>Where a position in the text stands in the source: exact in a literal block and on one line without escapes, else the scalar's own place.</summary>
    /// <param name="line">The line in the text, from 1.</param>
    /// <param name="column">The column in that line, from 1.</param>
    public Origin PlaceOf(int line, int column) => ContentOrigin is { } first
        ? first with { Line = first.Line + line - 1, Column = first.Column + column - 1 }
        : Origin;

    /// <summary>A string.</summary>
    public static TreeScalar Of(string value, Origin origin) => new(ScalarKind.String, value, origin);

    /// <summary>A boolean.</summary>
    public static TreeScalar Of(bool value, Origin origin) => new(ScalarKind.Bool, value ? "true" : "false", origin);

    /// <summary>An integer.</summary>
    public static TreeScalar Of(long value, Origin origin) =>
        new(ScalarKind.Integer, value.ToString(CultureInfo.InvariantCulture), origin);

    /// <summary>Null.</summary>
    public static TreeScalar Null(Origin origin) => new(ScalarKind.Null, "null", origin);

    /// <inheritdoc/>
    public override string Describe() => Kind switch
    {
        ScalarKind.Null => "null",
        ScalarKind.Bool => "a boolean",
        ScalarKind.Integer => "an integer",
        ScalarKind.Float => "a number",
        ScalarKind.DateTime => "a date",
        _ => "a string",
    };
}
