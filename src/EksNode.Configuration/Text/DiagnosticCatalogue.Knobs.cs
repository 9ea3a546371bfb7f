using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0230 to EKN0249: files that a configuration names, the kernel, limits, hooks.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>A file or folder that a setting names cannot be read.</summary>
    public static DiagnosticDescriptor ReferencedFileUnreadable { get; } = new("EKN0230", Severity.Error, "a file that the configuration names cannot be read");

    /// <summary>A file that a setting names holds something else.</summary>
    public static DiagnosticDescriptor ReferencedFileWrong { get; } = new("EKN0231", Severity.Error, "a file that the configuration names holds something else");

    private static ImmutableArray<DiagnosticDescriptor> KnobEntries =>
    [
        ReferencedFileUnreadable,
        ReferencedFileWrong,
    ];

    /// <summary>A kubelet configuration that replaces eksnode's leaves values of it out.</summary>
    public static DiagnosticDescriptor KubeletDefaultsDropped { get; } = new("EKN0728", Severity.Info, "the kubelet configuration replaces eksnode's values");

    /// <summary>A kubelet configuration that replaces eksnode's undoes what a compliance profile asks.</summary>
    public static DiagnosticDescriptor KubeletControlsLost { get; } = new("EKN0729", Severity.Warning, "the kubelet configuration undoes controls of the compliance profile");

    private static ImmutableArray<DiagnosticDescriptor> KnobPlanEntries =>
    [
        KubeletDefaultsDropped,
        KubeletControlsLost,
    ];
}
