using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0680 to EKN0689: building an image.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>A lock is for another image than the one that is planned, or a repository has not what it says.</summary>
    public static DiagnosticDescriptor LockMismatch { get; } = new("EKN0680", Severity.Error, "the lock is for another image");

    /// <summary>A lock that cannot be understood.</summary>
    public static DiagnosticDescriptor LockInvalid { get; } = new("EKN0681", Severity.Error, "not the lock of an image");

    /// <summary>A build that needs root, or a processor or program that this machine lacks.</summary>
    public static DiagnosticDescriptor ImageBuildImpossible { get; } = new("EKN0682", Severity.Error, "the image cannot be built here");

    /// <summary>A unit that is to be started at boot, or that nodes need, is not in the image.</summary>
    public static DiagnosticDescriptor ImageUnitMissing { get; } = new("EKN0683", Severity.Error, "a unit is not in the image");

    /// <summary>A program that sets something in the image failed: <c>systemctl</c>, <c>grubby</c>, <c>setfiles</c>.</summary>
    public static DiagnosticDescriptor ImageStepFailed { get; } = new("EKN0684", Severity.Error, "a program that changes the image failed");

    /// <summary>A container image cannot be put into the image.</summary>
    public static DiagnosticDescriptor ContainerImageMissing { get; } = new("EKN0685", Severity.Error, "a container image is not in the image");

    /// <summary>A component of the image is not where it should be, or its version is not known.</summary>
    public static DiagnosticDescriptor ImageComponentMissing { get; } = new("EKN0686", Severity.Error, "a component is not in the image");

    /// <summary>A unit cannot be enabled: it has no <c>[Install]</c> section, or is made by a generator.</summary>
    public static DiagnosticDescriptor ImageUnitStatic { get; } = new("EKN0687", Severity.Warning, "a unit cannot be enabled");

    /// <summary>A kernel module of an accelerator was not built, or cannot be.</summary>
    public static DiagnosticDescriptor DriverModuleMissing { get; } = new("EKN0688", Severity.Error, "a driver is not in the image");

    private static ImmutableArray<DiagnosticDescriptor> ImageApplyEntries =>
    [
        LockMismatch, LockInvalid, ImageBuildImpossible, ImageUnitMissing, ImageStepFailed, ContainerImageMissing, ImageComponentMissing, ImageUnitStatic, DriverModuleMissing,
    ];
}
