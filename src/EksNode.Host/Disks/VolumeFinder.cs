using System.Globalization;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Host.Logging;

namespace EksNode.Host.Disks;

/// <summary>Finds the device of a volume, and waits for one that is still being attached.</summary>
/// <param name="machine">The machine.</param>
/// <param name="deadline">How long a volume may take to be attached.</param>
internal sealed class VolumeFinder(Machine machine, TimeSpan deadline)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Reminder = TimeSpan.FromSeconds(30);

    /// <summary>The device; null when there is none now.</summary>
    /// <exception cref="DiagnosticException">More than one fits.</exception>
    public async Task<Disk?> FindAsync(VolumeMatch match, CancellationToken cancellation)
    {
        var fitting = new List<Disk>();
        var path = match.Device is null ? null : machine.NameOf(match.Device);
        foreach (var disk in machine.Disks())
        {
            if ((match.Device is null || disk.Name == path) && Fits(match, disk) && await HasLabelAsync(match.Label, disk, cancellation).ConfigureAwait(false))
            {
                fitting.Add(disk);
            }
        }

        return fitting.Count <= 1 ? fitting.FirstOrDefault() : throw new DiagnosticException(
            DiagnosticCatalogue.DiskAmbiguous,
            $"More than one disk is a {match}: {string.Join(", ", fitting.Select(Describe))}.",
            "Add to `match` what tells them apart, such as `volumeId`.");
    }

    /// <summary>The device, waited for.</summary>
    /// <exception cref="DiagnosticException">It did not appear in time, or more than one fits.</exception>
    public async Task<Disk> WaitAsync(VolumeMatch match, CancellationToken cancellation)
    {
        var began = machine.Clock.GetTimestamp();
        var told = TimeSpan.MinValue;
        while (true)
        {
            if (await FindAsync(match, cancellation).ConfigureAwait(false) is { } disk)
            {
                return disk;
            }

            var waited = machine.Clock.GetElapsedTime(began);
            if (waited >= deadline)
            {
                throw Missing(match);
            }

            if (told == TimeSpan.MinValue || waited - told >= Reminder)
            {
                told = waited;
                machine.Log.Write(
                    LogLevel.Info,
                    "waiting for a volume to be attached",
                    ("volume", match.ToString()),
                    ("deadline", (deadline - waited).TotalSeconds.ToString("0", CultureInfo.InvariantCulture) + " s"));
            }

            await Task.Delay(Pause, machine.Clock, cancellation).ConfigureAwait(false);
        }
    }

    private DiagnosticException Missing(VolumeMatch match)
    {
        var disks = string.Join(", ", machine.Disks().Where(d => !d.IsPartition && d.SizeBytes > 0 && !d.Name.StartsWith("loop", StringComparison.Ordinal)).Select(Describe));
        return new DiagnosticException(
            DiagnosticCatalogue.DiskMissing,
            $"No disk is the {match}, {deadline.TotalSeconds:0} s after it was first looked for. The machine has {(disks.Length == 0 ? "no disks" : disks)}.",
            match.Device is null
                ? "Attach the volume, or mend the match."
                : "Attach the volume. On instances with NVMe a volume has another name than the one that it was attached with: use `match` with `volumeId` or `size`.");
    }

    // Only whole disks are volumes; a part of one must be named by its path or its label.
    private static bool Fits(VolumeMatch match, Disk disk) =>
        (match.VolumeId is null || disk.Serial == match.VolumeId.Replace("-", "", StringComparison.Ordinal) || disk.Serial == match.VolumeId)
        && (match.SizeBytes is null || disk.SizeBytes == match.SizeBytes)
        && (match.Device is not null || match.Label is not null || (!disk.IsPartition && disk.Array is null));

    private async Task<bool> HasLabelAsync(string? label, Disk disk, CancellationToken cancellation)
    {
        if (label is null)
        {
            return true;
        }

        if (disk.SizeBytes == 0 || !disk.Holders.IsEmpty)
        {
            return false;
        }

        try
        {
            return await machine.ProbeAsync(disk, cancellation).ConfigureAwait(false) is { Kind: SignatureKind.FileSystem } signature && signature.Label == label;
        }
        catch (DiagnosticException failure)
        {
            // It may be any disk of the machine; the one that is looked for can be read.
            machine.Log.Write(LogLevel.Debug, "a disk cannot be read and is not the one with the label", ("disk", disk.Path), ("label", label), ("failure", failure.Message));
            return false;
        }
    }

    private static string Describe(Disk disk) => string.Create(
        CultureInfo.InvariantCulture, $"{disk.Path} ({disk.SizeBytes} bytes{(disk.Serial is null ? "" : $", serial {disk.Serial}")})");
}
