namespace EksNode.Rendering;

/// <summary>What a line of a diff is.</summary>
public enum DiffKind
{
    /// <summary>In both texts.</summary>
    Same,

    /// <summary>Only in the earlier text.</summary>
    Removed,

    /// <summary>Only in the later text.</summary>
    Added,

    /// <summary>Lines left out.</summary>
    Gap,
}

/// <summary>A line of a diff.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The line, without its end.</param>
public readonly record struct DiffLine(DiffKind Kind, string Text);

/// <summary>A line diff of two texts: the longest common subsequence, with a few lines of context.</summary>
public static class LineDiff
{
    // A table of this many cells takes 64 MiB; larger texts are shown as replaced as a whole.
    private const long LargestTable = 16 * 1024 * 1024;

    /// <summary>The difference.</summary>
    /// <param name="before">The earlier text.</param>
    /// <param name="after">The later text.</param>
    /// <param name="context">How many equal lines to show around a change.</param>
    public static IReadOnlyList<DiffLine> Compute(string before, string after, int context = 2)
    {
        var all = Align(before.Split('\n'), after.Split('\n'));
        var shown = new bool[all.Count];
        for (var i = 0; i < all.Count; i++)
        {
            if (all[i].Kind != DiffKind.Same)
            {
                for (var j = Math.Max(0, i - context); j <= Math.Min(all.Count - 1, i + context); j++)
                {
                    shown[j] = true;
                }
            }
        }

        var lines = new List<DiffLine>();
        for (var i = 0; i < all.Count; i++)
        {
            if (shown[i])
            {
                lines.Add(all[i]);
            }
            else if (lines.Count > 0 && lines[^1].Kind != DiffKind.Gap)
            {
                lines.Add(new DiffLine(DiffKind.Gap, "…"));
            }
        }

        if (lines.Count > 0 && lines[^1].Kind == DiffKind.Gap)
        {
            lines.RemoveAt(lines.Count - 1);
        }

        return lines;
    }

    private static List<DiffLine> Align(string[] before, string[] after)
    {
        var lines = new List<DiffLine>();
        if ((long)(before.Length + 1) * (after.Length + 1) > LargestTable)
        {
            lines.AddRange(before.Select(l => new DiffLine(DiffKind.Removed, l)));
            lines.AddRange(after.Select(l => new DiffLine(DiffKind.Added, l)));
            return lines;
        }

        var common = new int[before.Length + 1, after.Length + 1];
        for (var i = before.Length - 1; i >= 0; i--)
        {
            for (var j = after.Length - 1; j >= 0; j--)
            {
                common[i, j] = before[i] == after[j]
                    ? common[i + 1, j + 1] + 1
                    : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        int b = 0, a = 0;
        while (b < before.Length || a < after.Length)
        {
            if (b < before.Length && a < after.Length && before[b] == after[a])
            {
                lines.Add(new DiffLine(DiffKind.Same, before[b]));
                b++;
                a++;
            }
            else if (b < before.Length && (a == after.Length || common[b + 1, a] >= common[b, a + 1]))
            {
                lines.Add(new DiffLine(DiffKind.Removed, before[b++]));
            }
            else
            {
                lines.Add(new DiffLine(DiffKind.Added, after[a++]));
            }
        }

        return lines;
    }
}
