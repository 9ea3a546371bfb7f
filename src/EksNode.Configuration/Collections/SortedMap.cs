using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace EksNode.Configuration.Collections;

/// <summary>
/// A map by text that does not change, in the ordinal order of its keys: what is written of it has the same bytes on every machine. It is one sorted array: the maps
/// of a node have tens of entries.
/// </summary>
/// <remarks><c>ImmutableSortedDictionary</c> carries a tree, its builder, two collections and their enumerators into the executable for every type of value.</remarks>
/// <typeparam name="T">The type of the values.</typeparam>
public sealed class SortedMap<T> : IEnumerable<KeyValuePair<string, T>>
{
    internal static readonly SortedMap<T> None = new([]);

    private readonly KeyValuePair<string, T>[] entries;

    private SortedMap(KeyValuePair<string, T>[] entries) => this.entries = entries;

    /// <summary>How many entries it has.</summary>
    public int Count => entries.Length;

    /// <summary>Whether it has none.</summary>
    public bool IsEmpty => entries.Length == 0;

    /// <summary>The keys, in order.</summary>
    public IEnumerable<string> Keys
    {
        get
        {
            foreach (var entry in entries)
            {
                yield return entry.Key;
            }
        }
    }

    /// <summary>The values, in the order of their keys.</summary>
    public IEnumerable<T> Values
    {
        get
        {
            foreach (var entry in entries)
            {
                yield return entry.Value;
            }
        }
    }

    /// <summary>The value of a key.</summary>
    /// <exception cref="KeyNotFoundException">There is no such key.</exception>
    public T this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException(key);

    /// <summary>Whether it has a key.</summary>
    public bool ContainsKey(string key) => Find(entries, entries.Length, key) >= 0;

    /// <summary>The value of a key, when it has the key.</summary>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out T value)
    {
        var at = Find(entries, entries.Length, key);
        value = at >= 0 ? entries[at].Value : default;
        return at >= 0;
    }

    /// <summary>The value of a key, or the default of its type.</summary>
    public T? GetValueOrDefault(string key) => TryGetValue(key, out var value) ? value : default;

    /// <summary>The map with one entry more.</summary>
    /// <exception cref="ArgumentException">The key is there.</exception>
    public SortedMap<T> Add(string key, T value)
    {
        var builder = ToBuilder();
        builder.Add(key, value);
        return builder.ToImmutable();
    }

    /// <summary>The map with a value for a key, in place of the one that it has.</summary>
    public SortedMap<T> SetItem(string key, T value)
    {
        var builder = ToBuilder();
        builder[key] = value;
        return builder.ToImmutable();
    }

    /// <summary>The map with the entries of another one, which win.</summary>
    public SortedMap<T> With(IEnumerable<KeyValuePair<string, T>> others)
    {
        var builder = ToBuilder();
        foreach (var (key, value) in others)
        {
            builder[key] = value;
        }

        return builder.ToImmutable();
    }

    /// <summary>The map without a key.</summary>
    public SortedMap<T> Remove(string key)
    {
        var builder = ToBuilder();
        builder.Remove(key);
        return builder.ToImmutable();
    }

    /// <summary>A map of the same type without entries.</summary>
    public SortedMap<T> Clear() => None;

