using System.Globalization;

namespace EksNode.Host.Facts;

/// <summary>A time as somebody wrote it: to the second or finer, so that it is compared no finer than it was written.</summary>
/// <param name="Nanoseconds">Nanoseconds since 1970.</param>
/// <param name="Precision">The nanoseconds that one unit of the last written digit stands for.</param>
public readonly record struct FileTime(long Nanoseconds, long Precision)
{
    private const int SecondsLength = 19;
    private const int MostDigits = 9;
    private const long NanosecondsPerTick = 100;
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Reads RFC 3339 between 1970 and 2262; null for anything else.</summary>
    public static FileTime? Parse(string text)
    {
        if (text.Length <= SecondsLength)
        {
            return null;
        }

        var zone = SecondsLength;
        long fraction = 0;
        var precision = NanosecondsPerSecond;
        if (text[zone] == '.')
        {
            for (zone++; zone < text.Length && char.IsAsciiDigit(text[zone]); zone++)
            {
                if (zone - SecondsLength <= MostDigits)
                {
                    precision /= 10;
                    fraction += (text[zone] - '0') * precision;
                }
            }
        }

        return DateTimeOffset.TryParseExact(
            string.Concat(text.AsSpan(0, SecondsLength), text.AsSpan(zone)),
            ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:sszzz"],
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var time) && (time - DateTimeOffset.UnixEpoch).Ticks is >= 0 and < long.MaxValue / NanosecondsPerTick and var ticks
            ? new FileTime((ticks * NanosecondsPerTick) + fraction, precision)
            : null;
    }

    /// <summary>Whether a file's time is this one, as far as it was written.</summary>
    /// <param name="nanoseconds">The file's time in nanoseconds since 1970.</param>
    public bool IsTimeOf(long nanoseconds) => nanoseconds / Precision == Nanoseconds / Precision;
}
