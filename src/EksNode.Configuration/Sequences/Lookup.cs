using System.Collections;

namespace EksNode.Configuration.Sequences;

/// <summary>The values of each key, in the order in which they came.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed class Lookup<TKey, TValue>(IEqualityComparer<TKey>? comparer) : IEnumerable<Group<TKey, TValue>>
    where TKey : notnull
{
    private readonly Dictionary<TKey, Group<TKey, TValue>> byKey = new(comparer);
    private readonly List<Group<TKey, TValue>> groups = [];

    /// <summary>The values of a key; none when it has none.</summary>
    public IEnumerable<TValue> this[TKey key] => byKey.TryGetValue(key, out var group) ? group : [];

    /// <summary>Whether a key has values.</summary>
    public bool Contains(TKey key) => byKey.ContainsKey(key);

    /// <inheritdoc/>
    public IEnumerator<Group<TKey, TValue>> GetEnumerator() => groups.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal void Add(TKey key, TValue value)
    {
        if (!byKey.TryGetValue(key, out var group))
        {
            groups.Add(group = new Group<TKey, TValue>(key));
            byKey.Add(key, group);
        }

        group.Add(value);
    }
}

/// <summary>The values of one key.</summary>
/// <param name="key">The key.</param>
/// <typeparam name="TKey">The type of the key.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed class Group<TKey, TValue>(TKey key) : IEnumerable<TValue>
{
    private readonly List<TValue> values = [];

    /// <summary>The key.</summary>
    public TKey Key => key;

    /// <inheritdoc/>
    public IEnumerator<TValue> GetEnumerator() => values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal void Add(TValue value) => values.Add(value);
}
