namespace EksNode.Configuration.Expressions;

/// <summary>The operators and functions of the standard library, applied to values.</summary>
internal static class CelOperators
{
    private const int CharactersPerUnit = 8;

    /// <summary>Applies an operator, a function or a method.</summary>
    /// <param name="function">Its name.</param>
    /// <param name="isMember">Whether it is called as a method.</param>
    /// <param name="arguments">The arguments, none of them a failure.</param>
    /// <param name="budget">What the work is taken from.</param>
    public static CelValue Apply(string function, bool isMember, ReadOnlySpan<CelValue> arguments, CelBudget budget)
    {
        foreach (var argument in arguments)
        {
            if (argument is CelString s && !budget.Spend(s.Value.Length / CharactersPerUnit))
            {
                return Exhausted();
            }

            if (argument is CelBytes b && !budget.Spend(b.Value.Length / CharactersPerUnit))
            {
                return Exhausted();
            }
        }

        var result = (isMember, arguments.Length) switch
        {
            (true, 1) => function == "size" ? Size(arguments[0]) : Getter(function, arguments[0], null),
            (true, 2) => Method(function, arguments[0], arguments[1]),
            (false, 1) => Unary(function, arguments[0]),
            (false, 2) => Binary(function, arguments[0], arguments[1], budget),
            _ => null,
        };
        return result ?? new CelFailure(NoOverload(function, isMember, arguments));
    }

    private static CelFailure Exhausted() => new("the expression takes too many steps");

    private static string NoOverload(string function, bool isMember, ReadOnlySpan<CelValue> arguments)
    {
        if (function == "matches")
        {
            return "matches() is not supported";
        }

        var types = string.Join(", ", arguments.ToArray().Select(a => a.Type.Name));
        return $"`{function}`{(isMember ? " as a method" : "")} cannot be applied to ({types})";
    }

    private static CelValue? Unary(string function, CelValue value) => (function, value) switch
    {
        ("!", CelBool b) => CelBool.Of(!b.Value),
        ("-", CelInt i) => i.Value == long.MinValue ? Overflow("int") : new CelInt(-i.Value),
        ("-", CelDouble d) => new CelDouble(-d.Value),
        ("size", _) => Size(value),
        _ => CelConversions.Convert(function, value),
    };

    private static CelInt? Size(CelValue value) => value switch
    {
        CelString s => new CelInt(CodePoints(s.Value)),
        CelBytes b => new CelInt(b.Value.Length),
        CelList l => new CelInt(l.Items.Length),
        CelMap m => new CelInt(m.Entries.Length),
        _ => null,
    };

    private static long CodePoints(string text)
    {
        var count = text.Length;
        foreach (var c in text)
        {
            count -= char.IsLowSurrogate(c) ? 1 : 0;
        }

        return count;
    }

    private static CelValue? Getter(string function, CelValue target, string? zone) => target switch
    {
        CelTimestamp t when CelTime.CalendarGetters.Contains(function) || CelTime.ClockGetters.Contains(function) => CelTime.Get(function, t, zone),
        CelDuration d when zone is null && CelTime.ClockGetters.Contains(function) => CelTime.Get(function, d),
        _ => null,
    };

    private static CelValue? Method(string function, CelValue target, CelValue argument) => (function, target, argument) switch
    {
        ("contains", CelString a, CelString b) => CelBool.Of(a.Value.Contains(b.Value, StringComparison.Ordinal)),
        ("startsWith", CelString a, CelString b) => CelBool.Of(a.Value.StartsWith(b.Value, StringComparison.Ordinal)),
        ("endsWith", CelString a, CelString b) => CelBool.Of(a.Value.EndsWith(b.Value, StringComparison.Ordinal)),
        (_, CelTimestamp, CelString zone) => Getter(function, target, zone.Value),
        _ => null,
    };

    private static CelValue? Binary(string function, CelValue left, CelValue right, CelBudget budget)
    {
        switch (function)
        {
            case "==":
                return CelBool.Of(CelEquality.AreEqual(left, right, budget));
            case "!=":
                return CelBool.Of(!CelEquality.AreEqual(left, right, budget));
            case "<" or "<=" or ">" or ">=":
                return Relation(function, left, right);
            case "in":
                return In(left, right, budget);
            case "[]":
                return Index(left, right);
            default:
                return (left, right) switch
                {
                    (CelInt a, CelInt b) => Arithmetic(function, a.Value, b.Value),
                    (CelUint a, CelUint b) => Arithmetic(function, a.Value, b.Value),
                    (CelDouble a, CelDouble b) => Arithmetic(function, a.Value, b.Value),
                    _ => function switch
                    {
                        "+" => Add(left, right, budget),
                        "-" => Subtract(left, right),
                        _ => null,
                    },
                };
        }
    }

