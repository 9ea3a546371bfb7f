using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN06xx: planning: what follows from configuration and facts.</content>
public static partial class DiagnosticCatalogue
{
    private static ImmutableArray<DiagnosticDescriptor> PlanEntries => [];
}
