namespace EksNode.Configuration.Sequences;

/// <summary>
/// The methods of <c>System.Linq</c> that the product uses, by their names and with their meaning. System.Linq has up to a dozen
/// classes of twenty methods for each pair of types, which make its queries fast and the executable large; here each method is
/// one short iterator. The methods of this file are lazy: they go through the sequence when their result is gone through.
/// </summary>
public static partial class Sequence
{
    /// <summary>The results of a function.</summary>
    public static IEnumerable<TResult> Select<T, TResult>(this IEnumerable<T> source, Func<T, TResult> selector)
    {
        foreach (var item in source)
        {
            yield return selector(item);
        }
    }

    /// <summary>The results of a function of the items and their positions.</summary>
    public static IEnumerable<TResult> Select<T, TResult>(this IEnumerable<T> source, Func<T, int, TResult> selector)
    {
        var index = 0;
        foreach (var item in source)
        {
            yield return selector(item, index++);
        }
    }

    /// <summary>The items with their positions.</summary>
    public static IEnumerable<(int Index, T Item)> Index<T>(this IEnumerable<T> source)
    {
        var index = 0;
        foreach (var item in source)
        {
            yield return (index++, item);
        }
    }

    /// <summary>The items that satisfy a condition.</summary>
    public static IEnumerable<T> Where<T>(this IEnumerable<T> source, Func<T, bool> condition)
    {
        foreach (var item in source)
        {
            if (condition(item))
            {
                yield return item;
            }
        }
    }

    /// <summary>The items of all sequences that the function gives.</summary>
    public static IEnumerable<TResult> SelectMany<T, TResult>(this IEnumerable<T> source, Func<T, IEnumerable<TResult>> selector)
    {
        foreach (var item in source)
        {
            foreach (var inner in selector(item))
            {
                yield return inner;
            }
        }
    }

    /// <summary>The results of a function of each item and each item of what the function gives for it: two <c>from</c> of a query.</summary>
    public static IEnumerable<TResult> SelectMany<T, TInner, TResult>(
        this IEnumerable<T> source, Func<T, IEnumerable<TInner>> selector, Func<T, TInner, TResult> result)
    {
        foreach (var item in source)
        {
            foreach (var inner in selector(item))
            {
                yield return result(item, inner);
            }
        }
    }

    /// <summary>The items of one type.</summary>
    public static IEnumerable<TResult> OfType<TResult>(this System.Collections.IEnumerable source)
    {
        foreach (var item in source)
        {
            if (item is TResult result)
            {
                yield return result;
            }
        }
    }

    /// <summary>The items, all of one type.</summary>
    public static IEnumerable<TResult> Cast<TResult>(this System.Collections.IEnumerable source)
    {
        foreach (var item in source)
        {
            yield return (TResult)item;
        }
    }

    /// <summary>The items of both sequences.</summary>
    public static IEnumerable<T> Concat<T>(this IEnumerable<T> source, IEnumerable<T> second)
    {
        foreach (var item in source)
        {
            yield return item;
        }

        foreach (var item in second)
        {
            yield return item;
        }
    }

    /// <summary>The items and one more.</summary>
    public static IEnumerable<T> Append<T>(this IEnumerable<T> source, T last) =>
        source.Concat([last]);

    /// <summary>One item and the others.</summary>
    public static IEnumerable<T> Prepend<T>(this IEnumerable<T> source, T first) =>
        Concat([first], source);

    /// <summary>Each item once, where it is first.</summary>
    public static IEnumerable<T> Distinct<T>(this IEnumerable<T> source, IEqualityComparer<T>? comparer = null)
    {
        var seen = new HashSet<T>(comparer);
        foreach (var item in source)
        {
            if (seen.Add(item))
            {
                yield return item;
            }
        }
    }

    /// <summary>The first item with each key.</summary>
    public static IEnumerable<T> DistinctBy<T, TKey>(this IEnumerable<T> source, Func<T, TKey> key, IEqualityComparer<TKey>? comparer = null)
    {
        var seen = new HashSet<TKey>(comparer);
        foreach (var item in source)
        {
            if (seen.Add(key(item)))
            {
                yield return item;
            }
        }
    }

    /// <summary>Each item of both sequences once.</summary>
    public static IEnumerable<T> Union<T>(this IEnumerable<T> source, IEnumerable<T> second, IEqualityComparer<T>? comparer = null) =>
        source.Concat(second).Distinct(comparer);

    /// <summary>The items after the first ones.</summary>
    public static IEnumerable<T> Skip<T>(this IEnumerable<T> source, int count)
    {
        foreach (var item in source)
        {
            if (count-- <= 0)
            {
                yield return item;
            }
        }
    }

    /// <summary>The first items.</summary>
    public static IEnumerable<T> Take<T>(this IEnumerable<T> source, int count)
    {
        if (count <= 0)
        {
            yield break;
        }

        foreach (var item in source)
        {
            yield return item;
            if (--count == 0)
            {
                yield break;
            }
        }
    }

    /// <summary>The items from the first on that does not satisfy a condition.</summary>
    public static IEnumerable<T> SkipWhile<T>(this IEnumerable<T> source, Func<T, bool> condition)
    {
        var skips = true;
        foreach (var item in source)
        {
            skips = skips && condition(item);
            if (!skips)
            {
                yield return item;
            }
        }
    }

    /// <summary>The items before the first that does not satisfy a condition.</summary>
    public static IEnumerable<T> TakeWhile<T>(this IEnumerable<T> source, Func<T, bool> condition)
    {
        foreach (var item in source)
        {
            if (!condition(item))
            {
                yield break;
            }

            yield return item;
        }
    }

    /// <summary>The last items.</summary>
    public static IEnumerable<T> TakeLast<T>(this IEnumerable<T> source, int count)
    {
        var items = source.ToList();
        for (var i = Math.Max(items.Count - count, 0); i < items.Count; i++)
        {
            yield return items[i];
        }
    }

    /// <summary>The items from the last to the first.</summary>
    public static IEnumerable<T> Reverse<T>(this IEnumerable<T> source)
    {
        var items = source.ToList();
        for (var i = items.Count - 1; i >= 0; i--)
        {
            yield return items[i];
        }
    }
}
