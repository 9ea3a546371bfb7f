using System.Globalization;

namespace EksNode.Configuration.Values;

/// <summary>A version <c>major.minor.patch</c>; suffixes such as <c>-eks-1234567</c> are dropped.</summary>
/// <param name="Major">The major number.</param>
/// <param name="Minor">The minor number.</param>
/// <param name="Patch">The patch number.</param>
public readonly record struct SemanticVersion(int Major, int Minor, int Patch) : IComparable<SemanticVersion>
{
    /// <summary>Finds the first <c>n.n.n</c> in a text, with or without a leading <c>v</c>.</summary>
    public static SemanticVersion? Find(string text)
    {
        for (var start = 0; start < text.Length; start++)
        {
            if (char.IsAsciiDigit(text[start])
                && (start == 0 || !char.IsAsciiDigit(text[start - 1]))
                && Number(text, start, out var afterMajor) is { } major
                && afterMajor < text.Length && text[afterMajor] == '.'
                && Number(text, afterMajor + 1, out var afterMinor) is { } minor
                && afterMinor < text.Length && text[afterMinor] == '.'
                && Number(text, afterMinor + 1, out _) is { } patch)
            {
                return new SemanticVersion(major, minor, patch);
            }
        }

        return null;
    }

    /// <summary>Whether this is the given minor release or a later one.</summary>
    public bool AtLeast(int major, int minor) => Major > major || (Major == major && Minor >= minor);

    /// <inheritdoc/>
    public int CompareTo(SemanticVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    /// <summary>Whether the left version is older.</summary>
    public static bool operator <(SemanticVersion left, SemanticVersion right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left version is older or the same.</summary>
    public static bool operator <=(SemanticVersion left, SemanticVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left version is newer.</summary>
    public static bool operator >(SemanticVersion left, SemanticVersion right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left version is newer or the same.</summary>
    public static bool operator >=(SemanticVersion left, SemanticVersion right) => left.CompareTo(right) >= 0;

    /// <summary><c>1.33.4</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}");

    private static int? Number(string text, int start, out int end)
    {
        end = start;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        return end > start && int.TryParse(text.AsSpan(start, end - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
    }
}
