using System.Collections.Immutable;

namespace EksNode.Configuration.Expressions;

/// <summary>
/// <c>min</c>, <c>max</c> and <c>clamp</c>, which the standard library of CEL lacks: of two to four numbers of one type, and a number between
/// two others. An expression has them only where its setting says so.
/// </summary>
internal static class CelLimits
{
    private const int MostArguments = 4;

    /// <summary>The names.</summary>
    public static ImmutableArray<string> Names { get; } = ["clamp", "max", "min"];

    /// <summary>The ways to call one of them; empty when it is none.</summary>
    public static ImmutableArray<CelOverload> Find(string name)
    {
        if (!Names.Contains(name))
        {
            return [];
        }

        var overloads = new List<CelOverload>();
        foreach (var type in (ReadOnlySpan<CelType>)[CelType.Int, CelType.Double])
        {
            for (var count = name == "clamp" ? 3 : 2; count <= (name == "clamp" ? 3 : MostArguments); count++)
            {
                var arguments = new CelType[count];
                for (var i = 0; i < count; i++)
                {
                    arguments[i] = type;
                }

                overloads.Add(new CelOverload(false, [.. arguments], type));
            }
        }

        return overloads.ToImmutable();
    }

    /// <summary>Applies one of them; null when it does not take these values.</summary>
    public static CelValue? Apply(string name, ReadOnlySpan<CelValue> arguments)
    {
        if (arguments.Length < 2 || arguments.Length > MostArguments || (name == "clamp" && arguments.Length != 3))
        {
            return null;
        }

        foreach (var argument in arguments)
        {
            if (argument is not (CelInt or CelDouble) || argument.Type.Kind != arguments[0].Type.Kind)
            {
                return null;
            }
        }

        if (name == "clamp")
        {
            return CelEquality.Compare(arguments[1], arguments[2]) > 0
                ? new CelFailure($"clamp() has the bounds {arguments[1]} and {arguments[2]}, and the first one is the larger")
                : Pick(Pick(arguments[0], arguments[1], larger: true), arguments[2], larger: false);
        }

        var result = arguments[0];
        for (var i = 1; i < arguments.Length; i++)
        {
            result = Pick(result, arguments[i], larger: name == "max");
        }

        return result;
    }

    private static CelValue Pick(CelValue left, CelValue right, bool larger) =>
        CelEquality.Compare(left, right) is { } order && (larger ? order < 0 : order > 0) ? right : left;
}
