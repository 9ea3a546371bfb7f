using System.Collections;

namespace EksNode.Configuration.Sequences;

/// <summary>Items that are put in order, stably, whenever they are gone through.</summary>
/// <typeparam name="T">The type of the items.</typeparam>
public sealed class Ordered<T>(IEnumerable<T> source, Comparison<T> comparison) : IEnumerable<T>
{
    /// <summary>The same items, ordered further where they are equal so far.</summary>
    public Ordered<T> Then(Comparison<T> next) => new(source, (a, b) => comparison(a, b) is var order and not 0 ? order : next(a, b));

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator()
    {
        var items = source.ToList();
        var order = new int[items.Count];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(order, (a, b) => comparison(items[a], items[b]) is var result and not 0 ? result : a.CompareTo(b));
        foreach (var index in order)
        {
            yield return items[index];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
