using System.Collections.Immutable;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Storage;

/// <summary>
/// Disks: data volumes, then the instance store as one array or as a mount for each disk. Where a volume and the instance store
/// want the same folder, the volume has it: it was named, the other is a default.
/// </summary>
public sealed class StorageComponent : IComponent
{
    /// <summary>Where instance store disks are mounted unless told otherwise, as on EKS-optimized AL2023 images.</summary>
    public const string DefaultMountPath = "/mnt/k8s-disks";

    /// <summary>Where the file systems of volumes are mounted as a whole; their mount targets are bound from there.</summary>
    public const string VolumesPath = "/run/eksnode/volumes";

    private const string LocalStorage = "spec.instance.localStorage";
    private const string ArrayName = "kubernetes";
    private const int FewestForRaid10 = 4;

    // defaults,noatime: as EKS-optimized AL2023 images mount them. nofail: a boot without the disk goes on.
    private const string FilesystemOptions = "defaults,noatime,nofail";
    private const string BindOptions = "bind,nofail";

    /// <inheritdoc/>
    public string Name => "storage";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(PlanContext context)
    {
        var instance = context.Config.Instance;
        var resources = new List<StorageResource>();
        for (var i = 0; i < instance.Volumes.Length; i++)
        {
            Volume(instance.Volumes[i], FormattableString.Invariant($"spec.instance.storage.volumes[{i}]"), instance, resources, context.Diagnostics);
        }

        if (instance.LocalStorage.Strategy is { } strategy)
        {
            Local(strategy, context, resources);
        }

        return Ordered(resources);
    }

    /// <summary>Reports mount targets of one file system that are inside each other, which is known before any disk is.</summary>
    /// <param name="instance">The settings.</param>
    /// <param name="diagnostics">Where to report.</param>
    internal static void Check(InstanceSettings instance, DiagnosticBag diagnostics)
    {
        for (var i = 0; i < instance.Volumes.Length; i++)
        {
            Nested(instance.Volumes[i].Value.MountTargets, FormattableString.Invariant($"spec.instance.storage.volumes[{i}].mountTargets"), instance.Volumes[i].Origin, diagnostics);
        }

        if (instance.LocalStorage.Strategy is { Value: not LocalStorageStrategy.Mount })
        {
            Nested(instance.LocalStorage, LocalTargets(instance.LocalStorage), diagnostics);
        }
    }

    private static void Volume(
        Sourced<VolumeSettings> volume, string setting, InstanceSettings instance, List<StorageResource> resources, DiagnosticBag diagnostics)
    {
        var (settings, origin) = (volume.Value, volume.Origin);
        var targets = settings.MountTargets;
        if (Nested(targets, setting + ".mountTargets", origin, diagnostics))
        {
            return;
        }

        var stage = StageOf(settings.Early ?? instance.StorageEarly?.Value ?? false);
        var label = VolumeLabel(targets, [.. resources.OfType<FilesystemResource>().Select(f => f.Label)]);
        ImmutableArray<Reason> reasons = [new(setting, settings.Match.ToString(), origin)];
        var filesystem = new FilesystemResource
        {
            Path = "/dev/disk/by-label/" + label,
            Device = new StorageDevice { Volume = settings.Match },
            Type = settings.FileSystem,
            Label = label,
            Stage = stage,
            Reasons = reasons,
        };
        resources.Add(filesystem);
        var whole = Whole(filesystem, $"{VolumesPath}/{label}", stage, reasons);
        resources.Add(whole);
        var names = targets.Select(NameOf).ToList();
        foreach (var target in targets)
        {
            var name = names.Count(n => n == NameOf(target)) == 1 ? NameOf(target) : target[1..].Replace('/', '-');
            resources.Add(Bind(whole, target, name, settings.Seed, reasons) with { WholeWhenGiven = targets.Length == 1 });
        }
    }

