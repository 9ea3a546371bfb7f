using Xunit;
using Sequence = EksNode.Configuration.Sequences.Sequence;

namespace EksNode.Configuration.Tests.Sequences;

/// <summary>The methods of <see cref="Sequence"/> mean what those of System.Linq of the same name mean: both are asked and compared.</summary>
public sealed class SequenceTests
{
    private static readonly string[][] Samples =
    [
        [],
        ["a"],
        ["b", "a", "B", "a", "cc", "bb", "A", "", "ccc"],
        ["x", "x", "x"],
        ["10", "9", "10", "1"],
    ];

    public static TheoryData<string> Sequences => [.. Samples.Select(s => string.Join(',', s))];

    [Theory]
    [MemberData(nameof(Sequences))]
    public void What_is_lazy_gives_the_same_items(string text)
    {
        var items = Items(text);
        string[] other = ["a", "zz", "B"];

        Assert.Equal(Enumerable.Select(items, i => i.Length), Sequence.Select(items, i => i.Length));
        Assert.Equal(Enumerable.Select(items, (i, n) => i + n), Sequence.Select(items, (i, n) => i + n));
        Assert.Equal(Enumerable.Index(items), Sequence.Index(items));
        Assert.Equal(Enumerable.Where(items, i => i.Length == 1), Sequence.Where(items, i => i.Length == 1));
        Assert.Equal(Enumerable.SelectMany(items, i => i.ToCharArray()), Sequence.SelectMany(items, i => i.ToCharArray()));
        Assert.Equal(
            Enumerable.SelectMany(items, i => i.ToCharArray(), (i, c) => i + c), Sequence.SelectMany(items, i => i.ToCharArray(), (i, c) => i + c));
        Assert.Equal(Enumerable.Concat(items, other), Sequence.Concat(items, other));
        Assert.Equal(Enumerable.Append(items, "z"), Sequence.Append(items, "z"));
        Assert.Equal(Enumerable.Prepend(items, "z"), Sequence.Prepend(items, "z"));
        Assert.Equal(Enumerable.Distinct(items), Sequence.Distinct(items));
        Assert.Equal(Enumerable.Distinct(items, StringComparer.OrdinalIgnoreCase), Sequence.Distinct(items, StringComparer.OrdinalIgnoreCase));
        Assert.Equal(Enumerable.DistinctBy(items, i => i.Length), Sequence.DistinctBy(items, i => i.Length));
        Assert.Equal(Enumerable.Union(items, other), Sequence.Union(items, other));
        Assert.Equal(Enumerable.SkipWhile(items, i => i != "a"), Sequence.SkipWhile(items, i => i != "a"));
        Assert.Equal(Enumerable.TakeWhile(items, i => i != "a"), Sequence.TakeWhile(items, i => i != "a"));
        Assert.Equal(Enumerable.Reverse(items), Sequence.Reverse(items));
        foreach (var count in (int[])[-1, 0, 1, 2, 100])
        {
            Assert.Equal(Enumerable.Skip(items, count), Sequence.Skip(items, count));
            Assert.Equal(Enumerable.Take(items, count), Sequence.Take(items, count));
            Assert.Equal(Enumerable.TakeLast(items, count), Sequence.TakeLast(items, count));
        }

        object[] mixed = [.. items, 1, 2.5];
        Assert.Equal(Enumerable.OfType<string>(mixed), Sequence.OfType<string>(mixed));
        Assert.Equal(Enumerable.Cast<object>(mixed), Sequence.Cast<object>(mixed));
    }

