namespace EksNode.Configuration.Text;

/// <summary>Finds what a misspelt name was probably meant to be.</summary>
public static class Suggestions
{
    private const int ShortestPart = 4;

    /// <summary>
    /// The candidate nearest to the name, when it is near enough: the same but for case or separators, or within a third of
    /// its length in edits. Of equally near ones the first in ordinal order. When none is near, the only one that holds the name. None where
    /// a candidate differs in its digits alone (<c>RAID5</c>, <c>VersionTLS14</c>): that is another thing, not a slip.
    /// </summary>
    public static string? Nearest(string name, IEnumerable<string> candidates)
    {
        string? best = null;
        var otherDigits = false;
        var bestDistance = Math.Max(1, name.Length / 3) + 1;
        foreach (var candidate in candidates.Order(StringComparer.Ordinal))
        {
            otherDigits |= DifferInDigits(name, candidate);
            var distance = Fold(candidate) == Fold(name) ? 0 : Distance(name, candidate);
            if (distance < bestDistance)
            {
                (best, bestDistance) = (candidate, distance);
            }
        }

        return otherDigits && bestDistance > 0 ? null : best ?? Holder(name, candidates);
    }

    // What a part of a longer name stands for, when that is not a matter of guessing.
    private static string? Holder(string name, IEnumerable<string> candidates)
    {
        string? found = null;
        foreach (var candidate in candidates)
        {
            if (name.Length >= ShortestPart && candidate.Contains(name, StringComparison.OrdinalIgnoreCase))
            {
                if (found is not null)
                {
                    return null;
                }

                found = candidate;
            }
        }

        return found;
    }

    private static bool DifferInDigits(string a, string b)
    {
        var digits = false;
        for (var i = 0; i < a.Length && a.Length == b.Length; i++)
        {
            if (a[i] != b[i])
            {
                if (!char.IsAsciiDigit(a[i]) || !char.IsAsciiDigit(b[i]))
                {
                    return false;
                }

                digits = true;
            }
        }

        return digits;
    }

    /// <summary>The help sentence: <c>Did you mean `maxPods`?</c>, or the given one when nothing is near.</summary>
    public static string DidYouMean(string name, IEnumerable<string> candidates, string otherwise) =>
        Nearest(name, candidates) is { } nearest ? $"Did you mean `{nearest}`?" : otherwise;

    /// <summary>Whether a name is another one with one slip: a character left out, doubled, replaced by another letter, or two swapped. Digits are no slips.</summary>
    /// <param name="name">The name.</param>
    /// <param name="candidate">The other one.</param>
    public static bool IsSlip(string name, string candidate) =>
        Math.Abs(name.Length - candidate.Length) <= 1 && !DifferInDigits(name, candidate) && Distance(name, candidate) == 1;

    private static string Fold(string name) =>
        name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    // Optimal string alignment: insert, delete, replace, swap two neighbours.
    private static int Distance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > a.Length)
        {
            return int.MaxValue;
        }

        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i, j] = i + j;
                    continue;
                }

                var replace = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                rows[i, j] = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + replace);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[a.Length, b.Length];
    }
}
