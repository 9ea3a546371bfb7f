using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EksNode.Host.Files;

namespace EksNode.Host.Disks;

/// <summary>An array as the kernel shows it.</summary>
/// <param name="State"><c>array_state</c>: <c>clean</c>, <c>active</c>, <c>inactive</c>…</param>
/// <param name="Level"><c>raid0</c>, <c>raid10</c>; empty while it is not assembled.</param>
/// <param name="Degraded">How many disks it lacks.</param>
internal sealed record ArrayState(string State, string Level, int Degraded)
{
    /// <summary>Whether it can be read and written.</summary>
    public bool Runs => State is not ("inactive" or "clear" or "") && Level.Length > 0;
}

/// <summary>A block device at one moment.</summary>
/// <param name="Name">The kernel's name: <c>nvme1n1</c>, <c>nvme1n1p1</c>, <c>md127</c>.</param>
/// <param name="Number">Its number, <c>259:3</c>.</param>
/// <param name="SizeBytes">Its size in bytes.</param>
/// <param name="Model">The model, trimmed.</param>
/// <param name="Serial">The serial number, trimmed.</param>
/// <param name="IsPartition">Whether it is a part of another one.</param>
/// <param name="ReadOnly">Whether it cannot be written.</param>
/// <param name="Partitions">The parts of it that the kernel knows.</param>
/// <param name="Holders">What is built on it: <c>md127</c>, <c>dm-0</c>.</param>
/// <param name="Array">What it is as an array; null for everything else.</param>
internal sealed record Disk(
    string Name,
    string Number,
    long SizeBytes,
    string? Model,
    string? Serial,
    bool IsPartition,
    bool ReadOnly,
    ImmutableArray<string> Partitions,
    ImmutableArray<string> Holders,
    ArrayState? Array)
{
    /// <summary>The device's path.</summary>
    public string Path => "/dev/" + Name;

    /// <summary>
    /// What tells the disk from all others as long as it exists. Without a serial number (a loop device) name and size have to do. An array
    /// has another name on another boot, and a node has one of ours.
    /// </summary>
    public string Identity => Serial is { Length: > 0 } ? $"serial {Serial}"
        : Array is not null ? string.Create(CultureInfo.InvariantCulture, $"array of {SizeBytes}")
        : string.Create(CultureInfo.InvariantCulture, $"{Name} of {SizeBytes}");
}

/// <summary>The block devices of a machine, from <c>/sys</c>.</summary>
/// <param name="root">The machine.</param>
internal sealed class DiskInventory(HostRoot root)
{
    private const long BytesPerSector = 512;

    // RAM disks and optical drives hold nothing of a node.
    private static readonly string[] Left = ["ram", "zram", "sr", "fd"];

    /// <summary>All devices now, whole ones before their parts, in the order of their names.</summary>
    public ImmutableArray<Disk> Read()
    {
        var disks = new List<Disk>();
        foreach (var name in (root.List("/sys/block") ?? []).Where(n => !Array.Exists(Left, l => n.StartsWith(l, StringComparison.Ordinal)))
                     .OrderBy(n => n.Length).ThenBy(n => n, StringComparer.Ordinal))
        {
            var folder = "/sys/block/" + name;
            if (Text(folder + "/hidden") == "1" || One(name, folder, null) is not { } disk)
            {
                continue;
            }

            disks.Add(disk);
            foreach (var part in disk.Partitions)
            {
                if (One(part, $"{folder}/{part}", disk) is { } partition)
                {
                    disks.Add(partition);
                }
            }
        }

        return disks.ToImmutable();
    }

    /// <summary>The kernel's name of what a path below <c>/dev</c> leads to; null when nothing is there.</summary>
    public string? NameOf(string path)
    {
        // As many links as Linux follows.
        for (var i = 0; i < 40; i++)
        {
            if (root.Status(path) is not { } status)
            {
                return null;
            }

            if (status.Kind != FileKind.Symlink)
            {
                return status.Kind == FileKind.Special ? path[(path.LastIndexOf('/') + 1)..] : null;
            }

            var target = root.ReadLink(path)!;
            path = Normalised(target.StartsWith('/') ? target : path[..path.LastIndexOf('/')] + "/" + target);
        }

        return null;
    }

    private Disk? One(string name, string folder, Disk? whole)
    {
        if (Text(folder + "/dev") is not { } number || !long.TryParse(Text(folder + "/size"), NumberStyles.None, CultureInfo.InvariantCulture, out var sectors))
        {
            return null; // It went away while the others were read.
        }

        var entries = root.List(folder) ?? [];
        return new Disk(
            name,
            number,
            sectors * BytesPerSector,
            whole is null ? Text(folder + "/device/model") : null,
            whole is null ? Text(folder + "/device/serial") : null,
            whole is not null,
            Text(folder + "/ro") == "1",
            whole is null ? [.. entries.Where(e => e.StartsWith(name, StringComparison.Ordinal) && root.Status($"{folder}/{e}/partition") is not null)] : [],
            [.. root.List(folder + "/holders") ?? []],
            entries.Contains("md") ? ArrayOf(folder + "/md") : null);
    }

    private ArrayState ArrayOf(string folder) => new(
        Text(folder + "/array_state") ?? "",
        Text(folder + "/level") ?? "",
        int.TryParse(Text(folder + "/degraded"), NumberStyles.None, CultureInfo.InvariantCulture, out var degraded) ? degraded : 0);

    private string? Text(string path) => root.ReadFile(path) is { } bytes && Encoding.UTF8.GetString(bytes).Trim() is { Length: > 0 } text ? text : null;

    private static string Normalised(string path)
    {
        var segments = new List<string>();
        foreach (var segment in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (segment == ".." && segments.Count > 0)
            {
                segments.RemoveAt(segments.Count - 1);
            }
            else if (segment is not ("." or ".."))
            {
                segments.Add(segment);
            }
        }

        return "/" + string.Join('/', segments);
    }
}
