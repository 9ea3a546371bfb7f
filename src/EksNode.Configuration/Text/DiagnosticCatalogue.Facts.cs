using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN07xx: facts: IMDS, AWS, host, image manifest.</content>
public static partial class DiagnosticCatalogue
{
    private static ImmutableArray<DiagnosticDescriptor> FactEntries => [.. HostFactEntries];
}
