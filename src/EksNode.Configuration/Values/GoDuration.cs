using System.Globalization;

namespace EksNode.Configuration.Values;

/// <summary>A duration as Go writes it: <c>1h30m</c>, <c>500ms</c>, <c>-1.5s</c>.</summary>
/// <param name="Nanoseconds">Its length.</param>
/// <remarks>Grammar: Go's <c>time.ParseDuration</c>, with which the kubelet reads its settings.</remarks>
public readonly record struct GoDuration(long Nanoseconds)
{
    private const decimal Largest = long.MaxValue;

    // What is waited for: systemd counts in microseconds (systemd.time(7)), and timers of .NET take 2^32 - 2 ms, 49.7 days.
    private const long ShortestWait = 1_000;
    private const long LongestWait = (uint.MaxValue - 1L) * 1_000_000;

    private static readonly (string Unit, decimal Nanoseconds)[] Units =
    [
        ("ns", 1m), ("us", 1_000m), ("µs", 1_000m), ("μs", 1_000m), ("ms", 1_000_000m),
        ("s", 1_000_000_000m), ("m", 60_000_000_000m), ("h", 3_600_000_000_000m),
    ];

    /// <summary>The duration as Go prints it (<c>time.Duration.String</c>): <c>2m30s</c>, <c>4h0m0s</c>, <c>100ms</c>, <c>0s</c>.</summary>
    public string Text
    {
        get
        {
            if (Nanoseconds == 0)
            {
                return "0s";
            }

            var sign = Nanoseconds < 0 ? "-" : "";
            var rest = Math.Abs((decimal)Nanoseconds);
            if (rest < 1_000_000_000m)
            {
                var (unit, size) = rest < 1_000m ? ("ns", 1m) : rest < 1_000_000m ? ("µs", 1_000m) : ("ms", 1_000_000m);
                return sign + Number(rest / size) + unit;
            }

            var seconds = rest / 1_000_000_000m;
            var minutes = decimal.Floor(seconds / 60);
            var hours = decimal.Floor(minutes / 60);
            return sign
                + (hours > 0 ? Number(hours) + "h" : "")
                + (minutes > 0 ? Number(minutes - (hours * 60)) + "m" : "")
                + Number(seconds - (minutes * 60)) + "s";
        }
    }

    /// <summary>Reads a duration.</summary>
    public static ValueResult<GoDuration> Parse(string text)
    {
        var at = text.Length > 0 && text[0] is '+' or '-' ? 1 : 0;
        var negative = at == 1 && text[0] == '-';
        if (text.AsSpan(at).SequenceEqual("0"))
        {
            return new GoDuration(0);
        }

        if (at == text.Length)
        {
            return new ValueProblem("A duration is empty.", "Write a number with a unit, such as `30s`, `5m` or `1h30m`.");
        }

        var total = 0m;
        while (at < text.Length)
        {
            var start = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.'))
            {
                at++;
            }

            var number = text.AsSpan(start, at - start);
            if (number.IsEmpty || number.SequenceEqual(".") || number.Count('.') > 1 || number.Length > 20)
            {
                return new ValueProblem($"{Quoted.Text(text)} is not a duration.", "Write a number with a unit, such as `30s`, `5m` or `1h30m`.");
            }

            var unitStart = at;
            while (at < text.Length && !char.IsAsciiDigit(text[at]) && text[at] != '.')
            {
                at++;
            }

            var unit = text[unitStart..at];
            var known = Array.Find(Units, u => u.Unit == unit);
            if (known.Unit is null)
            {
                return UnitProblem(text, number.ToString(), unit);
            }

            var amount = decimal.Parse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
            total = amount > Largest / known.Nanoseconds ? Largest + 1 : total + (amount * known.Nanoseconds);
            if (total > Largest)
            {
                return new ValueProblem($"{Quoted.Text(text)} is longer than a duration can be.", "The longest duration is about 292 years.");
            }
        }

        var nanoseconds = (long)total;
        return new GoDuration(negative ? -nanoseconds : nanoseconds);
    }

    /// <summary>Reads how long something is waited for: from a microsecond to 49 days.</summary>
    /// <param name="text">The text.</param>
    /// <param name="help">What to write instead of one that is zero or less.</param>
    public static ValueResult<GoDuration> ParseWait(string text, string help) => Parse(text).TryGet(out var duration, out var problem)
        ? duration.Nanoseconds <= 0 ? new ValueProblem($"{Quoted.Text(text)} is not above zero.", help)
            : duration.Nanoseconds < ShortestWait ? new ValueProblem($"{Quoted.Text(text)} is shorter than a microsecond: nothing is waited for so short a time.", help)
            : duration.Nanoseconds > LongestWait ? new ValueProblem($"{Quoted.Text(text)} is longer than 49 days: nothing is waited for so long.", "The longest wait is `1193h`.")
            : duration
        : problem;

    private static string Number(decimal value) => value.ToString("0.#########", CultureInfo.InvariantCulture);

    private static ValueProblem UnitProblem(string text, string number, string unit) => unit.Trim() switch
    {
        "" => new ValueProblem($"{Quoted.Text(text)} is not a duration: the unit is missing.", $"Did you mean `{number}s`?"),
        "d" or "day" or "days" => new ValueProblem(
            $"{Quoted.Text(text)} is not a duration: there is no unit for days.", "Write it in hours: one day is `24h`."),
        "sec" or "secs" or "second" or "seconds" => Unknown(text, unit, number + "s"),
        "min" or "mins" or "minute" or "minutes" or "M" => Unknown(text, unit, number + "m"),
        "hour" or "hours" or "H" or "hr" => Unknown(text, unit, number + "h"),
        _ => new ValueProblem(
            $"{Quoted.Text(text)} is not a duration: there is no unit {Quoted.Text(unit)}.", "The units are `ns`, `us`, `ms`, `s`, `m` and `h`."),
    };

    private static ValueProblem Unknown(string text, string unit, string meant) =>
        new($"{Quoted.Text(text)} is not a duration: there is no unit {Quoted.Text(unit)}.", $"Did you mean `{meant}`?");
}
