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

    /// <summary>What is wrong with an expression before any instance is known; null when it may give a number.</summary>
    /// <param name="text">The expression.</param>
    public static CelError? Validate(string text) => Read(text).Error;

    /// <summary>Evaluates an expression for an instance type.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="defaultEnis">Network interfaces of the default network card.</param>
    /// <param name="ipsPerEni">IPv4 addresses of one network interface.</param>
    /// <param name="maxPods">The standard value for these limits.</param>
    public static MaxPodsResult Evaluate(string text, int defaultEnis, int ipsPerEni, int maxPods)
    {
        var (expression, error) = Read(text);
        if (expression is null || error is not null)
        {
            return new MaxPodsResult(null, error);
        }

        var result = expression.Evaluate(new Dictionary<string, CelValue>(StringComparer.Ordinal)
        {
            [DefaultEnis] = new CelInt(defaultEnis),
            [IpsPerEni] = new CelInt(ipsPerEni),
            [StandardMaxPods] = new CelInt(maxPods),
        });
        return result.Value is null ? new MaxPodsResult(null, result.Error) : Convert(text, result.Value);
    }

    private static CelParseResult Read(string text)
    {
        var parsed = CelExpression.Parse(text);
        if (parsed.Expression is not { } expression)
        {
            return parsed;
        }

        var check = expression.Check(Variables);
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
