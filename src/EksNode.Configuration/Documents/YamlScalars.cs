using System.Globalization;

namespace EksNode.Configuration.Documents;

/// <summary>
/// What a YAML scalar means: the rules of YAML 1.1 as the Kubernetes ecosystem applies them (sigs.k8s.io/yaml over go-yaml
/// v2, then JSON). Booleans are also <c>y n yes no on off</c>; <c>0644</c> and <c>0o644</c> are octal; <c>_</c> may stand in
/// numbers; a date is a string; a number with a fraction goes through a 64-bit float and takes its JSON form, so that
/// <c>1e3</c> becomes <c>1000</c>.
/// </summary>
internal static class YamlScalars
{
    /// <summary>The meaning of a scalar without quotes and without a tag.</summary>
    public static (ScalarKind Kind, string Text) Resolve(string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return (ScalarKind.Null, "null");
            case "y" or "Y" or "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON":
                return (ScalarKind.Bool, "true");
            case "n" or "N" or "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF":
                return (ScalarKind.Bool, "false");
            case ".nan" or ".NaN" or ".NAN":
                return (ScalarKind.Float, ".nan");
            case ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF":
                return (ScalarKind.Float, ".inf");
            case "-.inf" or "-.Inf" or "-.INF":
                return (ScalarKind.Float, "-.inf");
        }

        return text[0] switch
        {
            '.' => Float(text) is { } value ? Number(value) : (ScalarKind.String, text),
            '+' or '-' or (>= '0' and <= '9') => NumberOrString(text),
            _ => (ScalarKind.String, text),
        };
    }

    /// <summary>Whether the canonical text is a float that JSON cannot hold.</summary>
    public static bool IsNotFinite(string canonical) => canonical is ".nan" or ".inf" or "-.inf";

    /// <summary>The string that a key becomes in JSON. A float key takes the precision of 32 bits, as it does in Go.</summary>
    public static string Key(ScalarKind kind, string plain, string canonical)
    {
        if (kind is ScalarKind.Bool or ScalarKind.String || IsNotFinite(canonical))
        {
            return canonical;
        }

        var digits = plain.Replace("_", "", StringComparison.Ordinal);
        return Integer(digits) ?? FormatShortest((float)(Float(digits) ?? 0));
    }

    private static (ScalarKind Kind, string Text) NumberOrString(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        if (Integer(digits) is { } integer)
        {
            return (ScalarKind.Integer, integer);
        }

        return Float(digits) is { } value ? Number(value) : (ScalarKind.String, text);
    }

    private static (ScalarKind Kind, string Text) Number(double value)
    {
        var text = FormatJson(value);
        return (text.AsSpan().IndexOfAny('.', 'e') < 0 ? ScalarKind.Integer : ScalarKind.Float, text);
    }

    // Go's strconv.ParseInt and ParseUint with base 0: an integer that fits 64 bits, signed or (without a sign) unsigned.
    private static string? Integer(string text)
    {
        var negative = text.StartsWith('-');
        var signed = negative || text.StartsWith('+');
        var rest = text.AsSpan(signed ? 1 : 0);
        var (radix, prefix) = rest switch
        {
            ['0', 'x' or 'X', ..] => (16, 2),
            ['0', 'o' or 'O', ..] => (8, 2),
            ['0', 'b' or 'B', ..] => (2, 2),
            ['0', _, ..] => (8, 1),
            _ => (10, 0),
        };
        rest = rest[prefix..];
        UInt128 value = 0;
        foreach (var c in rest)
        {
            var digit = char.IsAsciiDigit(c) ? c - '0' : char.IsAsciiLetter(c) ? (c | 0x20) - 'a' + 10 : radix;
            value = value * (uint)radix + (uint)digit;
            if (digit >= radix || value > ulong.MaxValue)
            {
                return null;
            }
        }

        var largest = negative ? 1UL << 63 : signed ? long.MaxValue : ulong.MaxValue;
        return rest.IsEmpty || value > largest
            ? null
            : (negative && value != 0 ? "-" : "") + value.ToString(CultureInfo.InvariantCulture);
    }

    // [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? and within the range of a 64-bit float.
    private static double? Float(string text)
    {
        var i = text.Length > 0 && text[0] is '+' or '-' ? 1 : 0;
        var whole = SkipDigits(text, ref i);
        var fraction = 0;
        if (i < text.Length && text[i] == '.')
        {
            i++;
            fraction = SkipDigits(text, ref i);
        }

        if (whole + fraction == 0)
        {
            return null;
        }

        if (i < text.Length && text[i] is 'e' or 'E')
        {
            i++;
            if (i < text.Length && text[i] is '+' or '-')
            {
                i++;
            }

            if (SkipDigits(text, ref i) == 0)
            {
                return null;
            }
        }

        return i == text.Length
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && double.IsFinite(value)
                ? value
                : null;
    }

    private static int SkipDigits(string text, ref int i)
    {
        var start = i;
        while (i < text.Length && char.IsAsciiDigit(text[i]))
        {
            i++;
        }

        return i - start;
    }

    // encoding/json: plain digits between 1e-6 and 1e21, else an exponent without leading zeros.
    private static string FormatJson(double value)
    {
        var (sign, digits, exponent) = Decompose(value.ToString("R", CultureInfo.InvariantCulture));
        var magnitude = Math.Abs(value);
        return magnitude != 0 && (magnitude < 1e-6 || magnitude >= 1e21)
            ? sign + Scientific(digits, exponent, minimumExponentDigits: 1)
            : sign + Plain(digits, exponent);
    }

    // strconv.FormatFloat(f, 'g', -1, 32): an exponent, with two digits at least, below 1e-4 and from 1e6.
    private static string FormatShortest(float value)
    {
        if (float.IsInfinity(value))
        {
            return value < 0 ? "-.inf" : ".inf";
        }

        var (sign, digits, exponent) = Decompose(value.ToString("R", CultureInfo.InvariantCulture));
        return value != 0 && exponent is < -4 or >= 6
            ? sign + Scientific(digits, exponent, minimumExponentDigits: 2)
            : sign + Plain(digits, exponent);
    }

    // The significant digits, and the power of ten of the first of them.
    private static (string Sign, string Digits, int Exponent) Decompose(string text)
    {
        var sign = text.StartsWith('-') ? "-" : "";
        var rest = text[sign.Length..];
        var e = rest.IndexOf('E', StringComparison.Ordinal);
        var exponent = e < 0 ? 0 : int.Parse(rest.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = e < 0 ? rest : rest[..e];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var all = mantissa.Replace(".", "", StringComparison.Ordinal);
        var whole = point < 0 ? all.Length : point;
        var digits = all.TrimStart('0');
        if (digits.Length == 0)
        {
            return (sign, "0", 0);
        }

        exponent += whole - 1 - (all.Length - digits.Length);
        digits = digits.TrimEnd('0');
        return (sign, digits, exponent);
    }

    private static string Plain(string digits, int exponent) =>
        exponent < 0 ? "0." + new string('0', -exponent - 1) + digits
        : digits.Length <= exponent + 1 ? digits.PadRight(exponent + 1, '0')
        : digits[..(exponent + 1)] + "." + digits[(exponent + 1)..];

    private static string Scientific(string digits, int exponent, int minimumExponentDigits) =>
        digits[..1]
        + (digits.Length > 1 ? "." + digits[1..] : "")
        + (exponent < 0 ? "e-" : "e+")
        + Math.Abs(exponent).ToString("D" + minimumExponentDigits, CultureInfo.InvariantCulture);
}
