using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN00xx: the command line and the run as a whole.</content>
public static partial class DiagnosticCatalogue
{
    private static ImmutableArray<DiagnosticDescriptor> CommandLineEntries => [];
}
