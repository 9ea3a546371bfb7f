using EksNode.Configuration.Documents;

namespace EksNode.Planning.Migration;

/// <summary>What has to be merged over a document to get another one.</summary>
internal static class TreeDifference
{
    /// <summary>The difference; empty when there is none.</summary>
    /// <param name="planned">The document below.</param>
    /// <param name="wanted">The document that is wanted.</param>
    /// <param name="except">Keys at the top that are left out.</param>
    /// <param name="removes">Whether null takes a value away.</param>
    /// <param name="missing">Told the path of a value that is planned and not wanted, where null takes nothing away.</param>
    public static TreeMap Of(TreeMap planned, TreeMap wanted, string[] except, bool removes = true, Action<string>? missing = null) =>
        Of("", planned, wanted, except, removes, missing);

    /// <summary>A document without the values that another one has, too, whatever they are; <c>version</c> stays.</summary>
    /// <param name="document">The document.</param>
    /// <param name="other">The other one.</param>
    public static TreeMap Without(TreeMap document, TreeMap other)
    {
        foreach (var entry in other.Entries)
        {
            if (entry.Value is TreeMap inner && document[entry.Key] is TreeMap before)
            {
                document = document.With(entry.Key, Without(before, inner));
            }
            else if (entry.Key != "version")
            {
                document = document.Without(entry.Key);
            }
        }

        return document;
    }

    private static TreeMap Of(string path, TreeMap planned, TreeMap wanted, string[] except, bool removes, Action<string>? missing)
    {
        var entries = new List<TreeEntry>();
        foreach (var entry in wanted.Entries)
        {
            if (Array.IndexOf(except, entry.Key) >= 0)
            {
                continue;
            }

            if (entry.Value is TreeMap map)
            {
                var below = planned[entry.Key] as TreeMap;
                var inner = Of(path + entry.Key + ".", below ?? new TreeMap([], map.Origin), map, [], removes, missing);
                if (!inner.Entries.IsEmpty || (below is null && planned[entry.Key] is not null))
                {
                    entries.Add(entry with { Value = inner });
                }
            }
            else if (planned[entry.Key] is not { } before || JsonWriter.Write(before, 0) != JsonWriter.Write(entry.Value, 0))
            {
                entries.Add(entry);
            }
        }

        foreach (var entry in planned.Entries)
        {
            if (wanted[entry.Key] is null && Array.IndexOf(except, entry.Key) < 0)
            {
                if (removes)
                {
                    entries.Add(new TreeEntry(entry.Key, wanted.Origin, TreeScalar.Null(wanted.Origin)));
                }
                else
                {
                    missing?.Invoke(path + entry.Key);
                }
            }
        }

        return new TreeMap(entries, wanted.Origin);
    }
}
