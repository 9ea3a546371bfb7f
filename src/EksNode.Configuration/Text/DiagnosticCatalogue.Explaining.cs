using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN004x: explanations, configurations to show.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>A target of <c>explain</c> that the plan does not have.</summary>
    public static DiagnosticDescriptor NothingToExplain { get; } = new("EKN0040", Severity.Error, "nothing to explain");

    private static ImmutableArray<DiagnosticDescriptor> ExplainingEntries => [NothingToExplain];
}
