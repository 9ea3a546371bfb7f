using System.Globalization;

namespace EksNode.Host.Facts;

/// <summary>
/// The memory that is online: the blocks of <c>/sys/devices/system/memory</c>, as the bootstrap of EKS-optimized images counts it;
/// a kernel without them tells <c>MemTotal</c>, which lacks what firmware and kernel keep.
/// </summary>
internal static class OnlineMemory
{
    private const string Folder = "/sys/devices/system/memory";
    private const string BlockSizeFile = Folder + "/block_size_bytes";
    private const string MemInfo = "/proc/meminfo";
    private const string TotalKey = "MemTotal:";
    private const long Kibibyte = 1024;

    /// <summary>Bytes, and the folder or file that told them; null when nothing does.</summary>
    public static (long? Value, string Source) Read(RootFiles files)
    {
        if (files.Text(BlockSizeFile) is { } size)
        {
            if (long.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var blockSize) && blockSize > 0)
            {
                var blocks = (files.List(Folder) ?? [])
                    .Count(n => n.StartsWith("memory", StringComparison.Ordinal) && files.Text($"{Folder}/{n}/online") == "1");
                if (blocks > 0)
                {
                    return (blockSize * blocks, Folder);
                }
            }
            else
            {
                files.Unexpected(BlockSizeFile, "is no hexadecimal number");
            }
        }

        return (Total(files.Text(MemInfo)), MemInfo);
    }

    private static long? Total(string? text)
    {
        foreach (var line in (text ?? "").Split('\n'))
        {
            if (line.StartsWith(TotalKey, StringComparison.Ordinal)
                && line[TotalKey.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var number, "kB"]
                && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var kibibytes))
            {
                return kibibytes * Kibibyte;
            }
        }

        return null;
    }
}
