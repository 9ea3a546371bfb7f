using System.Collections.Immutable;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>What to do with instance store disks.</summary>
public enum LocalStorageStrategy
{
    /// <summary>One array, striped.</summary>
    Raid0,

    /// <summary>One array, striped and mirrored; four disks or more.</summary>
    Raid10,

    /// <summary>A mount for each disk.</summary>
    Mount,
}

/// <summary>A bind mount that local storage can leave out.</summary>
public enum DisabledMount
{
    /// <summary><c>/var/lib/containerd</c>.</summary>
    Containerd,

    /// <summary><c>/var/log/pods</c>.</summary>
    PodLogs,

    /// <summary><c>/var/lib/soci-snapshotter-grpc</c>.</summary>
    Soci,
}

/// <summary>Whether a file system that eksnode made gets what was at its mount target.</summary>
public enum StorageSeed
{
    /// <summary>What is there is copied, once per file system. The default.</summary>
    Copy,

    /// <summary>It begins empty.</summary>
    None,
}

/// <summary>One of <c>spec.instance.localStorage.match</c>: what else counts as an instance store disk. All that is given must fit.</summary>
/// <param name="Model">The model, with <c>*</c> for any text.</param>
/// <param name="Serial">The serial number, with <c>*</c>.</param>
/// <param name="Device">The device's path, with <c>*</c>.</param>
public sealed record LocalDiskMatch(string? Model, string? Serial, string? Device);

/// <summary><c>spec.instance.localStorage</c>.</summary>
public sealed record LocalStorageSettings
{
    /// <summary>What to do with the disks; null: nothing.</summary>
    public Sourced<LocalStorageStrategy>? Strategy { get; init; }

    /// <summary>Where they are mounted, absolute and normalised; <c>/mnt/k8s-disks</c> when not set.</summary>
    public Sourced<string>? MountPath { get; init; }

    /// <summary>Bind mounts to leave out.</summary>
    public Sourced<ImmutableArray<DisabledMount>>? DisabledMounts { get; init; }

    /// <summary>Disks that count as instance store beside those of EC2.</summary>
    public Sourced<ImmutableArray<LocalDiskMatch>>? Match { get; init; }

    /// <summary>Whether the bind mounts get what was at their targets; <see cref="StorageSeed.Copy"/> when not set.</summary>
    public Sourced<StorageSeed>? Seed { get; init; }
}

/// <summary>Which device a volume is. All that is given must fit, and it must fit one device only.</summary>
public sealed record VolumeMatch
{
    /// <summary>The id of an EBS volume, <c>vol-0123456789abcdef0</c>: its NVMe serial number is this without the dash.</summary>
    public string? VolumeId { get; init; }

    /// <summary>The label of the file system that is on it.</summary>
    public string? Label { get; init; }

    /// <summary>Its size in bytes.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>Its path below <c>/dev</c>.</summary>
    public string? Device { get; init; }

    /// <summary>For messages: <c>device /dev/xvdb</c>, <c>volume vol-0123 of 107374182400 bytes</c>.</summary>
    public override string ToString() => string.Join(' ', Parts());

    private IEnumerable<string> Parts()
    {
        yield return Device is null ? "volume" : $"device {Device}";
        if (VolumeId is not null)
        {
            yield return VolumeId;
        }

        if (Label is not null)
        {
            yield return $"labelled {Label}";
        }

        if (SizeBytes is { } bytes)
        {
            yield return FormattableString.Invariant($"of {bytes} bytes");
        }
    }
}

/// <summary>One of <c>spec.instance.storage.volumes</c>.</summary>
/// <param name="Match">Which device it is.</param>
/// <param name="MountTargets">Where it is mounted, absolute and normalised.</param>
/// <param name="FileSystem">The file system to make on a blank device: <c>xfs</c> (the default) or <c>ext4</c>.</param>
public sealed record VolumeSettings(VolumeMatch Match, ImmutableArray<string> MountTargets, string FileSystem)
{
    /// <summary>Whether a file system that is made gets what was at the mount targets.</summary>
    public StorageSeed Seed { get; init; }

    /// <summary>Whether it is prepared when the node is configured; null: as <see cref="InstanceSettings.StorageEarly"/> says.</summary>
    public bool? Early { get; init; }
}
