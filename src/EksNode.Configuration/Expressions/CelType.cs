using System.Collections.Immutable;

namespace EksNode.Configuration.Expressions;

/// <summary>The kinds of types that CEL has here.</summary>
public enum CelTypeKind
{
    /// <summary>Any type; checked when the expression is evaluated.</summary>
    Dyn,

    /// <summary>The type of <c>null</c>.</summary>
    Null,

    /// <summary>true or false.</summary>
    Bool,

    /// <summary>A signed 64-bit integer.</summary>
    Int,

    /// <summary>An unsigned 64-bit integer.</summary>
    Uint,

    /// <summary>A 64-bit IEEE 754 number.</summary>
    Double,

    /// <summary>A sequence of Unicode code points.</summary>
    String,

    /// <summary>A sequence of bytes.</summary>
    Bytes,

    /// <summary>A list.</summary>
    List,

    /// <summary>A map.</summary>
    Map,

    /// <summary>A point in time.</summary>
    Timestamp,

    /// <summary>A span of time.</summary>
    Duration,

    /// <summary>The type of types.</summary>
    Type,

    /// <summary>A type parameter of a function's declaration; never the type of a value.</summary>
    Parameter,
}

/// <summary>A type of the Common Expression Language. Types are equal when they are written alike.</summary>
public sealed record CelType
{
    // A type is a tree whose branches may be shared: without a bound, {x: {x: {x: …}}} makes every visit exponential.
    private const int DeepestNesting = 8;

    private readonly int nesting;

    private CelType(CelTypeKind kind, string name, params ImmutableArray<CelType> parameters)
    {
        Kind = kind;
        Name = name;
        Parameters = parameters;
        foreach (var parameter in parameters)
        {
            nesting = Math.Max(nesting, parameter.nesting + 1);
        }
    }

    /// <summary><c>dyn</c>.</summary>
    public static CelType Dyn { get; } = new(CelTypeKind.Dyn, "dyn");

    /// <summary><c>null_type</c>.</summary>
    public static CelType Null { get; } = new(CelTypeKind.Null, "null_type");

    /// <summary><c>bool</c>.</summary>
    public static CelType Bool { get; } = new(CelTypeKind.Bool, "bool");

    /// <summary><c>int</c>.</summary>
    public static CelType Int { get; } = new(CelTypeKind.Int, "int");

    /// <summary><c>uint</c>.</summary>
    public static CelType Uint { get; } = new(CelTypeKind.Uint, "uint");

    /// <summary><c>double</c>.</summary>
    public static CelType Double { get; } = new(CelTypeKind.Double, "double");

    /// <summary><c>string</c>.</summary>
    public static CelType String { get; } = new(CelTypeKind.String, "string");

    /// <summary><c>bytes</c>.</summary>
    public static CelType Bytes { get; } = new(CelTypeKind.Bytes, "bytes");

    /// <summary><c>google.protobuf.Timestamp</c>.</summary>
    public static CelType Timestamp { get; } = new(CelTypeKind.Timestamp, "google.protobuf.Timestamp");

    /// <summary><c>google.protobuf.Duration</c>.</summary>
    public static CelType Duration { get; } = new(CelTypeKind.Duration, "google.protobuf.Duration");

    /// <summary><c>type</c>.</summary>
    public static CelType Type { get; } = new(CelTypeKind.Type, "type");

    /// <summary>What it is.</summary>
    public CelTypeKind Kind { get; }

    /// <summary>The name in an expression: <c>int</c>, <c>list</c>, <c>google.protobuf.Duration</c>.</summary>
    public string Name { get; }

    /// <summary>The item type of a list; the key and value types of a map; otherwise empty.</summary>
    public ImmutableArray<CelType> Parameters { get; }

    /// <summary>A list of any items.</summary>
    internal static CelType AnyList { get; } = new(CelTypeKind.List, "list", Dyn);

    /// <summary>A map of anything.</summary>
    internal static CelType AnyMap { get; } = new(CelTypeKind.Map, "map", Dyn, Dyn);

    /// <summary>A list of one type of items; of <c>dyn</c> when the type is nested too deep.</summary>
    public static CelType List(CelType item) => item.nesting < DeepestNesting ? new(CelTypeKind.List, "list", item) : AnyList;

    /// <summary>A map; of <c>dyn</c> when the types are nested too deep.</summary>
    public static CelType Map(CelType key, CelType value) =>
        key.nesting < DeepestNesting && value.nesting < DeepestNesting ? new(CelTypeKind.Map, "map", key, value) : AnyMap;

    /// <summary>A type parameter of a function's declaration.</summary>
    internal static CelType Parameter(string name) => new(CelTypeKind.Parameter, name);

    /// <inheritdoc/>
    public bool Equals(CelType? other) =>
        other is not null && Kind == other.Kind && Name == other.Name && Parameters.AsSpan().SequenceEqual(other.Parameters.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Name, Parameters.Length);

    /// <summary>As in a message: <c>list(int)</c>.</summary>
    public override string ToString() => Parameters.IsEmpty ? Name : $"{Name}({string.Join(", ", Parameters)})";
}
