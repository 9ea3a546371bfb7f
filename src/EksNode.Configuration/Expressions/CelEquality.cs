namespace EksNode.Configuration.Expressions;

/// <summary>A key of a map, in a form in which equal numbers of different types are one key.</summary>
/// <param name="Kind">Bool, Int (any number) or String.</param>
/// <param name="Number">The number; 0 or 1 for a boolean.</param>
/// <param name="Text">The string.</param>
internal readonly record struct CelMapKey(CelTypeKind Kind, Int128 Number, string? Text)
{
    private const double TwoTo64 = 18446744073709551616.0;

    /// <summary>The key for a value, or null when no key is equal to it.</summary>
    public static CelMapKey? Of(CelValue value) => value switch
    {
        CelBool b => new CelMapKey(CelTypeKind.Bool, b.Value ? 1 : 0, null),
        CelInt i => new CelMapKey(CelTypeKind.Int, i.Value, null),
        CelUint u => new CelMapKey(CelTypeKind.Int, u.Value, null),
        CelDouble d when double.IsInteger(d.Value) && Math.Abs(d.Value) < TwoTo64 => new CelMapKey(CelTypeKind.Int, (Int128)d.Value, null),
        CelString s => new CelMapKey(CelTypeKind.String, 0, s.Value),
        _ => null,
    };
}

/// <summary>
/// Equality and order as the CEL language definition has them: values of different types are not equal, but numbers of all
/// types lie on one number line.
/// </summary>
internal static class CelEquality
{
    private const double TwoTo63 = 9223372036854775808.0;
    private const double TwoTo64 = 18446744073709551616.0;

    /// <summary>Whether two values are equal; false, too, when the budget ends.</summary>
    public static bool AreEqual(CelValue left, CelValue right, CelBudget budget)
    {
        if (!budget.Spend(1))
        {
            return false;
        }

        switch (left, right)
        {
            case (CelNull, CelNull):
                return true;
            case (CelBool a, CelBool b):
                return a.Value == b.Value;
            case (CelString a, CelString b):
                return a.Value == b.Value;
            case (CelBytes a, CelBytes b):
                return a.Value.AsSpan().SequenceEqual(b.Value.AsSpan());
            case (CelTimestamp a, CelTimestamp b):
                return a.Seconds == b.Seconds && a.Nanoseconds == b.Nanoseconds;
            case (CelDuration a, CelDuration b):
                return a.Nanoseconds == b.Nanoseconds;
            case (CelTypeValue a, CelTypeValue b):
                return a.Value.Name == b.Value.Name;
            case (CelList a, CelList b):
                return ListsAreEqual(a, b, budget);
            case (CelMap a, CelMap b):
                return MapsAreEqual(a, b, budget);
            default:
                return CompareNumbers(left, right) == 0;
        }
    }

    /// <summary>Negative, zero or positive; null when the two have no order (other types, or not a number).</summary>
    public static int? Compare(CelValue left, CelValue right) => (left, right) switch
    {
        (CelBool a, CelBool b) => a.Value.CompareTo(b.Value),
        (CelString a, CelString b) => CompareCodePoints(a.Value, b.Value),
        (CelBytes a, CelBytes b) => a.Value.AsSpan().SequenceCompareTo(b.Value.AsSpan()),
        (CelTimestamp a, CelTimestamp b) => (a.Seconds, a.Nanoseconds).CompareTo((b.Seconds, b.Nanoseconds)),
        (CelDuration a, CelDuration b) => a.Nanoseconds.CompareTo(b.Nanoseconds),
        _ => CompareNumbers(left, right),
    };

    /// <summary>Whether values of these types can be compared with <c>&lt;</c>, even if one of them is not a number.</summary>
    public static bool HaveOrder(CelValue left, CelValue right) =>
        (IsNumber(left) && IsNumber(right))
        || (left.Type.Kind == right.Type.Kind
            && left is CelBool or CelString or CelBytes or CelTimestamp or CelDuration);

    private static bool IsNumber(CelValue value) => value is CelInt or CelUint or CelDouble;

    private static int? CompareNumbers(CelValue left, CelValue right) => (left, right) switch
    {
        (CelInt a, CelInt b) => a.Value.CompareTo(b.Value),
        (CelUint a, CelUint b) => a.Value.CompareTo(b.Value),
        (CelInt a, CelUint b) => ((Int128)a.Value).CompareTo(b.Value),
        (CelUint a, CelInt b) => ((Int128)a.Value).CompareTo(b.Value),
        (CelDouble a, CelDouble b) => CompareDoubles(a.Value, b.Value),
        (CelDouble a, CelInt b) => CompareToInt(a.Value, b.Value),
        (CelInt a, CelDouble b) => -CompareToInt(b.Value, a.Value),
        (CelDouble a, CelUint b) => CompareToUint(a.Value, b.Value),
        (CelUint a, CelDouble b) => -CompareToUint(b.Value, a.Value),
        _ => null,
    };

    // NaN has no order. Not double.CompareTo, which calls it the smallest number.
    private static int? CompareDoubles(double a, double b) => a < b ? -1 : a > b ? 1 : a == b ? 0 : null;

    private static int? CompareToInt(double a, long b) =>
        a < -TwoTo63 ? -1 : a > TwoTo63 ? 1 : CompareDoubles(a, b);

    private static int? CompareToUint(double a, ulong b) =>
        a < 0 ? -1 : a > TwoTo64 ? 1 : CompareDoubles(a, b);

    private static bool ListsAreEqual(CelList a, CelList b, CelBudget budget)
    {
        if (a.Items.Length != b.Items.Length)
        {
            return false;
        }

        for (var i = 0; i < a.Items.Length; i++)
        {
            if (!AreEqual(a.Items[i], b.Items[i], budget))
            {
                return false;
            }
        }

        return true;
    }

    private static bool MapsAreEqual(CelMap a, CelMap b, CelBudget budget)
    {
        if (a.Entries.Length != b.Entries.Length)
        {
            return false;
        }

        foreach (var (key, value) in a.Entries)
        {
            if (b.Find(key) is not { } other || !AreEqual(value, other, budget))
            {
                return false;
            }
        }

        return true;
    }

    // UTF-16 puts U+E000 to U+FFFF after the surrogates of larger code points: lift them so that code points decide.
    private static int CompareCodePoints(string a, string b)
    {
        var length = Math.Min(a.Length, b.Length);
        for (var i = 0; i < length; i++)
        {
            if (a[i] != b[i])
            {
                return Rank(a[i]).CompareTo(Rank(b[i]));
            }
        }

        return a.Length.CompareTo(b.Length);
    }

    private static int Rank(char unit) => char.IsSurrogate(unit) ? unit + 0x10000 : unit;
}
