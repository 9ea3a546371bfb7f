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

    /// <summary>A check of an image cannot be made: what it would look at cannot be read, or the program that knows is missing.</summary>
    public static DiagnosticDescriptor CheckImpossible { get; } = new("EKN0695", Severity.Error, "a check of an image cannot be made");

    /// <summary>There is neither a document nor a lock to compare an image with.</summary>
    public static DiagnosticDescriptor NothingToValidate { get; } = new("EKN0696", Severity.Error, "nothing to compare the image with");

    /// <summary>An image without a lock: nobody tells where its downloads are from.</summary>
    public static DiagnosticDescriptor BillWithoutLock { get; } = new("EKN0697", Severity.Warning, "a bill of materials without a lock");

    /// <summary>The variable that says when something was made holds no time.</summary>
    public static DiagnosticDescriptor SourceDateInvalid { get; } = new("EKN0698", Severity.Error, "SOURCE_DATE_EPOCH is no time");

    private static ImmutableArray<DiagnosticDescriptor> InspectingEntries =>
    [
        PackagesUnlisted,
        ProgramOfOtherProcessor,
        ContainerImagesUnlisted,
        KernelModulesUnasked,
        CheckImpossible,
        NothingToValidate,
        BillWithoutLock,
        SourceDateInvalid,
    ];
}
