using System.Collections.Immutable;

namespace EksNode.Configuration.Expressions;

/// <summary>One way to call a function.</summary>
/// <param name="IsMember">Whether it is called as <c>a.f(b)</c>; the target is then the first argument.</param>
/// <param name="Arguments">The types of the arguments.</param>
/// <param name="Result">The type of the result.</param>
internal sealed record CelOverload(bool IsMember, ImmutableArray<CelType> Arguments, CelType Result);

/// <summary>
/// The declarations of the CEL standard library. Source: the CEL language definition, "Standard Environment". <c>matches</c> is
/// declared elsewhere as unsupported: no regular expressions are linked into eksnode.
/// </summary>
internal static class CelFunctions
{
    private static readonly CelType A = CelType.Parameter("A");
    private static readonly CelType B = CelType.Parameter("B");
    private static readonly CelType ListOfA = CelType.List(A);
    private static readonly CelType MapOfAToB = CelType.Map(A, B);

    private static readonly Dictionary<string, ImmutableArray<CelOverload>> Table = Build();

    /// <summary>The names of functions, without operators.</summary>
    public static IEnumerable<string> Names => Table.Keys.Where(n => char.IsAsciiLetter(n[0]) && n != "in");

    /// <summary>The ways to call a function or an operator; empty when there is no such function.</summary>
    public static ImmutableArray<CelOverload> Find(string name) => Table.TryGetValue(name, out var overloads) ? overloads : [];

    private static CelOverload Function(CelType result, params ImmutableArray<CelType> arguments) => new(false, arguments, result);

    private static CelOverload Method(CelType result, params ImmutableArray<CelType> arguments) => new(true, arguments, result);

    private static Dictionary<string, ImmutableArray<CelOverload>> Build()
    {
        CelType b = CelType.Bool, i = CelType.Int, u = CelType.Uint, d = CelType.Double, s = CelType.String, bytes = CelType.Bytes;
        CelType timestamp = CelType.Timestamp, duration = CelType.Duration;
        var table = new Dictionary<string, ImmutableArray<CelOverload>>(StringComparer.Ordinal)
        {
            ["&&"] = [Function(b, b, b)],
            ["||"] = [Function(b, b, b)],
            ["!"] = [Function(b, b)],
            ["?:"] = [Function(A, b, A, A)],
            ["=="] = [Function(b, A, A)],
            ["!="] = [Function(b, A, A)],
            ["in"] = [Function(b, A, ListOfA), Function(b, A, MapOfAToB)],
            ["[]"] = [Function(A, ListOfA, i), Function(B, MapOfAToB, A)],
            ["+"] =
            [
                Function(i, i, i), Function(u, u, u), Function(d, d, d), Function(s, s, s), Function(bytes, bytes, bytes),
                Function(ListOfA, ListOfA, ListOfA), Function(timestamp, timestamp, duration),
                Function(timestamp, duration, timestamp), Function(duration, duration, duration),
            ],
            ["-"] =
            [
                Function(i, i), Function(d, d), Function(i, i, i), Function(u, u, u), Function(d, d, d),
                Function(timestamp, timestamp, duration), Function(duration, timestamp, timestamp), Function(duration, duration, duration),
            ],
            ["*"] = [Function(i, i, i), Function(u, u, u), Function(d, d, d)],
            ["/"] = [Function(i, i, i), Function(u, u, u), Function(d, d, d)],
            ["%"] = [Function(i, i, i), Function(u, u, u)],
            ["size"] =
            [
                Function(i, s), Function(i, bytes), Function(i, ListOfA), Function(i, MapOfAToB),
                Method(i, s), Method(i, bytes), Method(i, ListOfA), Method(i, MapOfAToB),
            ],
            ["int"] = [Function(i, i), Function(i, u), Function(i, d), Function(i, s), Function(i, timestamp), Function(i, duration)],
            ["uint"] = [Function(u, u), Function(u, i), Function(u, d), Function(u, s)],
            ["double"] = [Function(d, d), Function(d, i), Function(d, u), Function(d, s)],
            ["string"] =
            [
                Function(s, s), Function(s, b), Function(s, i), Function(s, u), Function(s, d), Function(s, bytes),
                Function(s, timestamp), Function(s, duration),
            ],
            ["bytes"] = [Function(bytes, bytes), Function(bytes, s)],
            ["bool"] = [Function(b, b), Function(b, s)],
            ["timestamp"] = [Function(timestamp, timestamp), Function(timestamp, s), Function(timestamp, i)],
            ["duration"] = [Function(duration, duration), Function(duration, s)],
            ["type"] = [Function(CelType.Type, A)],
            ["dyn"] = [Function(CelType.Dyn, A)],
            ["contains"] = [Method(b, s, s)],
            ["startsWith"] = [Method(b, s, s)],
            ["endsWith"] = [Method(b, s, s)],
        };
        foreach (var relation in (string[])["<", "<=", ">", ">="])
        {
            table[relation] =
                [.. from type in (CelType[])[b, i, u, d, s, bytes, timestamp, duration] select Function(b, type, type)];
        }

        foreach (var getter in CelTime.CalendarGetters)
        {
            table[getter] = [Method(i, timestamp), Method(i, timestamp, s)];
        }

        foreach (var getter in CelTime.ClockGetters)
        {
            table[getter] = [Method(i, timestamp), Method(i, timestamp, s), Method(i, duration)];
        }

        return table;
    }
}
