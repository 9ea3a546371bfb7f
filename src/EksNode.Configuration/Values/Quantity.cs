using System.Globalization;

namespace EksNode.Configuration.Values;

/// <summary>A Kubernetes resource quantity: <c>100m</c>, <c>1.5Gi</c>, <c>2e3</c>.</summary>
/// <param name="Value">The amount in base units; amounts beyond 2^63-1 are cut to that, as Kubernetes does.</param>
/// <remarks>Grammar: Kubernetes API reference, Quantity.</remarks>
public readonly record struct Quantity(decimal Value)
{
    private const decimal Largest = long.MaxValue;

    private static readonly string[] Suffixes = ["n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

    /// <summary>Reads a quantity.</summary>
    /// <param name="text">The text.</param>
    /// <param name="cpu">Whether it is one of CPUs, where <c>mi</c> is meant as thousandths.</param>
    public static ValueResult<Quantity> Parse(string text, bool cpu = false)
    {
        var at = text.Length > 0 && text[0] is '+' or '-' ? 1 : 0;
        var digits = at;
        while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.'))
        {
            at++;
        }

        var number = text.AsSpan(digits, at - digits);
        if (number.Count('.') > 1 || number.IsEmpty || number.SequenceEqual("."))
        {
            return new ValueProblem($"{Quoted.Text(text)} is not a quantity.", "Write a number with a unit, such as `512Mi` or `1Gi` of bytes, or `500m` of CPUs, where `m` is a thousandth.");
        }

        var suffix = text[at..];
        if (Factor(suffix) is not { } factor)
        {
            return new ValueProblem(
                $"{Quoted.Text(text)} is not a quantity: there is no unit {Quoted.Text(suffix)}.",
                SuffixHelp(text[..at], suffix, cpu));
        }

        return new Quantity(Multiply(number, factor, negative: text[0] == '-'));
    }

    private static decimal Multiply(ReadOnlySpan<char> number, decimal factor, bool negative)
    {
        decimal value;
        if (number.Length > 28 || !decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value))
        {
            value = Largest;
        }

        value = factor != 0 && value > Largest / factor ? Largest : value * factor;
        return negative ? -value : value;
    }

    private static decimal? Factor(string suffix)
    {
        if (suffix.Length > 1 && suffix[0] is 'e' or 'E' && suffix != "Ei")
        {
            return int.TryParse(suffix.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent)
                ? Power(10m, Math.Clamp(exponent, -20, 20))
                : null;
        }

        return suffix switch
        {
            "" => 1m,
            "n" => 0.000000001m,
            "u" => 0.000001m,
            "m" => 0.001m,
            "k" => 1_000m,
            "M" => 1_000_000m,
            "G" => 1_000_000_000m,
            "T" => 1_000_000_000_000m,
            "P" => 1_000_000_000_000_000m,
            "E" => 1_000_000_000_000_000_000m,
            "Ki" => Power(1024m, 1),
            "Mi" => Power(1024m, 2),
            "Gi" => Power(1024m, 3),
            "Ti" => Power(1024m, 4),
            "Pi" => Power(1024m, 5),
            "Ei" => Power(1024m, 6),
            _ => null,
        };
    }

    private static decimal Power(decimal number, int exponent)
    {
        var result = 1m;
        for (var i = 0; i < Math.Abs(exponent); i++)
        {
            result *= number;
        }

        return exponent < 0 ? 1m / result : result;
    }

    // What a unit is meant as must never be another size by a factor of a billion: `mb` are no thousandths of a byte.
    private static string SuffixHelp(string number, string suffix, bool cpu)
    {
        var trimmed = suffix.Trim();
        var isBytes = trimmed.EndsWith('B') || trimmed.EndsWith('b');
        var unit = isBytes ? trimmed[..^1] : trimmed;
        if (cpu && unit.StartsWith('m') && !isBytes)
        {
            return $"Did you mean `{number}m`, thousandths of a CPU?";
        }

        var meant = Array.Find(Suffixes, s => s == unit && !(isBytes && IsFraction(s)))
            ?? Array.Find(Suffixes, s => !IsFraction(s) && string.Equals(s, unit, StringComparison.OrdinalIgnoreCase))
            ?? Array.Find(Suffixes, s => s.Length == 2 && unit.StartsWith(s, StringComparison.OrdinalIgnoreCase));
        if (meant is not null)
        {
            return isBytes && meant.Length == 1
                ? $"Did you mean `{number}{meant}`, or `{number}{char.ToUpperInvariant(meant[0])}i`?"
                : $"Did you mean `{number}{meant}`?";
        }

        return "The units are `m`, `k`, `M`, `G`, `T`, `P`, `E` and `Ki`, `Mi`, `Gi`, `Ti`, `Pi`, `Ei`.";
    }

    private static bool IsFraction(string suffix) => suffix is "n" or "u" or "m";
}
