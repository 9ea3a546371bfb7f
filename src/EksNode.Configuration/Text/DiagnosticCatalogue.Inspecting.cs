using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0690 to EKN0699: looking into an image: its versions, whether it is as planned, its bill of materials.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>The database of packages is there and cannot be listed.</summary>
    public static DiagnosticDescriptor PackagesUnlisted { get; } = new("EKN0690", Severity.Error, "the installed packages cannot be listed");

    /// <summary>A program is for another processor, so that it cannot be asked for its version.</summary>
    public static DiagnosticDescriptor ProgramOfOtherProcessor { get; } = new("EKN0691", Severity.Warning, "a program for another processor tells no version");

    /// <summary>The container runtime runs and does not list its images.</summary>
    public static DiagnosticDescriptor ContainerImagesUnlisted { get; } = new("EKN0692", Severity.Warning, "the container images cannot be listed");

    /// <summary>The versions of kernel modules below a root cannot be had.</summary>
    public static DiagnosticDescriptor KernelModulesUnasked { get; } = new("EKN0693", Severity.Warning, "kernel modules are not asked for their version");

    private static ImmutableArray<DiagnosticDescriptor> InspectingEntries => [PackagesUnlisted, ProgramOfOtherProcessor, ContainerImagesUnlisted, KernelModulesUnasked];
}
