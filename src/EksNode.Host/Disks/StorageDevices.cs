using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Host.Disks;

/// <summary>Which device each file system of a plan is on.</summary>
/// <param name="machine">The machine.</param>
/// <param name="resources">What is planned.</param>
/// <param name="arrays">Finds and makes arrays.</param>
/// <param name="volumes">Finds volumes.</param>
internal sealed class StorageDevices(Machine machine, ImmutableArray<StorageResource> resources, Arrays arrays, VolumeFinder volumes)
{
    private readonly Dictionary<string, string> ofPool = new(StringComparer.Ordinal);
    private bool assigned;

    /// <summary>The device as it is now; null when there is none yet. It only reads.</summary>
    public async Task<Disk?> FindAsync(FilesystemResource filesystem, CancellationToken cancellation) =>
        filesystem.Device switch
        {
            { Raid: { } raid } => await arrays.FindAsync(Raid(raid), cancellation).ConfigureAwait(false),
            { Volume: { } match } => await volumes.FindAsync(match, cancellation).ConfigureAwait(false),
            _ => await OfPoolAsync(filesystem, cancellation).ConfigureAwait(false),
        };

    /// <summary>The device: an array is made, a volume waited for.</summary>
    public async Task<Disk> EnsureAsync(FilesystemResource filesystem, CancellationToken cancellation) =>
        filesystem.Device switch
        {
            { Raid: { } raid } => await arrays.EnsureAsync(Raid(raid), cancellation).ConfigureAwait(false),
            { Volume: { } match } => await volumes.WaitAsync(match, cancellation).ConfigureAwait(false),
            _ => await OfPoolAsync(filesystem, cancellation).ConfigureAwait(false),
        };

    private RaidResource Raid(string id) => resources.OfType<RaidResource>().First(r => r.Id == id);

    private async Task<Disk> OfPoolAsync(FilesystemResource filesystem, CancellationToken cancellation)
    {
        await AssignAsync(cancellation).ConfigureAwait(false);
        return Disk(ofPool[filesystem.Id]);
    }

    private Disk Disk(string name) => machine.Disks().FirstOrDefault(d => d.Name == name) ?? throw new DiagnosticException(
        DiagnosticCatalogue.DiskMissing,
        $"/dev/{name} counts as instance store and is not there.",
        "It was there when the disks were listed: look at the kernel log (`dmesg`) for a disk that failed.",
        path: "/dev/" + name);

    // A disk with the label of a file system keeps it, whatever the disk is called after a reboot; the others follow in order.
    private async Task AssignAsync(CancellationToken cancellation)
    {
        if (assigned)
        {
            return;
        }

        assigned = true;
        var filesystems = resources.OfType<FilesystemResource>().Where(f => !f.Device.Pool.IsEmpty).ToList();
        var pool = filesystems.SelectMany(f => f.Device.Pool).Select(d => d.Name).Distinct(StringComparer.Ordinal).ToList();
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in pool)
        {
            if (await machine.ProbeAsync(Disk(name), cancellation).ConfigureAwait(false) is { IsOurs: true, Label: { } label })
            {
                labels.TryAdd(label, name);
            }
        }

        foreach (var filesystem in filesystems.Where(f => labels.ContainsKey(f.Label)))
        {
            ofPool[filesystem.Id] = labels[filesystem.Label];
        }

        foreach (var filesystem in filesystems.Where(f => !ofPool.ContainsKey(f.Id)))
        {
            ofPool[filesystem.Id] = pool.First(n => !ofPool.ContainsValue(n));
        }
    }
}
