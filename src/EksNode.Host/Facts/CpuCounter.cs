using System.Globalization;

namespace EksNode.Host.Facts;

/// <summary>
/// Counts logical CPUs as the bootstrap of EKS-optimized images does, so that reserved CPU is the same: those below the NUMA
/// nodes that are online; without NUMA nodes all of <c>/sys/devices/system/cpu</c>.
/// </summary>
internal static class CpuCounter
{
    private const string NodeFolder = "/sys/devices/system/node";
    private const string CpuFolder = "/sys/devices/system/cpu";
    private const string OnlineFile = CpuFolder + "/online";

    /// <summary>The number of CPUs and the folder that told it; null when there is none.</summary>
    public static (int? Value, string Source) Count(RootFiles files)
    {
        var nodes = (files.List(NodeFolder) ?? []).Where(n => NumberAfter("node", n) is not null).ToList();
        if (nodes.Count == 0)
        {
            var all = (files.List(CpuFolder) ?? []).Count(n => NumberAfter("cpu", n) is not null);
            return (all > 0 ? all : null, CpuFolder);
        }

        // A missing file means that all are online; one that cannot be understood does not.
        IReadOnlyList<(int First, int Last)>? online = null;
        if (files.Exists(OnlineFile) && (online = Ranges(files.Text(OnlineFile) ?? "")) is null)
        {
            files.Unexpected(OnlineFile, "is no list of ranges, as in 0-3,6");
            return (null, OnlineFile);
        }

        var count = 0;
        foreach (var node in nodes)
        {
            foreach (var name in files.List($"{NodeFolder}/{node}") ?? [])
            {
                if (NumberAfter("cpu", name) is { } cpu && (online is null || online.Any(r => cpu >= r.First && cpu <= r.Last)))
                {
                    count++;
                }
            }
        }

        return (count > 0 ? count : null, NodeFolder);
    }

    /// <summary>The ranges of <c>0-3,6</c>; null for anything else, and for nothing.</summary>
    public static IReadOnlyList<(int First, int Last)>? Ranges(string text)
    {
        var ranges = new List<(int, int)>();
        foreach (var item in text.Split(','))
        {
            var bounds = item.Split('-');
            if (bounds.Length > 2 || Number(bounds[0]) is not { } first || Number(bounds[^1]) is not { } last || last < first)
            {
                return null;
            }

            ranges.Add((first, last));
        }

        return ranges;
    }

    private static int? NumberAfter(string prefix, string name) =>
        name.StartsWith(prefix, StringComparison.Ordinal) ? Number(name[prefix.Length..]) : null;

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
