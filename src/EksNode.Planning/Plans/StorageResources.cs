using System.Collections.Immutable;
using EksNode.Configuration.NodeConfigs;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Plans;

/// <summary>
/// Something of the machine's disks. It is no file below a root folder: only the running machine has it, so it is compared and
/// applied there by what knows disks, and elsewhere only planned.
/// </summary>
public abstract record StorageResource : Resource
{
    /// <inheritdoc/>
    public override string NotBaked => "only the running machine has its disks";
}

/// <summary>An array of disks. <see cref="Resource.Path"/> is its device.</summary>
public sealed record RaidResource : StorageResource
{
    /// <inheritdoc/>
    public override string Id => "raid:" + Name;

    /// <summary>The name in the superblocks of its members, by which it is found when devices are renamed.</summary>
    public required string Name { get; init; }

    /// <summary>The level as mdadm writes it: 0 or 10.</summary>
    public required int Level { get; init; }

    /// <summary>The disks that it is made of, in order.</summary>
    public required ImmutableArray<BlockDevice> Members { get; init; }
}

/// <summary>What a file system is on: exactly one of the three.</summary>
public sealed record StorageDevice
{
    /// <summary>The id of an array of the same plan.</summary>
    public string? Raid { get; init; }

    /// <summary>One of these disks: the one that has the label already, else the next blank one in this order.</summary>
    public ImmutableArray<BlockDevice> Pool { get; init; } = [];

    /// <summary>A volume, which may still be about to be attached.</summary>
    public VolumeMatch? Volume { get; init; }
}

/// <summary>A file system. <see cref="Resource.Path"/> is its link by label, which a file system that was there before lacks.</summary>
public sealed record FilesystemResource : StorageResource
{
    /// <summary>What the labels of all file systems begin with that eksnode makes.</summary>
    public const string LabelPrefix = "eksnode-";

    /// <inheritdoc/>
    public override string Id => "filesystem:" + Label;

    /// <summary>What it is on.</summary>
    public required StorageDevice Device { get; init; }

    /// <summary><c>xfs</c> or <c>ext4</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The label that it is made with: at most 12 characters, as xfs allows.</summary>
    public required string Label { get; init; }
}

/// <summary>A mount. <see cref="Resource.Path"/> is where.</summary>
public sealed record MountResource : StorageResource
{
    /// <inheritdoc/>
    public override string Id => "mount:" + Path;

    /// <summary>The id of the file system.</summary>
    public required string Filesystem { get; init; }

    /// <summary>Where the file system itself is mounted; the same as <see cref="Resource.Path"/> for that mount.</summary>
    public required string FilesystemPath { get; init; }

    /// <summary>
    /// The directory of the file system that is bound here, without a slash; null for the mount of the file system itself.
    /// </summary>
    public string? Directory { get; init; }

    /// <summary>
    /// Whether a file system that eksnode did not make is mounted here as a whole: the volume has one mount target, and what is on it was
    /// made to be mounted there.
    /// </summary>
    public bool WholeWhenGiven { get; init; }

    /// <summary>The options of mount(8).</summary>
    public required string Options { get; init; }

    /// <summary>Whether a directory that eksnode makes gets what was at the path.</summary>
    public StorageSeed Seed { get; init; }

    /// <summary>The services that use the path, with suffix: they are stopped before it is mounted, and never start without it.</summary>
    public ImmutableArray<string> Services { get; init; } = [];
}
