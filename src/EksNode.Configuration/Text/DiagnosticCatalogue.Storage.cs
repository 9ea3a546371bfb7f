using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0630 to EKN0639 and EKN0950 to EKN0969: disks, in the configuration and on the host.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>A setting about disks that only eksnode.io has, in a document of node.eks.aws: it is ignored.</summary>
    public static DiagnosticDescriptor SettingOfOwnGroup { get; } = new("EKN0630", Severity.Warning, "a setting of eksnode.io in a document of node.eks.aws");

    /// <summary>A volume has both a device and a match.</summary>
    public static DiagnosticDescriptor VolumeNamedTwice { get; } = new("EKN0631", Severity.Error, "volume with a device and a match");

    /// <summary>What tells a volume from others is not of its form: volume id, label, size.</summary>
    public static DiagnosticDescriptor BadVolumeMatch { get; } = new("EKN0632", Severity.Error, "bad match of a volume");

    /// <summary>A pattern of disks that fits every disk, or none.</summary>
    public static DiagnosticDescriptor BadDiskPattern { get; } = new("EKN0633", Severity.Error, "bad pattern of disks");

    /// <summary>A mount target is below another one of the same file system, or below where the file system is mounted.</summary>
    public static DiagnosticDescriptor MountTargetNested { get; } = new("EKN0634", Severity.Error, "mount target inside another one");

    /// <summary>The instance has no instance store disk: there is nothing to do.</summary>
    public static DiagnosticDescriptor NoInstanceStore { get; } = new("EKN0635", Severity.Info, "no instance store disks");

    /// <summary>RAID10 needs four disks.</summary>
    public static DiagnosticDescriptor TooFewDisks { get; } = new("EKN0636", Severity.Error, "too few disks for RAID10");

    /// <summary>A bind mount of local storage is left out, because a volume is mounted there.</summary>
    public static DiagnosticDescriptor BindMountOfVolume { get; } = new("EKN0637", Severity.Info, "a volume is mounted where local storage would be");

    /// <summary>A device carries something that eksnode did not make and never formats.</summary>
    public static DiagnosticDescriptor DiskForeign { get; } = new("EKN0950", Severity.Error, "a disk carries something else");

    /// <summary>A device did not appear in time.</summary>
    public static DiagnosticDescriptor DiskMissing { get; } = new("EKN0951", Severity.Error, "a disk is not there");

    /// <summary>More than one device fits.</summary>
    public static DiagnosticDescriptor DiskAmbiguous { get; } = new("EKN0952", Severity.Error, "more than one disk fits");

    /// <summary>A device is in use: mounted elsewhere, or part of something else.</summary>
    public static DiagnosticDescriptor DiskInUse { get; } = new("EKN0953", Severity.Error, "a disk is in use");

    /// <summary>A device is too small for the file system.</summary>
    public static DiagnosticDescriptor DiskTooSmall { get; } = new("EKN0954", Severity.Error, "a disk is too small");

    /// <summary>A program that makes arrays or file systems failed.</summary>
    public static DiagnosticDescriptor DiskProgramFailed { get; } = new("EKN0955", Severity.Error, "preparing a disk failed");

    /// <summary>A program that makes arrays or file systems is not installed.</summary>
    public static DiagnosticDescriptor DiskProgramMissing { get; } = new("EKN0956", Severity.Error, "a program for disks is missing");

    /// <summary>An array runs without all of its disks.</summary>
    public static DiagnosticDescriptor ArrayDegraded { get; } = new("EKN0957", Severity.Warning, "an array lacks a disk");

    /// <summary>Something else is mounted at a mount target.</summary>
    public static DiagnosticDescriptor MountTargetTaken { get; } = new("EKN0958", Severity.Error, "something else is mounted at a mount target");

    /// <summary>A mount unit did not start.</summary>
    public static DiagnosticDescriptor MountFailed { get; } = new("EKN0959", Severity.Error, "a mount failed");

    /// <summary>A service did not stop, so that what it uses cannot be moved.</summary>
    public static DiagnosticDescriptor ServiceNotStopped { get; } = new("EKN0960", Severity.Error, "a service that uses a mount target did not stop");

    /// <summary>An array that never held a file system was half made, and is made anew.</summary>
    public static DiagnosticDescriptor ArrayMadeAnew { get; } = new("EKN0961", Severity.Info, "an array is made anew");

    private static ImmutableArray<DiagnosticDescriptor> StorageConfigurationEntries =>
    [
        SettingOfOwnGroup,
        VolumeNamedTwice,
        BadVolumeMatch,
        BadDiskPattern,
        MountTargetNested,
        NoInstanceStore,
        TooFewDisks,
        BindMountOfVolume,
    ];

    private static ImmutableArray<DiagnosticDescriptor> StorageEntries =>
    [
        DiskForeign,
        DiskMissing,
        DiskAmbiguous,
        DiskInUse,
        DiskTooSmall,
        DiskProgramFailed,
        DiskProgramMissing,
        ArrayDegraded,
        MountTargetTaken,
        MountFailed,
        ServiceNotStopped,
        ArrayMadeAnew,
    ];
}
