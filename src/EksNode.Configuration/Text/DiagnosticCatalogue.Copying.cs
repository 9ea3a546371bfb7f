using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0859, EKN0970 to EKN0973: copying what was below a mount target.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>Files that no copy made are where those of a mount target would be copied to: they are used as they are.</summary>
    public static DiagnosticDescriptor CopyTargetOccupied { get; } = new("EKN0859", Severity.Warning, "other files are where a copy would be");

    /// <summary>Something was written below a directory while it was copied.</summary>
    public static DiagnosticDescriptor CopySourceChanged { get; } =
        new("EKN0970", Severity.Error, "a directory changed while it was copied");

    /// <summary>A path in a tree is longer than a path may be.</summary>
    public static DiagnosticDescriptor CopyTooDeep { get; } = new("EKN0971", Severity.Error, "a tree is too deep to copy");

    /// <summary>A directory would be copied into itself.</summary>
    public static DiagnosticDescriptor CopyIntoItself { get; } = new("EKN0972", Severity.Error, "a copy would contain itself");

    /// <summary>The file system that is copied to keeps no attribute of a kind that the source has.</summary>
    public static DiagnosticDescriptor CopyAttributeRefused { get; } =
        new("EKN0973", Severity.Error, "a file system does not keep an extended attribute");

    private static ImmutableArray<DiagnosticDescriptor> CopyingEntries =>
        [CopyTargetOccupied, CopySourceChanged, CopyTooDeep, CopyIntoItself, CopyAttributeRefused];
}
