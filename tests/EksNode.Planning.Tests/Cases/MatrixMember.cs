using System.Globalization;

namespace EksNode.Planning.Tests.Cases;

/// <summary>A Kubernetes minor release with a containerd major release: what every case is planned for.</summary>
/// <param name="Minor">Kubernetes 1.<c>Minor</c>.</param>
/// <param name="Containerd">1 or 2.</param>
internal readonly record struct MatrixMember(int Minor, int Containerd)
{
    public const int FirstMinor = 29;
    public const int LastMinor = 36;

    public static IReadOnlyList<int> Containerds { get; } = [1, 2];

    public static IReadOnlyList<MatrixMember> All { get; } =
        [.. Containerds.SelectMany(c => Enumerable.Range(FirstMinor, LastMinor - FirstMinor + 1).Select(m => new MatrixMember(m, c)))];

    public string KubeletVersion => $"1.{Minor}.3";

    public string ContainerdVersion => Containerd == 1 ? "1.7.28" : "2.1.5";

    public override string ToString() => $"Kubernetes 1.{Minor} with containerd {ContainerdVersion}";
}

/// <summary>
/// Members of the matrix that share a file, as the file's name says it: nothing for all of them, <c>@1.29-1.32</c>,
/// <c>@containerd-1</c>, <c>@1.33-1.36@containerd-2</c>.
/// </summary>
/// <param name="From">The first Kubernetes minor.</param>
/// <param name="To">The last one.</param>
/// <param name="Containerd">The containerd major; null for both.</param>
internal readonly record struct MatrixRange(int From, int To, int? Containerd)
{
    public static MatrixRange All { get; } = new(MatrixMember.FirstMinor, MatrixMember.LastMinor, null);

    public bool Contains(MatrixMember member) =>
        member.Minor >= From && member.Minor <= To && (Containerd is null || Containerd == member.Containerd);

    public override string ToString() =>
        ((From, To) == (All.From, All.To) ? "" : From == To ? $"@1.{From}" : $"@1.{From}-1.{To}")
        + (Containerd is null ? "" : $"@containerd-{Containerd}");

    /// <summary>Parts the name of a stored file into the file's name and the members that it is for.</summary>
    public static (string Name, MatrixRange Range) Parse(string stored)
    {
        var range = All;
        if (Cut(ref stored, "@containerd-") is { } containerd)
        {
            range = range with { Containerd = int.Parse(containerd, CultureInfo.InvariantCulture) };
        }

        if (Cut(ref stored, "@1.") is { } minors)
        {
            var ends = minors.Split("-1.");
            range = range with { From = int.Parse(ends[0], CultureInfo.InvariantCulture), To = int.Parse(ends[^1], CultureInfo.InvariantCulture) };
        }

        return (stored, range);
    }

    public int Size => (To - From + 1) * (Containerd is null ? MatrixMember.Containerds.Count : 1);

    /// <summary>
    /// Ranges for the members that have a value, those that share one together. Where all members have one, the most common may be
    /// stored for all, and the others for theirs, when that takes fewer files: the smaller range wins.
    /// </summary>
    public static List<(MatrixRange Range, T Value)> Of<T>(IReadOnlyDictionary<MatrixMember, T> values, IEqualityComparer<T> equality)
        where T : notnull
    {
        var ranges = Parts(values, equality).ToList();
        if (values.Count < MatrixMember.All.Count || ranges.Count < 2)
        {
            return ranges;
        }

        var common = values.Values.GroupBy(v => v, equality).OrderByDescending(g => g.Count()).First().Key;
        var others = Parts(values.Where(v => !equality.Equals(v.Value, common)).ToDictionary(v => v.Key, v => v.Value), equality).ToList();
        return others.Count + 1 < ranges.Count ? [(All, common), .. others] : ranges;
    }

    private static IEnumerable<(MatrixRange Range, T Value)> Parts<T>(IReadOnlyDictionary<MatrixMember, T> values, IEqualityComparer<T> equality)
    {
        var runs = MatrixMember.Containerds.ToDictionary(c => c, c => Runs(values, c, equality));
        var (ones, twos) = (runs[1], runs[2]);
        foreach (var one in ones)
        {
            var both = twos.FindIndex(two => two.Range.From == one.Range.From && two.Range.To == one.Range.To && equality.Equals(one.Value, two.Value));
            yield return both >= 0 ? (one.Range with { Containerd = null }, one.Value) : one;
            if (both >= 0)
            {
                twos.RemoveAt(both);
            }
        }

        foreach (var two in twos)
        {
            yield return two;
        }
    }

    private static List<(MatrixRange Range, T Value)> Runs<T>(IReadOnlyDictionary<MatrixMember, T> values, int containerd, IEqualityComparer<T> equality)
    {
        var runs = new List<(MatrixRange Range, T Value)>();
        for (var minor = MatrixMember.FirstMinor; minor <= MatrixMember.LastMinor; minor++)
        {
            if (!values.TryGetValue(new MatrixMember(minor, containerd), out var value))
            {
                continue;
            }

            if (runs.Count > 0 && runs[^1].Range.To == minor - 1 && equality.Equals(runs[^1].Value, value))
            {
                runs[^1] = (runs[^1].Range with { To = minor }, value);
            }
            else
            {
                runs.Add((new MatrixRange(minor, minor, containerd), value));
            }
        }

        return runs;
    }

    private static string? Cut(ref string name, string marker)
    {
        var at = name.LastIndexOf(marker, StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        var rest = name[(at + marker.Length)..];
        name = name[..at];
        return rest;
    }
}
