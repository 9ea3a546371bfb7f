using System.Collections.Immutable;
using System.Text;
using EksNode.Host.Files;

namespace EksNode.Host.Disks;

/// <summary>One mount.</summary>
/// <param name="Number">The number of the device of its file system, <c>259:3</c>.</param>
/// <param name="Root">The directory of the file system that is mounted: <c>/</c> for all of it.</param>
/// <param name="Path">Where.</param>
/// <param name="Type">The type of the file system.</param>
/// <param name="Source">The device, or whatever stands for one.</param>
internal sealed record MountEntry(string Number, string Root, string Path, string Type, string Source);

/// <summary>What is mounted, from <c>/proc/self/mountinfo</c> (proc(5)).</summary>
/// <param name="Entries">In the order in which it was mounted.</param>
internal sealed record MountTable(ImmutableArray<MountEntry> Entries)
{
    private const int MostBytes = 16 << 20;

    /// <summary>What is mounted now.</summary>
    public static MountTable Read(HostRoot root) =>
        Parse(Encoding.UTF8.GetString(root.ReadFile("/proc/self/mountinfo", MostBytes) ?? []));

    /// <summary>Reads the text of the table.</summary>
    public static MountTable Parse(string text)
    {
        var entries = new List<MountEntry>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // id, parent, major:minor, root, path, options, optional fields…, "-", type, source, options
            var fields = line.Split(' ');
            var dash = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
            if (dash >= 0 && fields.Length > dash + 2)
            {
                entries.Add(new MountEntry(fields[2], Plain(fields[3]), Plain(fields[4]), fields[dash + 1], Plain(fields[dash + 2])));
            }
        }

        return new MountTable(entries.ToImmutable());
    }

    /// <summary>What is mounted at a path, on top of what else is there; null when nothing is.</summary>
    public MountEntry? At(string path) => Entries.LastOrDefault(e => e.Path == path);

    /// <summary>Where a device is mounted.</summary>
    public IEnumerable<MountEntry> Of(Disk disk) => Entries.Where(e => e.Number == disk.Number);

    // Space, tab, newline and backslash are written as three octal digits.
    private static string Plain(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        var bytes = new List<byte>();
        var source = Encoding.UTF8.GetBytes(text);
        for (var i = 0; i < source.Length; i++)
        {
            if (source[i] == '\\' && i + 3 < source.Length && source[i + 1] is >= (byte)'0' and <= (byte)'3')
            {
                bytes.Add((byte)(((source[i + 1] - '0') << 6) | ((source[i + 2] - '0') << 3) | (source[i + 3] - '0')));
                i += 3;
            }
            else
            {
                bytes.Add(source[i]);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
