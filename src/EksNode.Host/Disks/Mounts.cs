using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using EksNode.Host.Systemd;
using EksNode.Planning.Plans;

namespace EksNode.Host.Disks;

/// <summary>A mount and the file system that it is of.</summary>
/// <param name="Resource">The mount.</param>
/// <param name="Filesystem">The file system.</param>
/// <param name="Device">The path by which the file system is mounted.</param>
internal sealed record PlannedMount(MountResource Resource, PreparedFilesystem Filesystem, string Device)
{
    /// <summary>The directory of the file system; null: all of it.</summary>
    public string? Directory => Resource.WholeWhenGiven && !Filesystem.IsOurs ? null : Resource.Directory;

    /// <summary>Whether it is the mount of the file system itself.</summary>
    public bool IsWhole => Resource.Directory is null;

    /// <summary>What the unit mounts.</summary>
    public string What => IsWhole ? Device : Directory is { } directory ? $"{Resource.FilesystemPath}/{directory}" : Resource.FilesystemPath;

    /// <summary>The type of the unit.</summary>
    public string Type => IsWhole ? Filesystem.Resource.Type : "none";
}

/// <summary>Mounts through the service manager: services that use a target stop, what was there is copied once, then it is mounted.</summary>
/// <param name="machine">The machine.</param>
/// <param name="systemd">The service manager.</param>
/// <param name="seeder">Copies.</param>
/// <param name="timeline">Takes how long each copy took.</param>
/// <param name="diagnostics">Takes what was not copied.</param>
/// <param name="unitFolder">Where units are written.</param>
internal sealed class Mounts(Machine machine, IServiceManager systemd, ISeeder seeder, Timeline timeline, DiagnosticBag diagnostics, string unitFolder)
{
    private static readonly TimeSpan ReloadDeadline = TimeSpan.FromMinutes(1);

    // A service has 90 s to stop unless its unit says otherwise; a device that udev does not show holds a mount for 90 s.
    private static readonly TimeSpan JobDeadline = TimeSpan.FromMinutes(3);

    private readonly List<SeededTarget> seeded = [];
    private readonly List<string> unseeded = [];

    /// <summary>Makes sure that everything is mounted.</summary>
    public async Task<StorageReport> EnsureAsync(ImmutableArray<PlannedMount> mounts, CancellationToken cancellation)
    {
        var table = machine.Mounts();
        var missing = mounts.Where(m => !IsMounted(m, table)).ToList();
        CheckElsewhere(mounts, table);
        if (new MountUnits(machine.Root, unitFolder).Write([.. mounts.Select(m => (m.Resource, m.What, m.Type))]))
        {
            await WithinAsync(
                ReloadDeadline,
                "systemd to read units again",
                async c =>
                {
                    await systemd.ReloadAsync(c).ConfigureAwait(false);
                    return true;
                },
                cancellation).ConfigureAwait(false);
        }

        var stopped = await StopAsync(missing.SelectMany(m => m.Resource.Services).Distinct(StringComparer.Ordinal), cancellation).ConfigureAwait(false);
        foreach (var mount in missing)
        {
            if (!mount.IsWhole && mount.Directory is { } directory)
            {
                await SeedAsync(mount, directory, cancellation).ConfigureAwait(false);
            }

            await MountAsync(mount, cancellation).ConfigureAwait(false);
        }

        return new StorageReport([], stopped, [.. seeded], [.. unseeded]);
    }

    // A file system that somebody else made and mounted somewhere else is in use there.
    private static void CheckElsewhere(ImmutableArray<PlannedMount> mounts, MountTable table)
    {
        foreach (var mount in mounts.Where(m => m.IsWhole && !m.Filesystem.IsOurs && m.Filesystem.Resource.Device.Raid is null))
        {
            var paths = mounts.Where(m => m.Filesystem == mount.Filesystem).Select(m => m.Resource.Path).ToList();
            if (table.Of(mount.Filesystem.Disk).FirstOrDefault(e => !paths.Contains(e.Path)) is { } entry)
            {
                throw Machine.InUse(mount.Filesystem.Disk, $"is mounted at {entry.Path}", string.Join(", ", paths));
            }
        }
    }

    // Something else that is mounted there stays: somebody put it there.
    private bool IsMounted(PlannedMount mount, MountTable table)
    {
        var path = mount.Resource.Path;
        if (table.At(path) is not { } entry)
        {
            if (machine.Root.Status(path) is { Kind: not FileKind.Directory } status)
            {
                throw new DiagnosticException(
                    DiagnosticCatalogue.MountTargetTaken,
                    $"{path} must be a directory to be mounted over, and is {(status.Kind == FileKind.Symlink ? $"a link to {machine.Root.ReadLink(path)}" : "none")}.",
                    "Name the directory itself as the mount target, or move away what is there.",
                    path: path);
            }

            return false;
        }

        var wanted = mount.Directory is { } directory && !mount.IsWhole ? "/" + directory : "/";
        return entry.Number == mount.Filesystem.Disk.Number && entry.Root == wanted ? true : throw new DiagnosticException(
            DiagnosticCatalogue.MountTargetTaken,
            $"{entry.Source} ({entry.Type}{(entry.Root == "/" ? "" : $", directory {entry.Root}")}) is mounted at {path}, where {mount.Filesystem.Disk.Path} is wanted.",
            "Unmount it and take it out of what mounts it (`/etc/fstab`, user data), or take the mount target out of the configuration.",
            path: path);
    }

