using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN004x: explanations, configurations to show.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>A target of <c>explain</c> that the plan does not have.</summary>
    public static DiagnosticDescriptor NothingToExplain { get; } = new("EKN0040", Severity.Error, "nothing to explain");

    /// <summary>A setting of an existing node that its NodeConfig does not have.</summary>
    public static DiagnosticDescriptor NodeSettingDropped { get; } = new("EKN0041", Severity.Warning, "setting of the node is left out");

    /// <summary>The files are not those of a node of an EKS cluster.</summary>
    public static DiagnosticDescriptor NodeFilesIncomplete { get; } = new("EKN0042", Severity.Error, "files of a node are missing");

    /// <summary>A file of a node cannot be read.</summary>
    public static DiagnosticDescriptor NodeFileUnreadable { get; } = new("EKN0043", Severity.Error, "file of the node cannot be read");

    /// <summary>A configuration cache that is none.</summary>
    public static DiagnosticDescriptor NotAConfigCache { get; } = new("EKN0044", Severity.Error, "not a configuration cache");

    private static ImmutableArray<DiagnosticDescriptor> ExplainingEntries => [NothingToExplain, NodeSettingDropped, NodeFilesIncomplete, NodeFileUnreadable, NotAConfigCache];
}