    [Theory]
    [MemberData(nameof(Sequences))]
    public void Values_are_the_same(string text)
    {
        var items = Items(text);
        Assert.Equal(Enumerable.Any(items), Sequence.Any(items));
        Assert.Equal(Enumerable.Any(items, i => i == "a"), Sequence.Any(items, i => i == "a"));
        Assert.Equal(Enumerable.All(items, i => i.Length == 1), Sequence.All(items, i => i.Length == 1));
        Assert.Equal(Enumerable.Contains(items, "b"), Sequence.Contains(items, "b"));
        Assert.Equal(Enumerable.Contains(items, "X", StringComparer.OrdinalIgnoreCase), Sequence.Contains(items, "X", StringComparer.OrdinalIgnoreCase));
        Assert.Equal(Enumerable.Count(items), Sequence.Count(items));
        Assert.Equal(Enumerable.Count(items, i => i.Length == 1), Sequence.Count(items, i => i.Length == 1));
        Assert.Equal(Enumerable.FirstOrDefault(items), Sequence.FirstOrDefault(items));
        Assert.Equal(Enumerable.FirstOrDefault(items, i => i == "cc"), Sequence.FirstOrDefault(items, i => i == "cc"));
        Assert.Equal(Enumerable.LastOrDefault(items), Sequence.LastOrDefault(items));
        Assert.Equal(Enumerable.LastOrDefault(items, i => i == "cc"), Sequence.LastOrDefault(items, i => i == "cc"));
        Assert.Equal(Enumerable.Aggregate(items, 7, (n, i) => (n * 3) + i.Length), Sequence.Aggregate(items, 7, (n, i) => (n * 3) + i.Length));
        Assert.Equal(Enumerable.Max(items, StringComparer.CurrentCulture), Sequence.Max(items));
        Assert.Equal(Enumerable.Min(items, StringComparer.CurrentCulture), Sequence.Min(items));
        Assert.Equal(Enumerable.MaxBy(items, i => i.Length), Sequence.MaxBy(items, i => i.Length));
        Assert.True(Sequence.SequenceEqual(items, [.. items]));
        Assert.False(Sequence.SequenceEqual(items, [.. items, "more"]));
        Assert.False(Sequence.SequenceEqual((string[])[.. items, "more"], items));
        Assert.Equal(Outcome(() => Enumerable.First(items)), Outcome(() => Sequence.First(items)));
        Assert.Equal(Outcome(() => Enumerable.First(items, i => i == "cc")), Outcome(() => Sequence.First(items, i => i == "cc")));
        Assert.Equal(Outcome(() => Enumerable.Last(items)), Outcome(() => Sequence.Last(items)));
        Assert.Equal(Outcome(() => Enumerable.Max(items, i => i.Length)), Outcome(() => Sequence.Max(items, i => i.Length)));
        Assert.Equal(Outcome(() => Enumerable.Min(items, i => i.Length)), Outcome(() => Sequence.Min(items, i => i.Length)));
    }

    [Theory]
    [MemberData(nameof(Sequences))]
    public void Collections_and_orders_are_the_same(string text)
    {
        var items = Items(text);
        Assert.Equal(Enumerable.ToList(items), Sequence.ToList(items));
        Assert.Equal(Enumerable.ToArray(items), Sequence.ToArray(items));
        Assert.Equal(
            Enumerable.ToHashSet(items, StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal),
            Sequence.ToHashSet(items, StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal));
        Assert.Equal(Outcome(() => Enumerable.ToDictionary(items, i => i).Count), Outcome(() => Sequence.ToDictionary(items, i => i).Count));
        Assert.Equal(
            Outcome(() => Enumerable.ToDictionary(items, i => i, i => i.Length).Count), Outcome(() => Sequence.ToDictionary(items, i => i, i => i.Length).Count));
        Assert.Equal(
            Enumerable.GroupBy(items, i => i.Length).Select(g => (g.Key, string.Join('|', g))),
            Sequence.GroupBy(items, i => i.Length).Select(g => (g.Key, string.Join('|', g))));
        var lookup = Sequence.ToLookup(items, i => i.Length);
        Assert.Equal(Enumerable.ToLookup(items, i => i.Length)[2], lookup[2]);
        Assert.Equal(Enumerable.ToLookup(items, i => i.Length).Contains(3), lookup.Contains(3));
        Assert.Equal(Enumerable.Order(items, StringComparer.Ordinal), Sequence.Order(items, StringComparer.Ordinal));
        // By length alone, many are equal: the order among them must stay.
        Assert.Equal(Enumerable.OrderBy(items, i => i.Length), Sequence.OrderBy(items, i => i.Length));
        Assert.Equal(Enumerable.OrderByDescending(items, i => i.Length), Sequence.OrderByDescending(items, i => i.Length));
        Assert.Equal(
            Enumerable.OrderBy(items, i => i.Length).ThenBy(i => i, StringComparer.Ordinal),
            Sequence.ThenBy(Sequence.OrderBy(items, i => i.Length), i => i, StringComparer.Ordinal));
        Assert.Equal(
            Enumerable.OrderBy(items, i => i.Length).ThenByDescending(i => i, StringComparer.Ordinal),
            Sequence.ThenByDescending(Sequence.OrderBy(items, i => i.Length), i => i, StringComparer.Ordinal));
    }

    [Fact]
    public void Nothing_is_asked_before_the_result_is_gone_through()
    {
        var asked = 0;
        IEnumerable<int> Source()
        {
            asked++;
            yield return 1;
            asked++;
            yield return 2;
        }

        var query = Sequence.Take(Sequence.Where(Sequence.Select(Source(), i => i * 2), i => i > 1), 1);
        Assert.Equal(0, asked);
        Assert.Equal([2], query);
        Assert.Equal(1, asked);
    }

    private static IEnumerable<string> Items(string text)
    {
        var sample = Samples.Single(s => string.Join(',', s) == text);

        // Neither an array nor a list: what a method knows of those must not matter.
        IEnumerable<string> Walk()
        {
            foreach (var item in sample)
            {
                yield return item;
            }
        }

        return Walk();
    }

    private static string Outcome<T>(Func<T> call)
    {
        try
        {
            return $"{call()}";
        }
        catch (Exception failure) when (failure is InvalidOperationException or ArgumentException)
        {
            return failure.GetType().Name;
        }
    }
}
