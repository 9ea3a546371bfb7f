using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace EksNode.Configuration.Sequences;

public static partial class Sequence
{
    /// <summary>A list of the items.</summary>
    public static List<T> ToList<T>(this IEnumerable<T> source) =>
        new(source);

    /// <summary>An array of the items.</summary>
    public static T[] ToArray<T>(this IEnumerable<T> source)
    {
        if (source is not ICollection<T> collection)
        {
            return source.ToList().ToArray();
        }

        var items = new T[collection.Count];
        collection.CopyTo(items, 0);
        return items;
    }

    /// <summary>
    /// An immutable array of what the list holds now. A list takes the place of <c>ImmutableArray.Builder</c>, which would be
    /// another dozen classes for each type that one is made of.
    /// </summary>
    public static ImmutableArray<T> ToImmutable<T>(this List<T> source) =>
        ImmutableCollectionsMarshal.AsImmutableArray(source.ToArray());

    /// <summary>A set of the items.</summary>
    public static HashSet<T> ToHashSet<T>(this IEnumerable<T> source, IEqualityComparer<T>? comparer = null) =>
        new(source, comparer);

    /// <summary>The items by their keys; two of one key are an error.</summary>
    public static Dictionary<TKey, T> ToDictionary<T, TKey>(this IEnumerable<T> source, Func<T, TKey> key, IEqualityComparer<TKey>? comparer = null)
        where TKey : notnull =>
        source.ToDictionary(key, item => item, comparer);

    /// <summary>The values by their keys; two of one key are an error.</summary>
    public static Dictionary<TKey, TValue> ToDictionary<T, TKey, TValue>(
        this IEnumerable<T> source, Func<T, TKey> key, Func<T, TValue> value, IEqualityComparer<TKey>? comparer = null)
        where TKey : notnull
    {
        var dictionary = new Dictionary<TKey, TValue>(comparer);
        foreach (var item in source)
        {
            dictionary.Add(key(item), value(item));
        }

        return dictionary;
    }

    /// <summary>The items with each key, in the order of the keys' first items.</summary>
    public static IEnumerable<Group<TKey, T>> GroupBy<T, TKey>(this IEnumerable<T> source, Func<T, TKey> key, IEqualityComparer<TKey>? comparer = null)
        where TKey : notnull =>
        source.ToLookup(key, comparer);

    /// <summary>The items of each key.</summary>
    public static Lookup<TKey, T> ToLookup<T, TKey>(this IEnumerable<T> source, Func<T, TKey> key, IEqualityComparer<TKey>? comparer = null)
        where TKey : notnull =>
        source.ToLookup(key, item => item, comparer);

    /// <summary>The values of each key.</summary>
    public static Lookup<TKey, TValue> ToLookup<T, TKey, TValue>(
        this IEnumerable<T> source, Func<T, TKey> key, Func<T, TValue> value, IEqualityComparer<TKey>? comparer = null)
        where TKey : notnull
    {
        var lookup = new Lookup<TKey, TValue>(comparer);
        foreach (var item in source)
        {
            lookup.Add(key(item), value(item));
        }

        return lookup;
    }

    /// <summary>The items in their order.</summary>
    public static Ordered<T> Order<T>(this IEnumerable<T> source, IComparer<T>? comparer = null) =>
        new(source, (comparer ?? Comparer<T>.Default).Compare);

    /// <summary>The items in the order of their keys; those of equal keys as they stood.</summary>
    public static Ordered<T> OrderBy<T, TKey>(this IEnumerable<T> source, Func<T, TKey> key, IComparer<TKey>? comparer = null) =>
        new(source, By(key, comparer));

    /// <summary>The items in the opposite order of their keys; those of equal keys as they stood.</summary>
    public static Ordered<T> OrderByDescending<T, TKey>(this IEnumerable<T> source, Func<T, TKey> key, IComparer<TKey>? comparer = null) =>
        new(source, Opposite(By(key, comparer)));

    /// <summary>Orders those further that are equal so far.</summary>
    public static Ordered<T> ThenBy<T, TKey>(this Ordered<T> source, Func<T, TKey> key, IComparer<TKey>? comparer = null) =>
        source.Then(By(key, comparer));

    /// <summary>Orders those further that are equal so far, in the opposite order.</summary>
    public static Ordered<T> ThenByDescending<T, TKey>(this Ordered<T> source, Func<T, TKey> key, IComparer<TKey>? comparer = null) =>
        source.Then(Opposite(By(key, comparer)));

    /// <summary>
    /// Puts a list in order, those that are equal as they stood. <c>List.Sort</c> would be half a dozen classes more for every type
    /// that a list is made of.
    /// </summary>
    public static void OrderInPlace<T>(this List<T> items, Comparison<T> comparison)
    {
        var ordered = new Ordered<T>(items, comparison).ToList();
        items.Clear();
        items.AddRange(ordered);
    }

    private static Comparison<T> By<T, TKey>(Func<T, TKey> key, IComparer<TKey>? comparer)
    {
        comparer ??= Comparer<TKey>.Default;
        return (a, b) => comparer.Compare(key(a), key(b));
    }

    private static Comparison<T> Opposite<T>(Comparison<T> comparison) => (a, b) => comparison(b, a);
}
