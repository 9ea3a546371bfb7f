using System.Globalization;

namespace EksNode.Planning.Kubelet;

/// <summary>A list of CPUs as Linux and the kubelet write it: <c>0-3,8</c> (cpuset(7), "List format").</summary>
internal static class CpuSet
{
    private const int Most = 1 << 16;

    /// <summary>How many CPUs it names; null when it is no such list.</summary>
    public static int? Count(string text)
    {
        var cpus = new HashSet<int>();
        foreach (var range in text.Split(','))
        {
            var dash = range.IndexOf('-', StringComparison.Ordinal);
            if (!int.TryParse(dash < 0 ? range : range[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                || !int.TryParse(dash < 0 ? range : range[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
                || last > Most)
            {
                return null;
            }

            for (var cpu = first; cpu <= last; cpu++)
            {
                cpus.Add(cpu);
            }
        }

        return cpus.Count;
    }
}
