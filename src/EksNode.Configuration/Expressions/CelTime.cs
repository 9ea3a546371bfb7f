using System.Collections.Immutable;
using System.Globalization;

namespace EksNode.Configuration.Expressions;

/// <summary>Timestamps and durations: their text forms, arithmetic and parts.</summary>
internal static class CelTime
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const int NanosecondsPerMillisecond = 1_000_000;
    private const int NanosecondsPerTick = 100;
    private const long FirstSecond = -62_135_596_800; // 0001-01-01T00:00:00Z
    private const long LastSecond = 253_402_300_799; // 9999-12-31T23:59:59Z

    /// <summary>The parts of a date. Months, days of the month (but for getDate), of the week and of the year count from 0.</summary>
    public static ImmutableArray<string> CalendarGetters { get; } =
        ["getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear"];

    /// <summary>The parts of a time of day; of a duration, its length in that unit (of milliseconds: beyond whole seconds).</summary>
    public static ImmutableArray<string> ClockGetters { get; } = ["getHours", "getMinutes", "getSeconds", "getMilliseconds"];

    /// <summary>A timestamp, when it is in the range of years 1 to 9999.</summary>
    public static CelValue Timestamp(Int128 seconds, Int128 nanoseconds)
    {
        var total = (seconds * NanosecondsPerSecond) + nanoseconds;
        var whole = total / NanosecondsPerSecond;
        var rest = total % NanosecondsPerSecond;
        if (rest < 0)
        {
            (whole, rest) = (whole - 1, rest + NanosecondsPerSecond);
        }

        return whole < FirstSecond || whole > LastSecond
            ? new CelFailure("the timestamp is not within the years 1 to 9999")
            : new CelTimestamp((long)whole, (int)rest);
    }

    /// <summary>A duration, when its nanoseconds fit into 64 bits.</summary>
    public static CelValue Duration(Int128 nanoseconds) => nanoseconds < long.MinValue || nanoseconds > long.MaxValue
        ? new CelFailure("the duration is longer than 292 years")
        : new CelDuration((long)nanoseconds);

    /// <summary>The sum of a timestamp and a duration.</summary>
    public static CelValue Add(CelTimestamp timestamp, Int128 nanoseconds) =>
        Timestamp(timestamp.Seconds, timestamp.Nanoseconds + nanoseconds);

    /// <summary>The duration from the second timestamp to the first.</summary>
    public static CelValue Between(CelTimestamp later, CelTimestamp earlier) =>
        Duration((((Int128)later.Seconds - earlier.Seconds) * NanosecondsPerSecond) + later.Nanoseconds - earlier.Nanoseconds);

    /// <summary>RFC 3339, in UTC, with as many digits of the second as there are.</summary>
    public static string Text(CelTimestamp timestamp) =>
        DateTime.UnixEpoch.AddSeconds(timestamp.Seconds).ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture)
        + Fraction(timestamp.Nanoseconds) + "Z";

    /// <summary>Seconds with as many digits as there are: <c>-1.5s</c>.</summary>
    public static string Text(CelDuration duration)
    {
        var magnitude = Int128.Abs(duration.Nanoseconds);
        return (duration.Nanoseconds < 0 ? "-" : "")
            + (magnitude / NanosecondsPerSecond).ToString(CultureInfo.InvariantCulture)
            + Fraction((int)(magnitude % NanosecondsPerSecond)) + "s";
    }

    /// <summary>Reads RFC 3339.</summary>
    public static CelValue ParseTimestamp(string text)
    {
        var failure = new CelFailure($"{CelText.Short(new CelString(text))} is no timestamp, as in \"2026-01-31T12:00:00Z\"");
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':')
        {
            return failure;
        }

        var zone = 19;
        var nanoseconds = 0;
        if (text[19] == '.')
        {
            zone = 20;
            while (zone < text.Length && char.IsAsciiDigit(text[zone]))
            {
                zone++;
            }

            if (zone == 20)
            {
                return failure;
            }

            nanoseconds = Number(text.AsSpan(20, Math.Min(zone - 20, 9)).ToString().PadRight(9, '0')) ?? 0;
        }

        if (Number(text[..4]) is not (>= 1 and <= 9999 and var year)
            || Number(text[5..7]) is not (>= 1 and <= 12 and var month)
            || Number(text[8..10]) is not (>= 1 and var day) || day > DateTime.DaysInMonth(year, month)
            || Number(text[11..13]) is not (<= 23 and var hour)
            || Number(text[14..16]) is not (<= 59 and var minute)
            || Number(text[17..19]) is not (<= 59 and var second)
            || OffsetSeconds(text[zone..]) is not { } offset)
        {
            return failure;
        }

        var local = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc);
        return Timestamp(((local - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond) - offset, nanoseconds);
    }

    /// <summary>Reads a duration: a sign, then numbers with a unit: <c>-1h2.5m</c>.</summary>
    public static CelValue ParseDuration(string text)
    {
        var failure = new CelFailure($"{CelText.Short(new CelString(text))} is no duration, as in \"1h30m\"");
        var at = text.StartsWith('-') || text.StartsWith('+') ? 1 : 0;
        if (text[at..] == "0")
        {
            return new CelDuration(0);
        }

        Int128 total = 0;
        if (at == text.Length)
        {
            return failure;
        }

        while (at < text.Length)
        {
            if (Component(text, ref at) is not { } component)
            {
                return failure;
            }

            total += component;
            if (total > (Int128)long.MaxValue + 1)
            {
                return Duration(total);
            }
        }

        return Duration(text[0] == '-' ? -total : total);
    }

    /// <summary>A part of a timestamp in a time zone; the zone is UTC when null.</summary>
    public static CelValue Get(string getter, CelTimestamp timestamp, string? zone)
    {
        if (OffsetSeconds(zone ?? "UTC") is not { } offset)
        {
            return new CelFailure($"the time zone {CelText.Short(new CelString(zone!))} is not known; use UTC or an offset such as \"-02:00\"");
        }

        var shifted = Timestamp((Int128)timestamp.Seconds + offset, timestamp.Nanoseconds);
        if (shifted is not CelTimestamp there)
        {
            return shifted;
        }

        var time = DateTime.UnixEpoch.AddSeconds(there.Seconds).AddTicks(there.Nanoseconds / NanosecondsPerTick);
        return new CelInt(getter switch
        {
            "getFullYear" => time.Year,
            "getMonth" => time.Month - 1,
            "getDate" => time.Day,
            "getDayOfMonth" => time.Day - 1,
            "getDayOfWeek" => (int)time.DayOfWeek,
            "getDayOfYear" => time.DayOfYear - 1,
            "getHours" => time.Hour,
            "getMinutes" => time.Minute,
            "getSeconds" => time.Second,
            _ => time.Millisecond,
        });
    }

    /// <summary>A duration in a unit.</summary>
    public static CelValue Get(string getter, CelDuration duration) => new CelInt(getter switch
    {
        "getHours" => duration.Nanoseconds / (3600 * NanosecondsPerSecond),
        "getMinutes" => duration.Nanoseconds / (60 * NanosecondsPerSecond),
        "getSeconds" => duration.Nanoseconds / NanosecondsPerSecond,
        _ => duration.Nanoseconds % NanosecondsPerSecond / NanosecondsPerMillisecond,
    });

    private static string Fraction(int nanoseconds) =>
        nanoseconds == 0 ? "" : "." + nanoseconds.ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0');

    private static int? Number(string digits)
    {
        foreach (var c in digits)
        {
            if (!char.IsAsciiDigit(c))
            {
                return null;
            }
        }

        return int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    // Z, UTC, +hh:mm, -hh:mm, hh:mm; null for anything else: names of places need a database that is not linked in.
    private static int? OffsetSeconds(string zone)
    {
        if (zone is "Z" or "UTC")
        {
            return 0;
        }

        var sign = zone.StartsWith('-') ? -1 : 1;
        var rest = zone.StartsWith('-') || zone.StartsWith('+') ? zone[1..] : zone;
        return rest.Length == 5 && rest[2] == ':' && Number(rest[..2]) is <= 23 and var hours && Number(rest[3..]) is <= 59 and var minutes
            ? sign * ((hours * 3600) + (minutes * 60))
            : null;
    }

    private static Int128? Component(string text, ref int at)
    {
        const int MostDigits = 19;
        var start = at;
        Int128 number = 0;
        Int128 scale = 1;
        var digits = 0;
        var inFraction = false;
        for (; at < text.Length && (char.IsAsciiDigit(text[at]) || (text[at] == '.' && !inFraction)); at++)
        {
            if (text[at] == '.')
            {
                inFraction = true;
                continue;
            }

            digits++;
            if (inFraction && scale > NanosecondsPerSecond * 1000)
            {
                continue; // beyond any effect on nanoseconds of an hour that is truncated
            }

            number = (number * 10) + (text[at] - '0');
            scale *= inFraction ? 10 : 1;
            if (number / scale > long.MaxValue && at - start > MostDigits)
            {
                return null;
            }
        }

        var unitStart = at;
        while (at < text.Length && !char.IsAsciiDigit(text[at]) && text[at] != '.')
        {
            at++;
        }

        long unit = text[unitStart..at] switch
        {
            "ns" => 1,
            "us" or "µs" or "μs" => 1000,
            "ms" => NanosecondsPerMillisecond,
            "s" => NanosecondsPerSecond,
            "m" => 60 * NanosecondsPerSecond,
            "h" => 3600 * NanosecondsPerSecond,
            _ => 0,
        };
        return digits == 0 || unit == 0 ? null : number * unit / scale;
    }
}