    private static void Local(Sourced<LocalStorageStrategy> strategy, PlanContext context, List<StorageResource> resources)
    {
        var local = context.Config.Instance.LocalStorage;
        if (context.Facts.Host.BlockDevices is not { } devices)
        {
            context.Diagnostics.Report(
                DiagnosticCatalogue.FactMissing,
                $"The disks of the host are not known: nothing is planned for `{LocalStorage}`.",
                "Add `host.blockDevices` to the facts file; `eksnode facts` on a node prints it.",
                strategy.Origin,
                LocalStorage,
                Severity.Warning);
            return;
        }

        var disks = InstanceStore.Of(devices, local.Match?.Value ?? []);
        if (disks.IsEmpty)
        {
            context.Diagnostics.Report(
                DiagnosticCatalogue.NoInstanceStore,
                $"The instance has no instance store disk: `{LocalStorage}` has no effect.",
                "Choose an instance type that has some, or name other disks in `match`.",
                strategy.Origin,
                LocalStorage);
            return;
        }

        var stage = StageOf(context.Config.Instance.StorageEarly?.Value ?? false);
        ImmutableArray<Reason> reasons =
        [
            new(LocalStorage + ".strategy", strategy.Value.ToString().Replace("Raid", "RAID", StringComparison.Ordinal), strategy.Origin),
            new("host.blockDevices", string.Join(' ', disks.Select(d => d.Name)), Origin.Fact("host.blockDevices", "disks that count as instance store")),
        ];
        var path = local.MountPath?.Value ?? DefaultMountPath;
        if (strategy.Value == LocalStorageStrategy.Mount)
        {
            for (var i = 1; i <= disks.Length; i++)
            {
                var disk = LocalFilesystem(new StorageDevice { Pool = disks }, FormattableString.Invariant($"{FilesystemResource.LabelPrefix}d{i}"), stage, reasons);
                resources.AddRange([disk, Whole(disk, FormattableString.Invariant($"{path}/{i}"), stage, reasons)]);
            }

            return;
        }

        if (strategy.Value == LocalStorageStrategy.Raid10 && disks.Length < FewestForRaid10)
        {
            context.Diagnostics.Report(
                DiagnosticCatalogue.TooFewDisks,
                FormattableString.Invariant($"RAID10 needs {FewestForRaid10} disks, and the instance has {disks.Length}: {string.Join(", ", disks.Select(d => d.Name))}."),
                "Use `RAID0` or `Mount`, or an instance type with more disks.",
                strategy.Origin,
                LocalStorage + ".strategy");
            return;
        }

        Array(local, disks, path, stage, reasons, resources, context.Diagnostics);
    }

    private static void Array(
        LocalStorageSettings local,
        ImmutableArray<BlockDevice> disks,
        string path,
        Stage stage,
        ImmutableArray<Reason> reasons,
        List<StorageResource> resources,
        DiagnosticBag diagnostics)
    {
        var targets = LocalTargets(local);
        if (Nested(local, targets, diagnostics))
        {
            return;
        }

        var raid = new RaidResource
        {
            Path = "/dev/md/" + ArrayName,
            Name = ArrayName,
            Level = local.Strategy!.Value == LocalStorageStrategy.Raid10 ? 10 : 0,
            Members = disks,
            Stage = stage,
            Reasons = reasons,
        };
        var filesystem = LocalFilesystem(new StorageDevice { Raid = raid.Id }, FilesystemResource.LabelPrefix + "raid", stage, reasons) with { DependsOn = [raid.Id] };
        var whole = Whole(filesystem, path + "/0", stage, reasons);
        resources.AddRange([raid, filesystem, whole]);
        foreach (var target in targets)
        {
            if (resources.Find(r => r is MountResource && r.Path == target) is { } volume)
            {
                diagnostics.Report(
                    DiagnosticCatalogue.BindMountOfVolume,
                    $"{target} is on a volume of `spec.instance.storage.volumes`, and not on the instance store.",
                    "Nothing has to be done; add it to `disabledMounts`, where it can be, to say so in the configuration.",
                    volume.Reasons[0].Origin,
                    LocalStorage);
                continue;
            }

            resources.Add(Bind(whole, target, NameOf(target), local.Seed?.Value ?? StorageSeed.Copy, reasons));
        }
    }

