using System.Collections.Immutable;

namespace EksNode.Configuration.Expressions;

/// <summary>The names that denote types in an expression: <c>type(x) == int</c>.</summary>
internal static class CelTypeNames
{
    private static readonly ImmutableArray<CelType> Named =
    [
        CelType.Null, CelType.Bool, CelType.Int, CelType.Uint, CelType.Double, CelType.String, CelType.Bytes,
        CelType.AnyList, CelType.AnyMap, CelType.Timestamp, CelType.Duration, CelType.Type,
    ];

    /// <summary>The type of a name as a value, or null.</summary>
    public static CelTypeValue? Find(string name) => Named.FirstOrDefault(t => t.Name == name) is { } type ? new CelTypeValue(type) : null;

    /// <summary>A macro as it is written.</summary>
    public static string Name(this CelMacro macro) => macro switch
    {
        CelMacro.All => "all",
        CelMacro.Exists => "exists",
        CelMacro.ExistsOne => "exists_one",
        CelMacro.Map => "map",
        _ => "filter",
    };
}
