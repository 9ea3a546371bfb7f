using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Host.Logging;
using EksNode.Planning.Plans;

namespace EksNode.Host.Disks;

/// <summary>A file system that is there.</summary>
/// <param name="Resource">What it is in the plan.</param>
/// <param name="Disk">The device.</param>
/// <param name="Uuid">Its UUID.</param>
/// <param name="IsOurs">Whether eksnode made it.</param>
internal sealed record PreparedFilesystem(FilesystemResource Resource, Disk Disk, string Uuid, bool IsOurs);

/// <summary>File systems: reused when they are what is wanted, made on blank devices, never made over anything else.</summary>
/// <param name="machine">The machine.</param>
internal sealed class Filesystems(Machine machine)
{
    // mkfs.xfs(8) refuses less since xfsprogs 5.19.
    private const long SmallestXfs = 300L << 20;

    private static readonly TimeSpan UdevDeadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan UdevPause = TimeSpan.FromMilliseconds(50);

    private readonly FormatRecord record = new(machine.Root);

    /// <summary>Whether a device carries the file system already. It only reads.</summary>
    /// <exception cref="DiagnosticException">It carries something else.</exception>
    public async Task<bool> ExistsAsync(FilesystemResource filesystem, Disk disk, CancellationToken cancellation)
    {
        var signature = await machine.ProbeAsync(disk, cancellation).ConfigureAwait(false);
        return !IsFree(disk, signature) && Accept(filesystem, disk, signature);
    }

    /// <summary>Makes sure that a device carries the file system.</summary>
    /// <exception cref="DiagnosticException">It carries something else, is in use or too small; mkfs failed.</exception>
    public async Task<PreparedFilesystem> EnsureAsync(FilesystemResource filesystem, Disk disk, CancellationToken cancellation)
    {
        var signature = await machine.ProbeAsync(disk, cancellation).ConfigureAwait(false);
        if (IsFree(disk, signature))
        {
            await MakeAsync(filesystem, disk, force: signature.Kind != SignatureKind.Blank, cancellation).ConfigureAwait(false);
            signature = await machine.ProbeAsync(disk, cancellation).ConfigureAwait(false);
        }

        Accept(filesystem, disk, signature);
        if (signature.Uuid is not { Length: > 0 } uuid)
        {
            throw Machine.Foreign(disk, signature with { Type = signature.Type + " without a UUID" }, filesystem.Id);
        }

        await AppearAsync(disk, uuid, cancellation).ConfigureAwait(false);
        return new PreparedFilesystem(filesystem, disk, uuid, signature.IsOurs);
    }

    /// <summary>The path by which a file system is mounted: by its UUID where udev makes such links, which outlives a renaming.</summary>
    public string MountedFrom(PreparedFilesystem filesystem)
    {
        var link = LinkOf(filesystem.Uuid);
        return machine.NameOf(link) == filesystem.Disk.Name ? link : filesystem.Disk.Path;
    }

    // Blank, or what a killed run of ours left on a device that was blank before.
    private bool IsFree(Disk disk, Signature signature) =>
        signature.Kind == SignatureKind.Blank || (signature.IsOurs && record.Has(disk.Identity) && !machine.Mounts().Of(disk).Any());

    private static bool Accept(FilesystemResource filesystem, Disk disk, Signature signature) =>
        signature.Kind == SignatureKind.FileSystem && signature.Type == filesystem.Type
            ? true
            : throw Machine.Foreign(disk, signature, $"{filesystem.Type} at {filesystem.Reasons.FirstOrDefault()?.Setting ?? filesystem.Id}");

    private async Task MakeAsync(FilesystemResource filesystem, Disk disk, bool force, CancellationToken cancellation)
    {
        machine.Unused(disk, machine.Mounts(), filesystem.Id);
        if (filesystem.Type == "xfs" && disk.SizeBytes < SmallestXfs)
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.DiskTooSmall,
                string.Create(CultureInfo.InvariantCulture, $"{disk.Path} has {disk.SizeBytes >> 20} MiB, and xfs needs {SmallestXfs >> 20} MiB."),
                "Use a larger disk, or `fsType: ext4`.",
                path: disk.Path);
        }

        machine.Log.Write(LogLevel.Info, "making a file system", ("device", disk.Path), ("type", filesystem.Type), ("label", filesystem.Label));
        record.Add(disk.Identity);
        await machine.Programs.RunAsync("mkfs." + filesystem.Type, Arguments(filesystem, disk, force), $"Making {filesystem.Type} on {disk.Path}", cancellation).ConfigureAwait(false);
        record.Remove(disk.Identity);
    }

    // xfs as EKS-optimized AL2023 images make it: nothing discarded, as a new disk has nothing to discard; a log stripe of eight blocks, as
    // the stripe of an array is more than a log takes. The force is only for what a killed run of ours left: else mkfs looks once more.
    private static ImmutableArray<string> Arguments(FilesystemResource filesystem, Disk disk, bool force) => filesystem.Type == "xfs"
        ? [.. force ? ["-f"] : ImmutableArray<string>.Empty, "-K", "-L", filesystem.Label, "-l", "su=8b", disk.Path]
        : [.. force ? ["-F"] : ImmutableArray<string>.Empty, "-t", "ext4", "-q", "-E", "nodiscard", "-L", filesystem.Label, disk.Path];

    // udev looks at a device when its writer closes it; the unit of a device is there only after that.
    private async Task AppearAsync(Disk disk, string uuid, CancellationToken cancellation)
    {
        if (machine.Root.Status("/run/udev/control") is null)
        {
            return;
        }

        var began = machine.Clock.GetTimestamp();
        while (machine.NameOf(LinkOf(uuid)) != disk.Name)
        {
            if (machine.Clock.GetElapsedTime(began) > UdevDeadline)
            {
                machine.Log.Write(LogLevel.Warn, "udev made no link by UUID in time; mounting by the device's name", ("device", disk.Path), ("uuid", uuid));
                return;
            }

            await Task.Delay(UdevPause, machine.Clock, cancellation).ConfigureAwait(false);
        }
    }

    private static string LinkOf(string uuid) => "/dev/disk/by-uuid/" + uuid;
}
