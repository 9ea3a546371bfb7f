using System.Collections.Immutable;
using EksNode.Configuration.NodeConfigs;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Storage;

/// <summary>Which disks count as instance store.</summary>
internal static class InstanceStore
{
    private static readonly Lazy<ImmutableArray<string>> Models = new(() => [.. DataTable.Rows("instance-store-disks.tsv").Select(r => r[0])]);

    /// <summary>The disks, in the order of their names: <c>nvme2n1</c> comes before <c>nvme10n1</c>.</summary>
    /// <param name="disks">All disks.</param>
    /// <param name="extra">What else counts.</param>
    public static ImmutableArray<BlockDevice> Of(ImmutableArray<BlockDevice> disks, ImmutableArray<LocalDiskMatch> extra) =>
    [
        .. disks
            .Where(d => d.SizeBytes > 0 && (Models.Value.Contains(d.Model ?? "") || extra.Any(m => Fits(m, d))))
            .OrderBy(d => d.Name.Length)
            .ThenBy(d => d.Name, StringComparer.Ordinal),
    ];

    private static bool Fits(LocalDiskMatch match, BlockDevice disk) =>
        Fits(match.Model, disk.Model) && Fits(match.Serial, disk.Serial) && Fits(match.Device, "/dev/" + disk.Name);

    // Each part between stars must follow, in order; the first and the last are at the ends.
    private static bool Fits(string? pattern, string? text)
    {
        if (pattern is null)
        {
            return true;
        }

        if (text is null)
        {
            return false;
        }

        var parts = pattern.Split('*');
        if (parts.Length == 1)
        {
            return text == pattern;
        }

        if (!text.StartsWith(parts[0], StringComparison.Ordinal))
        {
            return false;
        }

        var at = parts[0].Length;
        foreach (var part in parts[1..^1])
        {
            var found = text.IndexOf(part, at, StringComparison.Ordinal);
            if (found < 0)
            {
                return false;
            }

            at = found + part.Length;
        }

        return text.Length - at >= parts[^1].Length && text.EndsWith(parts[^1], StringComparison.Ordinal);
    }
}
