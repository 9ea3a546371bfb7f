using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using EksNode.Host.Processes;
using EksNode.Host.Systemd;
using EksNode.Planning.Plans;

namespace EksNode.Host.Disks;

/// <summary>What was copied below one mount target.</summary>
/// <param name="Path">The mount target.</param>
/// <param name="Entries">Files, directories, links and nodes.</param>
/// <param name="Bytes">Bytes of content.</param>
/// <param name="Duration">How long it took.</param>
public sealed record SeededTarget(string Path, long Entries, long Bytes, TimeSpan Duration);

/// <summary>What preparing the disks did.</summary>
/// <param name="Changes">What became of each resource.</param>
/// <param name="Stopped">The services that were stopped for it, which only a start brings up again.</param>
/// <param name="Seeded">What was copied.</param>
/// <param name="Unseeded">Mount targets that began empty because the configuration says so.</param>
public sealed record StorageReport(
    ImmutableArray<Change> Changes, ImmutableArray<string> Stopped, ImmutableArray<SeededTarget> Seeded, ImmutableArray<string> Unseeded)
{
    /// <summary>Nothing to do.</summary>
    public static StorageReport Nothing { get; } = new([], [], [], []);
}

/// <summary>Where the programs are, how long a volume may take and what copies; other than usual only in tests.</summary>
internal sealed record StorageOptions
{
    // EC2 attaches what a launch asks for before the instance runs; what a script or a controller attaches comes within a minute or two.
    public TimeSpan AttachDeadline { get; init; } = TimeSpan.FromMinutes(3);

    public ImmutableArray<string>? ProgramFolders { get; init; }

    public string UnitFolder { get; init; } = MountUnits.Folder;

    public ISeeder Seeder { get; init; } = TreeSeeder.Instance;
}

/// <summary>
/// Disks as planned: arrays, file systems, mounts. Each step looks first and does only what is missing, so that a run that was
/// killed anywhere goes on, and a reboot finds everything again. Only for the running machine.
/// </summary>
public sealed class StorageEngine
{
    private readonly Machine machine;
    private readonly StorageOptions options;

    /// <summary>Disks of this machine.</summary>
    /// <param name="root">The root of the machine: <c>/</c>.</param>
    /// <param name="log">Where each step is told.</param>
    /// <param name="clock">The clock of waits.</param>
    public StorageEngine(HostRoot root, ILog log, TimeProvider clock)
        : this(root, log, clock, new StorageOptions())
    {
    }

    internal StorageEngine(HostRoot root, ILog log, TimeProvider clock, StorageOptions options)
    {
        machine = new Machine(root, new ProgramRunner(), log, clock, options.ProgramFolders);
        this.options = options;
    }

    /// <summary>The disks of a plan that some stages prepare, in their order.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="stage">The stage: a start prepares those of configure as well, should they be missing.</param>
    public static ImmutableArray<StorageResource> Of(Plan plan, Stage stage) =>
        [.. plan.Of(Phase.Boot).OfType<StorageResource>().Where(r => r.Stage <= stage)];

    /// <summary>What is planned, where nobody can look: another root than that of the machine.</summary>
    /// <param name="resources">What is planned.</param>
    public static ImmutableArray<Change> Unseen(ImmutableArray<StorageResource> resources) => [.. resources.Select(r => StorageChanges.Of(r, there: false))];

