using System.Globalization;
using EksNode.Configuration.Values;

namespace EksNode.Host.Packages;

/// <summary>Versions of packages: <c>epoch:upstream-release</c>, as rpm and dpkg write them.</summary>
public static class PackageVersion
{
    /// <summary>
    /// Whether a version fits a constraint, which is about upstream's numbers: epoch and release do not count, and neither does what follows the first
    /// three numbers (<c>~rc1</c>, <c>+ds1</c>). A version that does not begin with a number fits none but any.
    /// </summary>
    /// <param name="version">The whole version.</param>
    /// <param name="constraint">The constraint.</param>
    public static bool Fits(string version, VersionConstraint constraint) =>
        constraint.Pattern == "*" || (Upstream(version) is { } numbers && constraint.Matches(numbers));

    /// <summary>The order of two versions as rpm has it (rpmvercmp): by epoch, then upstream's version, then the release.</summary>
    /// <param name="left">A whole version.</param>
    /// <param name="right">Another one.</param>
    /// <returns>Less than 0 when the left one is older, 0 when they are equal, more than 0 when it is newer.</returns>
    public static int CompareRpm(string left, string right)
    {
        var order = Epoch(left).CompareTo(Epoch(right));
        if (order != 0)
        {
            return order;
        }

        left = WithoutEpoch(left);
        right = WithoutEpoch(right);
        var (leftDash, rightDash) = (ReleaseAt(left), ReleaseAt(right));
        order = CompareParts(left.AsSpan(0, leftDash), right.AsSpan(0, rightDash));
        return order != 0 ? order : CompareParts(left.AsSpan(leftDash), right.AsSpan(rightDash));
    }

    /// <summary>Upstream's first three numbers of a version; null when it does not begin with one.</summary>
    /// <param name="version">The whole version.</param>
    public static SemanticVersion? Upstream(string version)
    {
        var text = WithoutEpoch(version);
        Span<int> numbers = [0, 0, 0];
        var at = 0;
        for (var i = 0; i < numbers.Length; i++)
        {
            var start = at;
            while (at < text.Length && char.IsAsciiDigit(text[at]))
            {
                at++;
            }

            if (!int.TryParse(text.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
            {
                return i == 0 ? null : new SemanticVersion(numbers[0], numbers[1], numbers[2]);
            }

            if (at == text.Length || text[at] != '.')
            {
                break;
            }

            at++;
        }

        return new SemanticVersion(numbers[0], numbers[1], numbers[2]);
    }

    private static string WithoutEpoch(string version) => version[(version.IndexOf(':', StringComparison.Ordinal) + 1)..];

    private static int Epoch(string version) =>
        int.TryParse(version.AsSpan(0, Math.Max(0, version.IndexOf(':', StringComparison.Ordinal))), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) ? epoch : 0;

    private static int ReleaseAt(string version) => version.IndexOf('-', StringComparison.Ordinal) is var dash and >= 0 ? dash : version.Length;

    // Runs of digits compare as numbers and are newer than letters; `~` is older than anything, even the end; `^` is newer than the end and older than the rest.
    private static int CompareParts(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        while (true)
        {
            left = SkipSeparators(left);
            right = SkipSeparators(right);
            if (Rank(left) != Rank(right) || left.IsEmpty)
            {
                return Rank(left).CompareTo(Rank(right));
            }

            if (left[0] is '~' or '^')
            {
                left = left[1..];
                right = right[1..];
                continue;
            }

            var isNumber = char.IsAsciiDigit(left[0]);
            var (leftRun, rightRun) = (Run(left, isNumber), Run(right, isNumber));
            var order = isNumber ? CompareNumbers(left[..leftRun], right[..rightRun]) : left[..leftRun].SequenceCompareTo(right[..rightRun]);
            if (order != 0)
            {
                return order;
            }

            left = left[leftRun..];
            right = right[rightRun..];
        }
    }

    private static int Rank(ReadOnlySpan<char> text) => text.IsEmpty ? 1 : text[0] switch
    {
        '~' => 0,
        '^' => 2,
        _ => char.IsAsciiDigit(text[0]) ? 4 : 3,
    };

    private static ReadOnlySpan<char> SkipSeparators(ReadOnlySpan<char> text)
    {
        var at = 0;
        while (at < text.Length && !char.IsAsciiLetterOrDigit(text[at]) && text[at] is not ('~' or '^'))
        {
            at++;
        }

        return text[at..];
    }

    private static int Run(ReadOnlySpan<char> text, bool digits)
    {
        var at = 0;
        while (at < text.Length && (digits ? char.IsAsciiDigit(text[at]) : char.IsAsciiLetter(text[at])))
        {
            at++;
        }

        return at;
    }

    private static int CompareNumbers(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        left = left.TrimStart('0');
        right = right.TrimStart('0');
        return left.Length != right.Length ? left.Length.CompareTo(right.Length) : left.SequenceCompareTo(right);
    }
}