    // What is bound from the array.
    private static ImmutableArray<string> LocalTargets(LocalStorageSettings local) =>
        [.. StorageTargets.All.Where(t => t.Disabled is not { } word || local.DisabledMounts?.Value.Contains(word) != true).Select(t => t.Path)];

    private static bool Nested(LocalStorageSettings local, ImmutableArray<string> targets, DiagnosticBag diagnostics) => Nested(
        [local.MountPath?.Value ?? DefaultMountPath, .. targets], LocalStorage + ".mountPath", local.MountPath?.Origin ?? local.Strategy!.Origin, diagnostics);

    private static FilesystemResource LocalFilesystem(StorageDevice device, string label, Stage stage, ImmutableArray<Reason> reasons) => new()
    {
        Path = "/dev/disk/by-label/" + label,
        Device = device,
        Type = "xfs",
        Label = label,
        Stage = stage,
        Reasons = reasons,
    };

    private static MountResource Whole(FilesystemResource filesystem, string path, Stage stage, ImmutableArray<Reason> reasons) => new()
    {
        Path = path,
        Filesystem = filesystem.Id,
        FilesystemPath = path,
        Options = FilesystemOptions,
        DependsOn = [filesystem.Id],
        Services = StorageTargets.ServicesOf(path),
        Stage = stage,
        Reasons = reasons,
    };

    private static MountResource Bind(MountResource whole, string path, string directory, StorageSeed seed, ImmutableArray<Reason> reasons) => new()
    {
        Path = path,
        Filesystem = whole.Filesystem,
        FilesystemPath = whole.Path,
        Directory = directory,
        Options = BindOptions,
        Seed = seed,
        DependsOn = [whole.Id],
        Services = StorageTargets.ServicesOf(path),
        Stage = whole.Stage,
        Reasons = reasons,
    };

    // Of mounts of which one is in the other, the outer one is first: on another file system it would hide the inner one.
    private static IEnumerable<StorageResource> Ordered(List<StorageResource> resources) => resources.Select(r => r is MountResource mount
        ? mount with
        {
            DependsOn = [.. mount.DependsOn, .. resources
                .Where(o => o is MountResource && o.Path != mount.Path && StorageTargets.IsAtOrBelow(mount.Path, o.Path) && !mount.DependsOn.Contains(o.Id))
                .Select(o => o.Id)],
        }
        : r);

    private static bool Nested(ImmutableArray<string> targets, string setting, Origin origin, DiagnosticBag diagnostics)
    {
        foreach (var inner in targets)
        {
            if (targets.FirstOrDefault(o => o != inner && StorageTargets.IsAtOrBelow(inner, o)) is { } outer)
            {
                diagnostics.Report(
                    DiagnosticCatalogue.MountTargetNested,
                    $"{inner} is inside {Quoted.Text(outer)}, and both would be of one file system.",
                    "Leave the inner one out, or choose another folder.",
                    origin,
                    setting);
                return true;
            }
        }

        return false;
    }

    private static Stage StageOf(bool early) => early ? Stage.Configure : Stage.Start;

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    // Twelve characters are all that xfs allows: four letters stand for the mount targets, the same on every boot and every instance.
    private static string VolumeLabel(ImmutableArray<string> targets, ImmutableArray<string> taken)
    {
        const string letters = "abcdefghijklmnopqrstuvwxyz234567";
        var hash = 2166136261u; // FNV-1a, 32 bits
        foreach (var character in string.Join('\n', targets))
        {
            hash = unchecked((hash ^ character) * 16777619u);
        }

        while (true)
        {
            var label = FilesystemResource.LabelPrefix + string.Concat(new[] { 0, 1, 2, 3 }.Select(i => letters[(int)(hash >> (5 * i)) & 31]));
            if (!taken.Contains(label))
            {
                return label;
            }

            hash = unchecked((hash + 1) * 16777619u);
        }
    }
}
