using System.Collections.Frozen;

namespace EksNode.Configuration.Expressions;

/// <summary>What a max pods expression gives: a number or an error.</summary>
/// <param name="MaxPods">Max pods, 1 to 2147483647.</param>
/// <param name="Error">Why there is none.</param>
public sealed record MaxPodsResult(int? MaxPods, CelError? Error);

/// <summary>
/// <c>spec.kubelet.maxPodsExpression</c>: a CEL expression over the network limits of the instance type. The result may be an int,
/// a uint, a double (its fraction is cut), a string of decimal digits, a timestamp (Unix seconds) or a duration (nanoseconds), and
/// must lie between 1 and 2147483647. Source: EKS NodeConfig API v1alpha1, with the conversions of CEL.
/// <c>spec.maxPods.expression</c> of eksnode's own API is the same with <c>min</c>, <c>max</c>, <c>clamp</c> and two variables more.
/// </summary>
public static class MaxPodsExpression
{
    /// <summary>Network interfaces of the default network card.</summary>
    public const string DefaultEnis = "default_enis";

    /// <summary>IPv4 addresses of one network interface.</summary>
    public const string IpsPerEni = "ips_per_eni";

    /// <summary>The standard value, <c>default_enis * (ips_per_eni - 1) + 2</c>.</summary>
    public const string StandardMaxPods = "max_pods";

    /// <summary>The variables and their types.</summary>
    public static IReadOnlyDictionary<string, CelType> Variables { get; } = new Dictionary<string, CelType>(StringComparer.Ordinal)
    {
        [DefaultEnis] = CelType.Int,
        [IpsPerEni] = CelType.Int,
        [StandardMaxPods] = CelType.Int,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Logical CPUs that are online; for <c>spec.maxPods.expression</c> only.</summary>
    public const string Cpus = "cpus";

    /// <summary>Memory in MiB; for <c>spec.maxPods.expression</c> only.</summary>
    public const string MemoryMib = "memory_mib";

    private static FrozenDictionary<string, CelType> OwnVariables { get; } = new Dictionary<string, CelType>(Variables, StringComparer.Ordinal)
    {
        [Cpus] = CelType.Int,
        [MemoryMib] = CelType.Int,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>What is wrong with an expression before any instance is known; null when it may give a number.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="own">Whether it is one of <c>spec.maxPods.expression</c>.</param>
    public static CelError? Validate(string text, bool own = false) => Read(text, own).Error;

    /// <summary>Evaluates an expression for an instance type.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="defaultEnis">Network interfaces of the default network card.</param>
    /// <param name="ipsPerEni">IPv4 addresses of one network interface.</param>
    /// <param name="maxPods">The standard value for these limits.</param>
    public static MaxPodsResult Evaluate(string text, int defaultEnis, int ipsPerEni, int maxPods) =>
        Evaluate(text, Values(defaultEnis, ipsPerEni, maxPods), own: false);

    /// <summary>Evaluates <c>spec.maxPods.expression</c> for an instance.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="defaultEnis">Network interfaces of the default network card.</param>
    /// <param name="ipsPerEni">IPv4 addresses of one network interface.</param>
    /// <param name="maxPods">The standard value for these limits.</param>
    /// <param name="cpus">Logical CPUs; null: not known.</param>
    /// <param name="memoryMib">Memory in MiB; null: not known.</param>
    public static MaxPodsResult Evaluate(string text, int defaultEnis, int ipsPerEni, int maxPods, int? cpus, long? memoryMib)
    {
        var values = Values(defaultEnis, ipsPerEni, maxPods);
        values[Cpus] = cpus is { } count ? new CelInt(count) : new CelFailure("the number of CPUs is not known");
        values[MemoryMib] = memoryMib is { } size ? new CelInt(size) : new CelFailure("the size of the memory is not known");
        return Evaluate(text, values, own: true);
    }

    private static Dictionary<string, CelValue> Values(int defaultEnis, int ipsPerEni, int maxPods) => new(StringComparer.Ordinal)
    {
        [DefaultEnis] = new CelInt(defaultEnis),
        [IpsPerEni] = new CelInt(ipsPerEni),
        [StandardMaxPods] = new CelInt(maxPods),
    };

    private static MaxPodsResult Evaluate(string text, Dictionary<string, CelValue> values, bool own)
    {
        var (expression, error) = Read(text, own);
        if (expression is null || error is not null)
        {
            return new MaxPodsResult(null, error);
        }

        var result = expression.Evaluate(values, limits: own);
        return result.Value is null ? new MaxPodsResult(null, result.Error) : Convert(text, result.Value);
    }

    private static CelParseResult Read(string text, bool own)
    {
        var parsed = CelExpression.Parse(text);
        if (parsed.Expression is not { } expression)
        {
            return parsed;
        }

        var check = expression.Check(own ? OwnVariables : Variables, limits: own);
        return check.Errors is [var first, ..] ? new CelParseResult(null, first)
            : CanBeNumber(check.Type) ? parsed
            : new CelParseResult(null, NoNumber(text, check.Type));
    }

    private static bool CanBeNumber(CelType type) => type.Kind is CelTypeKind.Int or CelTypeKind.Uint or CelTypeKind.Double
        or CelTypeKind.String or CelTypeKind.Timestamp or CelTypeKind.Duration or CelTypeKind.Dyn;

    private static CelError NoNumber(string text, CelType type) =>
        CelExpression.At(text, $"the expression gives {type.Name}, not a number", 0);

    private static MaxPodsResult Convert(string text, CelValue value) => CelConversions.ToInt(value) switch
    {
        CelInt { Value: >= 1 and <= int.MaxValue } number => new MaxPodsResult((int)number.Value, null),
        CelInt number => new MaxPodsResult(null, CelExpression.At(text, $"the expression gives {number}; max pods are 1 to 2147483647", 0)),
        CelFailure failure => new MaxPodsResult(null, CelExpression.At(text, $"the expression gives no number: {failure.Message}", 0)),
        _ => new MaxPodsResult(null, NoNumber(text, value.Type)),
    };
}