    private async Task<ImmutableArray<string>> StopAsync(IEnumerable<string> services, CancellationToken cancellation)
    {
        var stopped = new List<string>();
        foreach (var service in services)
        {
            var status = await WithinAsync(JobDeadline, $"systemd to tell of {service}", c => systemd.StatusAsync(service, c), cancellation).ConfigureAwait(false);
            if (status.ActiveState is "inactive" or "failed" or "")
            {
                continue;
            }

            machine.Log.Write(LogLevel.Info, "stopping a service whose files move to a disk", ("unit", service));
            var result = await WithinAsync(JobDeadline, $"{service} to stop", c => systemd.StopAsync(service, c), cancellation).ConfigureAwait(false);
            if (!result.Succeeded)
            {
                throw new DiagnosticException(
                    DiagnosticCatalogue.ServiceNotStopped,
                    $"{service} uses what moves to a disk, and did not stop: the job ended with {result.Result}.",
                    $"See `journalctl -u {service}`, stop it and run again.");
            }

            stopped.Add(service);
        }

        return stopped.ToImmutable();
    }

    private async Task SeedAsync(PlannedMount mount, string directory, CancellationToken cancellation)
    {
        var (path, parent) = (mount.Resource.Path, mount.Resource.FilesystemPath);
        if (mount.Resource.Seed == StorageSeed.None)
        {
            if (machine.Root.Status($"{parent}/{directory}") is null)
            {
                MakeEmpty(path, $"{parent}/{directory}");
                unseeded.Add(path);
            }

            return;
        }

        var result = await seeder.CopyAsync(path, parent, directory, cancellation).ConfigureAwait(false);
        if (!result.Copied)
        {
            if (result.Occupied)
            {
                diagnostics.Report(
                    DiagnosticCatalogue.CopyTargetOccupied,
                    $"What is at {path} is not copied to its disk: {parent}/{directory} holds other files already, and those are used.",
                    $"If the files at {path} are wanted, unmount it, move away what is in {parent}/{directory} and join again.",
                    path: path);
            }

            return;
        }

        seeded.Add(new SeededTarget(path, result.Entries, result.Bytes, result.Duration));
        timeline.Add(string.Create(CultureInfo.InvariantCulture, $"copy {path} ({result.Bytes} bytes)"), result.Duration);
        machine.Log.Write(
            LogLevel.Info,
            "copied what was at a mount target",
            ("path", path),
            ("entries", result.Entries.ToString(CultureInfo.InvariantCulture)),
            ("bytes", result.Bytes.ToString(CultureInfo.InvariantCulture)),
            ("seconds", result.Duration.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)));
    }

    // As closed as what it hides.
    private void MakeEmpty(string path, string directory)
    {
        var transaction = new FileTransaction(machine.Root);
        transaction.MakeDirectory(directory, DirectoryMaker.DefaultMode);
        if (machine.Root.Status(path) is { } status)
        {
            transaction.Permit(directory, status.Mode, new FileOwner(status.User, status.Group));
        }

        transaction.Stage();
        transaction.Commit();
    }

    private async Task MountAsync(PlannedMount mount, CancellationToken cancellation)
    {
        var (path, unit) = (mount.Resource.Path, UnitName.Mount(mount.Resource.Path));
        machine.Log.Write(LogLevel.Info, "mounting", ("path", path), ("what", mount.What));
        var result = await WithinAsync(JobDeadline, $"{unit} to start", c => systemd.StartAsync(unit, c), cancellation).ConfigureAwait(false);
        if (!result.Succeeded || !IsMounted(mount, machine.Mounts()))
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.MountFailed,
                $"{mount.What} was not mounted at {path}: the job of {unit} ended with {result.Result}.",
                $"See `journalctl -u {unit}` and the kernel log (`dmesg`).",
                path: path);
        }
    }

    private async Task<T> WithinAsync<T>(TimeSpan deadline, string what, Func<CancellationToken, Task<T>> action, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(deadline, machine.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            return await action(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.MountFailed,
                string.Create(CultureInfo.InvariantCulture, $"Waited {deadline.TotalSeconds:0} s for {what}."),
                "See `systemctl list-jobs` and `journalctl -b` for what it waits for.");
        }
    }
}
