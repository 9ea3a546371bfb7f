namespace EksNode.Configuration.Expressions;

/// <summary>Which types go together. <c>dyn</c> goes with every type: evaluation decides.</summary>
internal static class CelTypeRules
{
    /// <summary>The result type of a call, or null when the arguments do not fit.</summary>
    public static CelType? Match(CelOverload overload, ReadOnlySpan<CelType> arguments)
    {
        if (overload.Arguments.Length != arguments.Length)
        {
            return null;
        }

        var bindings = new Dictionary<string, CelType>(StringComparer.Ordinal);
        for (var i = 0; i < arguments.Length; i++)
        {
            if (!Accepts(overload.Arguments[i], arguments[i], bindings))
            {
                return null;
            }
        }

        return Substitute(overload.Result, bindings);
    }

    /// <summary>The type that values of both types have: the less precise one; null when they do not go together.</summary>
    public static CelType? Join(CelType a, CelType b)
    {
        if (a.Kind == CelTypeKind.Dyn || b.Kind == CelTypeKind.Dyn)
        {
            return CelType.Dyn;
        }

        if (a.Kind != b.Kind)
        {
            return (a.Kind, b.Kind) switch
            {
                (CelTypeKind.Null, CelTypeKind.Timestamp or CelTypeKind.Duration) => b,
                (CelTypeKind.Timestamp or CelTypeKind.Duration, CelTypeKind.Null) => a,
                _ => null,
            };
        }

        if (a.Parameters.IsEmpty)
        {
            return a;
        }

        var joined = new CelType[a.Parameters.Length];
        for (var i = 0; i < joined.Length; i++)
        {
            if (Join(a.Parameters[i], b.Parameters[i]) is not { } parameter)
            {
                return null;
            }

            joined[i] = parameter;
        }

        return a.Kind == CelTypeKind.List ? CelType.List(joined[0]) : CelType.Map(joined[0], joined[1]);
    }

    private static bool Accepts(CelType declared, CelType actual, Dictionary<string, CelType> bindings)
    {
        if (declared.Kind == CelTypeKind.Parameter)
        {
            var joined = bindings.TryGetValue(declared.Name, out var bound) ? Join(bound, actual) : actual;
            if (joined is null)
            {
                return false;
            }

            bindings[declared.Name] = joined;
            return true;
        }

        if (actual.Kind == CelTypeKind.Dyn)
        {
            return true;
        }

        if (declared.Kind != actual.Kind)
        {
            return false;
        }

        for (var i = 0; i < declared.Parameters.Length; i++)
        {
            if (!Accepts(declared.Parameters[i], actual.Parameters[i], bindings))
            {
                return false;
            }
        }

        return true;
    }

    private static CelType Substitute(CelType type, Dictionary<string, CelType> bindings) => type.Kind switch
    {
        CelTypeKind.Parameter => bindings.TryGetValue(type.Name, out var bound) ? bound : CelType.Dyn,
        CelTypeKind.List => CelType.List(Substitute(type.Parameters[0], bindings)),
        CelTypeKind.Map => CelType.Map(Substitute(type.Parameters[0], bindings), Substitute(type.Parameters[1], bindings)),
        _ => type,
    };
}