    /// <summary>A builder that has its entries.</summary>
    public Builder ToBuilder() => new(entries);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, T>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, T>>)entries).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => entries.GetEnumerator();

    // The index of a key, or the complement of where it belongs.
    private static int Find(KeyValuePair<string, T>[] sorted, int count, string key)
    {
        var (low, high) = (0, count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = string.CompareOrdinal(sorted[middle].Key, key);
            if (order == 0)
            {
                return middle;
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return ~low;
    }

    /// <summary>A map that is being made.</summary>
    public sealed class Builder : IEnumerable<KeyValuePair<string, T>>
    {
        private KeyValuePair<string, T>[] entries;
        private bool isShared = true;

        /// <summary>A builder with the entries of a map.</summary>
        internal Builder(KeyValuePair<string, T>[] entries)
        {
            this.entries = entries;
            Count = entries.Length;
        }

        /// <summary>How many entries it has.</summary>
        public int Count { get; private set; }

        /// <summary>The value of a key.</summary>
        /// <exception cref="KeyNotFoundException">There is no such key.</exception>
        public T this[string key]
        {
            get => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException(key);
            set => Put(key, value, isNew: false);
        }

        /// <summary>Whether it has a key.</summary>
        public bool ContainsKey(string key) => Find(entries, Count, key) >= 0;

        /// <summary>The value of a key, when it has the key.</summary>
        public bool TryGetValue(string key, [MaybeNullWhen(false)] out T value)
        {
            var at = Find(entries, Count, key);
            value = at >= 0 ? entries[at].Value : default;
            return at >= 0;
        }

        /// <summary>The value of a key, or the default of its type.</summary>
        public T? GetValueOrDefault(string key) => TryGetValue(key, out var value) ? value : default;

        /// <summary>The value of a key, or another one.</summary>
        public T GetValueOrDefault(string key, T other) => TryGetValue(key, out var value) ? value : other;

        /// <summary>Adds an entry.</summary>
        /// <exception cref="ArgumentException">The key is there.</exception>
        public void Add(string key, T value) => Put(key, value, isNew: true);

        /// <summary>Adds an entry unless its key is there.</summary>
        /// <returns>Whether it was added.</returns>
        public bool TryAdd(string key, T value)
        {
            if (ContainsKey(key))
            {
                return false;
            }

            Put(key, value, isNew: true);
            return true;
        }

        /// <summary>Removes an entry.</summary>
        /// <returns>Whether it was there.</returns>
        public bool Remove(string key)
        {
            var at = Find(entries, Count, key);
            if (at < 0)
            {
                return false;
            }

            Own(Count);
            Count--;
            Array.Copy(entries, at + 1, entries, at, Count - at);
            entries[Count] = default;
            return true;
        }

        /// <summary>The map. What the builder does afterwards does not change it.</summary>
        public SortedMap<T> ToImmutable()
        {
            if (Count == 0)
            {
                return None;
            }

            if (entries.Length != Count)
            {
                Array.Resize(ref entries, Count);
            }

            isShared = true;
            return new SortedMap<T>(entries);
        }

        /// <inheritdoc/>
        public IEnumerator<KeyValuePair<string, T>> GetEnumerator() => ToImmutable().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        private void Put(string key, T value, bool isNew)
        {
            ArgumentNullException.ThrowIfNull(key);
            var at = Find(entries, Count, key);
            if (at >= 0)
            {
                if (isNew)
                {
                    throw new ArgumentException($"The key {key} is there already.", nameof(key));
                }

                Own(Count);
                entries[at] = new KeyValuePair<string, T>(key, value);
                return;
            }

            Own(Count + 1);
            Array.Copy(entries, ~at, entries, ~at + 1, Count - ~at);
            entries[~at] = new KeyValuePair<string, T>(key, value);
            Count++;
        }

        // Room for so many entries in an array that no map has.
        private void Own(int count)
        {
            if (isShared || count > entries.Length)
            {
                var larger = new KeyValuePair<string, T>[Math.Max(count, count <= entries.Length ? entries.Length : entries.Length * 2)];
                Array.Copy(entries, larger, Count);
                entries = larger;
                isShared = false;
            }
        }
    }
}

/// <summary>Makes maps.</summary>
public static class SortedMap
{
    /// <summary>A map without entries.</summary>
    public static SortedMap<T> Empty<T>() => SortedMap<T>.None;

    /// <summary>A builder without entries.</summary>
    public static SortedMap<T>.Builder CreateBuilder<T>() => SortedMap<T>.None.ToBuilder();
}
