namespace EksNode.Configuration.Sequences;

public static partial class Sequence
{
    /// <summary>Whether there is an item.</summary>
    public static bool Any<T>(this IEnumerable<T> source)
    {
        using var items = source.GetEnumerator();
        return items.MoveNext();
    }

    /// <summary>Whether an item satisfies a condition.</summary>
    public static bool Any<T>(this IEnumerable<T> source, Func<T, bool> condition)
    {
        foreach (var item in source)
        {
            if (condition(item))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether all items satisfy a condition.</summary>
    public static bool All<T>(this IEnumerable<T> source, Func<T, bool> condition)
    {
        foreach (var item in source)
        {
            if (!condition(item))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether an item is among them.</summary>
    public static bool Contains<T>(this IEnumerable<T> source, T value, IEqualityComparer<T>? comparer = null)
    {
        if (comparer is null && source is ICollection<T> collection)
        {
            return collection.Contains(value);
        }

        comparer ??= EqualityComparer<T>.Default;
        foreach (var item in source)
        {
            if (comparer.Equals(item, value))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>How many items there are.</summary>
    public static int Count<T>(this IEnumerable<T> source)
    {
        if (source is ICollection<T> collection)
        {
            return collection.Count;
        }

        var count = 0;
        foreach (var _ in source)
        {
            count++;
        }

        return count;
    }

    /// <summary>How many items satisfy a condition.</summary>
    public static int Count<T>(this IEnumerable<T> source, Func<T, bool> condition) =>
        source.Where(condition).Count();

    /// <summary>The first item.</summary>
    public static T First<T>(this IEnumerable<T> source)
    {
        foreach (var item in source)
        {
            return item;
        }

        throw new InvalidOperationException("The sequence has no item.");
    }

    /// <summary>The first item that satisfies a condition.</summary>
    public static T First<T>(this IEnumerable<T> source, Func<T, bool> condition) =>
        source.Where(condition).First();

    /// <summary>The first item, or the default value.</summary>
    public static T? FirstOrDefault<T>(this IEnumerable<T> source)
    {
        foreach (var item in source)
        {
            return item;
        }

        return default;
    }

    /// <summary>The first item that satisfies a condition, or the default value.</summary>
    public static T? FirstOrDefault<T>(this IEnumerable<T> source, Func<T, bool> condition)
    {
        foreach (var item in source)
        {
            if (condition(item))
            {
                return item;
            }
        }

        return default;
    }

    /// <summary>The last item.</summary>
    public static T Last<T>(this IEnumerable<T> source)
    {
        var items = source as IReadOnlyList<T> ?? source.ToList();
        return items.Count > 0 ? items[items.Count - 1] : throw new InvalidOperationException("The sequence has no item.");
    }

    /// <summary>The last item, or the default value.</summary>
    public static T? LastOrDefault<T>(this IEnumerable<T> source)
    {
        var items = source as IReadOnlyList<T> ?? source.ToList();
        return items.Count > 0 ? items[items.Count - 1] : default;
    }

    /// <summary>The last item that satisfies a condition, or the default value.</summary>
    public static T? LastOrDefault<T>(this IEnumerable<T> source, Func<T, bool> condition) =>
        source.Where(condition).LastOrDefault();

    /// <summary>The value that a function makes of all items, one after the other.</summary>
    public static TResult Aggregate<T, TResult>(this IEnumerable<T> source, TResult seed, Func<TResult, T, TResult> function)
    {
        foreach (var item in source)
        {
            seed = function(seed, item);
        }

        return seed;
    }

    /// <summary>The largest item; null when there is none and the type has null.</summary>
    public static T? Max<T>(this IEnumerable<T> source)
    {
        return Extreme(source, sign: 1);
    }

    /// <summary>The smallest item; null when there is none and the type has null.</summary>
    public static T? Min<T>(this IEnumerable<T> source)
    {
        return Extreme(source, sign: -1);
    }

    /// <summary>The largest result of a function.</summary>
    public static TKey? Max<T, TKey>(this IEnumerable<T> source, Func<T, TKey> selector) =>
        source.Select(selector).Max();

    /// <summary>The smallest result of a function.</summary>
    public static TKey? Min<T, TKey>(this IEnumerable<T> source, Func<T, TKey> selector) =>
        source.Select(selector).Min();

    /// <summary>The first item with the largest key, or the default value.</summary>
    public static T? MaxBy<T, TKey>(this IEnumerable<T> source, Func<T, TKey> key) =>
        source.OrderByDescending(key).FirstOrDefault();

    /// <summary>Whether both sequences have equal items in the same order.</summary>
    public static bool SequenceEqual<T>(this IEnumerable<T> source, IEnumerable<T> other, IEqualityComparer<T>? comparer = null)
    {
        comparer ??= EqualityComparer<T>.Default;
        using var others = other.GetEnumerator();
        foreach (var item in source)
        {
            if (!others.MoveNext() || !comparer.Equals(item, others.Current))
            {
                return false;
            }
        }

        return !others.MoveNext();
    }

    /// <summary>The same items, as a sequence.</summary>
    public static IEnumerable<T> AsEnumerable<T>(this IEnumerable<T> source) =>
        source;

    private static T? Extreme<T>(IEnumerable<T> source, int sign)
    {
        var (found, extreme) = (false, default(T));
        foreach (var item in source)
        {
            if (item is not null && (!found || sign * Comparer<T>.Default.Compare(item, extreme) > 0))
            {
                (found, extreme) = (true, item);
            }
        }

        return found || default(T) is null ? extreme : throw new InvalidOperationException("The sequence has no item.");
    }
}
