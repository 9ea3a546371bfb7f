using System.Globalization;
using System.Text;

namespace EksNode.Configuration.Expressions;

/// <summary>The conversions between types. Source: the CEL language definition, "Type Conversions".</summary>
internal static class CelConversions
{
    private const double TwoTo63 = 9223372036854775808.0;
    private const double TwoTo64 = 18446744073709551616.0;

    private const int SmallestPlainExponent = -4;
    private const int FirstLargeExponent = 6;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Applies a conversion function; null when it does not take this type.</summary>
    public static CelValue? Convert(string function, CelValue value) => (function, value) switch
    {
        ("dyn", _) => value,
        ("type", _) => new CelTypeValue(value.Type),
        ("int", CelInt) or ("uint", CelUint) or ("double", CelDouble) or ("string", CelString) or ("bytes", CelBytes)
            or ("bool", CelBool) or ("timestamp", CelTimestamp) or ("duration", CelDuration) => value,
        ("int", _) => ToInt(value),
        ("uint", CelInt i) => i.Value < 0 ? OutOfRange(value, "uint") : new CelUint((ulong)i.Value),
        ("uint", CelDouble d) => d.Value is >= 0 and < TwoTo64 ? new CelUint((ulong)d.Value) : OutOfRange(value, "uint"),
        ("uint", CelString s) => !s.Value.Contains('\0', StringComparison.Ordinal)
            && ulong.TryParse(s.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var u) ? new CelUint(u) : NotA(value, "uint"),
        ("double", CelInt i) => new CelDouble(i.Value),
        ("double", CelUint u) => new CelDouble(u.Value),
        ("double", CelString s) => ParseDouble(s),
        ("string", CelBool b) => new CelString(b.ToString()),
        ("string", CelInt i) => new CelString(i.ToString()),
        ("string", CelUint u) => new CelString(u.Value.ToString(CultureInfo.InvariantCulture)),
        ("string", CelDouble d) => new CelString(DoubleText(d.Value)),
        ("string", CelBytes b) => Decode(b),
        ("string", CelTimestamp t) => new CelString(CelTime.Text(t)),
        ("string", CelDuration d) => new CelString(CelTime.Text(d)),
        ("bytes", CelString s) => new CelBytes([.. Encoding.UTF8.GetBytes(s.Value)]),
        ("bool", CelString s) => ParseBool(s),
        ("timestamp", CelInt i) => CelTime.Timestamp(i.Value, 0),
        ("timestamp", CelString s) => CelTime.ParseTimestamp(s.Value),
        ("duration", CelString s) => CelTime.ParseDuration(s.Value),
        _ => null,
    };

    /// <summary>
    /// To an int: a uint and a double in range (the fraction is cut), a decimal string, the Unix seconds of a timestamp, the
    /// nanoseconds of a duration. Null for other types.
    /// </summary>
    public static CelValue? ToInt(CelValue value) => value switch
    {
        CelInt => value,
        CelUint u => u.Value <= long.MaxValue ? new CelInt((long)u.Value) : OutOfRange(value, "int"),
        CelDouble d => d.Value is > -TwoTo63 and < TwoTo63 ? new CelInt((long)d.Value) : OutOfRange(value, "int"),
        CelString s => !s.Value.Contains('\0', StringComparison.Ordinal)
            && long.TryParse(s.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var i)
                ? new CelInt(i)
                : NotA(value, "int"),
        CelTimestamp t => new CelInt(t.Seconds),
        CelDuration d => new CelInt(d.Nanoseconds),
        _ => null,
    };

    /// <summary>
    /// The shortest text that reads back as the same number, with an exponent below 1e-4 and from 1e+06, as the reference
    /// implementation writes it.
    /// </summary>
    public static string DoubleText(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
        }

        var sign = double.IsNegative(value) ? "-" : "";
        if (value == 0)
        {
            return sign + "0";
        }

        var (digits, exponent) = Scientific(Math.Abs(value));
        if (exponent is < SmallestPlainExponent or >= FirstLargeExponent)
        {
            return sign + digits[0] + (digits.Length > 1 ? "." + digits[1..] : "")
                + string.Create(CultureInfo.InvariantCulture, $"e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
        }

        if (exponent < 0)
        {
            return sign + "0." + new string('0', -exponent - 1) + digits;
        }

        return digits.Length <= exponent + 1
            ? sign + digits.PadRight(exponent + 1, '0')
            : sign + digits[..(exponent + 1)] + "." + digits[(exponent + 1)..];
    }

    // The shortest digits d1d2d3… and the exponent of d1.d2d3…
    private static (string Digits, int Exponent) Scientific(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        var e = text.IndexOf('E', StringComparison.Ordinal);
        var mantissa = e < 0 ? text : text[..e];
        var exponent = e < 0 ? 0 : int.Parse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        var significant = digits.TrimStart('0');
        exponent += (point < 0 ? digits.Length : point) - (digits.Length - significant.Length) - 1;
        return (significant.TrimEnd('0'), exponent);
    }

    private static CelFailure OutOfRange(CelValue value, string type) => new($"{CelText.Short(value)} is out of the range of {type}");

    private static CelFailure NotA(CelValue value, string type) => new($"{CelText.Short(value)} is no {type}");

    private static CelValue ParseDouble(CelString value)
    {
        var text = value.Value;
        var unsigned = text.StartsWith('-') || text.StartsWith('+') ? text[1..] : text;
        var negative = text.StartsWith('-');
        if (unsigned.Equals("inf", StringComparison.OrdinalIgnoreCase) || unsigned.Equals("infinity", StringComparison.OrdinalIgnoreCase))
        {
            return new CelDouble(negative ? double.NegativeInfinity : double.PositiveInfinity);
        }

        if (text.Equals("nan", StringComparison.OrdinalIgnoreCase))
        {
            return new CelDouble(double.NaN);
        }

        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return unsigned.Length > 0 && (char.IsAsciiDigit(unsigned[0]) || unsigned[0] == '.') && !text.Contains('\0', StringComparison.Ordinal)
            && double.TryParse(text, Style, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? new CelDouble(number)
            : NotA(value, "double");
    }

    private static CelValue ParseBool(CelString value) => value.Value switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => CelBool.True,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => CelBool.False,
        _ => NotA(value, "bool"),
    };

    private static CelValue Decode(CelBytes value)
    {
        try
        {
            return new CelString(StrictUtf8.GetString(value.Value.AsSpan()));
        }
        catch (DecoderFallbackException)
        {
            return new CelFailure("the bytes are no UTF-8");
        }
    }
}