    private static CelBool? Relation(string function, CelValue left, CelValue right)
    {
        if (!CelEquality.HaveOrder(left, right))
        {
            return null;
        }

        var order = CelEquality.Compare(left, right);
        return CelBool.Of(function switch
        {
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            _ => order >= 0,
        });
    }

    private static CelBool? In(CelValue item, CelValue container, CelBudget budget)
    {
        if (container is CelMap map)
        {
            return CelBool.Of(map.Find(item) is not null);
        }

        if (container is not CelList list)
        {
            return null;
        }

        foreach (var candidate in list.Items)
        {
            if (CelEquality.AreEqual(item, candidate, budget))
            {
                return CelBool.True;
            }
        }

        return CelBool.False;
    }

    private static CelValue? Index(CelValue container, CelValue index)
    {
        if (container is CelMap map)
        {
            return map.Find(index) ?? new CelFailure($"the map has no key {CelText.Short(index)}");
        }

        // A number of another type is an index, too, when it is a whole number: JSON knows only doubles.
        return container is not CelList list || index is CelBool or CelString || CelMapKey.Of(index) is not { } at
            ? null
            : at.Number >= 0 && at.Number < list.Items.Length
                ? list.Items[(int)at.Number]
                : new CelFailure($"the list of {list.Items.Length} has no index {CelText.Short(index)}");
    }

    private static CelFailure Overflow(string type) => new($"the result is out of the range of {type}");

    private static CelFailure ByZero() => new("division by zero");

    private static CelValue? Arithmetic(string function, long a, long b)
    {
        if (function is "/" or "%" && b == 0)
        {
            return ByZero();
        }

        // As the reference implementation does, the remainder of the smallest int by -1 overflows like their quotient.
        Int128? result = function switch
        {
            "+" => (Int128)a + b,
            "-" => (Int128)a - b,
            "*" => (Int128)a * b,
            "/" => (Int128)a / b,
            "%" => a == long.MinValue && b == -1 ? Int128.MaxValue : (Int128)a % b,
            _ => null,
        };
        return result is not { } value ? null : value < long.MinValue || value > long.MaxValue ? Overflow("int") : new CelInt((long)value);
    }

    private static CelValue? Arithmetic(string function, ulong a, ulong b)
    {
        if (function is "/" or "%" && b == 0)
        {
            return ByZero();
        }

        Int128? result = function switch
        {
            "+" => (Int128)a + b,
            "-" => (Int128)a - b,
            "*" => (UInt128)a * b > ulong.MaxValue ? -1 : (Int128)(a * b),
            "/" => a / b,
            "%" => a % b,
            _ => null,
        };
        return result is not { } value ? null : value < 0 || value > ulong.MaxValue ? Overflow("uint") : new CelUint((ulong)value);
    }

    private static CelDouble? Arithmetic(string function, double a, double b) => function switch
    {
        "+" => new CelDouble(a + b),
        "-" => new CelDouble(a - b),
        "*" => new CelDouble(a * b),
        "/" => new CelDouble(a / b),
        _ => null,
    };

    private static CelValue? Add(CelValue left, CelValue right, CelBudget budget) => (left, right) switch
    {
        (CelString a, CelString b) => new CelString(a.Value + b.Value),
        (CelBytes a, CelBytes b) => new CelBytes([.. a.Value, .. b.Value]),
        (CelList a, CelList b) => budget.Spend(a.Items.Length + b.Items.Length) ? new CelList([.. a.Items, .. b.Items]) : Exhausted(),
        (CelTimestamp t, CelDuration d) => CelTime.Add(t, d.Nanoseconds),
        (CelDuration d, CelTimestamp t) => CelTime.Add(t, d.Nanoseconds),
        (CelDuration a, CelDuration b) => CelTime.Duration((Int128)a.Nanoseconds + b.Nanoseconds),
        _ => null,
    };

    private static CelValue? Subtract(CelValue left, CelValue right) => (left, right) switch
    {
        (CelTimestamp a, CelTimestamp b) => CelTime.Between(a, b),
        (CelTimestamp t, CelDuration d) => CelTime.Add(t, -(Int128)d.Nanoseconds),
        (CelDuration a, CelDuration b) => CelTime.Duration((Int128)a.Nanoseconds - b.Nanoseconds),
        _ => null,
    };
}