    /// <summary>What must change. It only reads; errors are among the diagnostics, all of them at once.</summary>
    /// <param name="resources">What is planned.</param>
    /// <param name="diagnostics">Takes what is wrong.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<ImmutableArray<Change>> CompareAsync(
        ImmutableArray<StorageResource> resources, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var arrays = new Arrays(machine, diagnostics);
        var devices = Devices(resources, arrays);
        var filesystems = new Filesystems(machine);
        var mounts = machine.Mounts();
        var found = new Dictionary<string, Disk?>(StringComparer.Ordinal);
        var changes = new List<Change>();
        foreach (var resource in resources)
        {
            var there = false;
            try
            {
                switch (resource)
                {
                    case RaidResource raid:
                        there = await arrays.ExistsAsync(raid, cancellation).ConfigureAwait(false);
                        break;
                    case FilesystemResource filesystem:
                        var disk = found[filesystem.Id] = await devices.FindAsync(filesystem, cancellation).ConfigureAwait(false);
                        there = disk is not null && await filesystems.ExistsAsync(filesystem, disk, cancellation).ConfigureAwait(false);
                        break;
                    case MountResource mount:
                        there = found.GetValueOrDefault(mount.Filesystem) is { } device && mounts.At(mount.Path)?.Number == device.Number;
                        break;
                }
            }
            catch (DiagnosticException failure)
            {
                diagnostics.Add(failure.Diagnostic);
            }

            changes.Add(StorageChanges.Of(resource, there));
        }

        return changes.ToImmutable();
    }

    /// <summary>Makes the disks what is planned.</summary>
    /// <param name="resources">What is planned.</param>
    /// <param name="systemd">Mounts, and stops what uses a mount target.</param>
    /// <param name="diagnostics">Takes what is worth knowing.</param>
    /// <param name="timeline">Takes how long each copy took.</param>
    /// <param name="cancellation">Ends it; the next run goes on.</param>
    /// <exception cref="DiagnosticException">Something is not as it must be, or failed. Nothing foreign was touched.</exception>
    public async Task<StorageReport> ApplyAsync(
        ImmutableArray<StorageResource> resources,
        IServiceManager systemd,
        DiagnosticBag diagnostics,
        Timeline timeline,
        CancellationToken cancellation)
    {
        if (resources.IsEmpty)
        {
            return StorageReport.Nothing;
        }

        // What is wrong with any disk is found before the first one is written.
        var errors = new DiagnosticBag();
        var changes = await CompareAsync(resources, errors, cancellation).ConfigureAwait(false);
        if (errors.Items.FirstOrDefault(d => d.Severity == Severity.Error) is { } first)
        {
            diagnostics.AddRange(errors.Items.Where(e => e != first));
            throw new DiagnosticException(first);
        }

        Sweep(resources);
        var devices = Devices(resources, new Arrays(machine, diagnostics));
        var filesystems = new Filesystems(machine);
        var prepared = new Dictionary<string, PreparedFilesystem>(StringComparer.Ordinal);
        foreach (var filesystem in resources.OfType<FilesystemResource>())
        {
            var disk = await devices.EnsureAsync(filesystem, cancellation).ConfigureAwait(false);
            prepared.Add(filesystem.Id, await filesystems.EnsureAsync(filesystem, disk, cancellation).ConfigureAwait(false));
        }

        ImmutableArray<PlannedMount> mounts =
            [.. resources.OfType<MountResource>().Select(m => new PlannedMount(m, prepared[m.Filesystem], filesystems.MountedFrom(prepared[m.Filesystem])))];
        var report = await new Mounts(machine, systemd, options.Seeder, timeline, diagnostics, options.UnitFolder).EnsureAsync(mounts, cancellation).ConfigureAwait(false);
        return report with { Changes = changes };
    }

    // Temporary files of a killed run: beside what they were for, or above it where its directory was still to be made.
    private void Sweep(ImmutableArray<StorageResource> resources)
    {
        var services = resources.OfType<MountResource>().SelectMany(m => m.Services).Distinct(StringComparer.Ordinal);
        var directories = new HashSet<string>(StringComparer.Ordinal) { "/" };
        foreach (var path in services.Select(s => $"{options.UnitFolder}/{s}.d/").Append(options.UnitFolder + "/").Append(FormatRecord.FilePath))
        {
            for (var at = path.LastIndexOf('/'); at > 0; at = path.LastIndexOf('/', at - 1))
            {
                directories.Add(path[..at]);
            }
        }

        foreach (var directory in directories)
        {
            TemporaryFiles.Sweep(machine.Root, directory);
        }
    }

    private StorageDevices Devices(ImmutableArray<StorageResource> resources, Arrays arrays) =>
        new(machine, resources, arrays, new VolumeFinder(machine, options.AttachDeadline));
}
