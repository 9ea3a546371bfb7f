using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Plans;

/// <summary>Builds a map in the order in which it is written; every value has its reason.</summary>
public sealed class Entries
{
    private readonly List<TreeEntry> entries = [];

    /// <summary>A string that is a default of eksnode.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="because">Why it is the default, as a clause.</param>
    public Entries Add(string key, string value, string because) => Add(key, TreeScalar.Of(value, Origin.Default(because)));

    /// <summary>A boolean that is a default of eksnode.</summary>
    /// <inheritdoc cref="Add(string, string, string)"/>
    public Entries Add(string key, bool value, string because) => Add(key, TreeScalar.Of(value, Origin.Default(because)));

    /// <summary>A map.</summary>
    /// <param name="key">The key.</param>
    /// <param name="map">Its entries.</param>
    public Entries Add(string key, Entries map) => Add(key, map.ToMap());

    /// <summary>Any value, with the origin that it has.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    public Entries Add(string key, TreeNode value)
    {
        entries.Add(new TreeEntry(key, value.Origin, value));
        return this;
    }

    /// <summary>All entries of another map.</summary>
    /// <param name="others">The entries.</param>
    public Entries AddAll(Entries others)
    {
        entries.AddRange(others.entries);
        return this;
    }

    /// <summary>The map.</summary>
    public TreeMap ToMap() => new(entries, Origin.Default("generated"));

    /// <summary>The document with a value: one that is there is replaced in its place, another one comes after the last key that sorts before it.</summary>
    /// <param name="document">The document.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    public static TreeMap Insert(TreeMap document, string key, TreeNode value)
    {
        if (document.Find(key) is not null)
        {
            return document.With(key, value);
        }

        var at = document.Entries.Length;
        while (at > 0 && string.CompareOrdinal(document.Entries[at - 1].Key, key) > 0)
        {
            at--;
        }

        return new TreeMap([.. document.Entries[..at], new TreeEntry(key, value.Origin, value), .. document.Entries[at..]], document.Origin);
    }
}
