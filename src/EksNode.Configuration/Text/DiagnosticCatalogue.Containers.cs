using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0974 to EKN0979: images and accelerators at the start of a node.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>The pause image is not there, and nothing to import it from.</summary>
    public static DiagnosticDescriptor SandboxImageMissing { get; } = new("EKN0974", Severity.Error, "the sandbox image is missing");

    /// <summary>An archive of images could not be imported into containerd.</summary>
    public static DiagnosticDescriptor ImageImportFailed { get; } = new("EKN0975", Severity.Error, "an archive of images cannot be imported");

    /// <summary>The sandbox image of the region's registry could not be pulled.</summary>
    public static DiagnosticDescriptor SandboxImageNotPulled { get; } = new("EKN0976", Severity.Error, "the sandbox image cannot be pulled");

    /// <summary>A kernel module was not loaded.</summary>
    public static DiagnosticDescriptor KernelModuleNotLoaded { get; } = new("EKN0977", Severity.Warning, "a kernel module is not loaded");

    /// <summary>The clocks of the GPUs could not be set.</summary>
    public static DiagnosticDescriptor GpuClocksNotSet { get; } = new("EKN0978", Severity.Warning, "the clocks of the GPUs are not set");

    /// <summary>There is no archive of the pause image to import for the SOCI snapshotter.</summary>
    public static DiagnosticDescriptor PauseArchiveMissing { get; } =
        new("EKN0979", Severity.Warning, "no archive of the pause image for the SOCI snapshotter");

    private static ImmutableArray<DiagnosticDescriptor> ContainerEntries =>
        [SandboxImageMissing, ImageImportFailed, SandboxImageNotPulled, KernelModuleNotLoaded, GpuClocksNotSet, PauseArchiveMissing];
}
