using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN08xx: the host: files, ownership, state, lock.</content>
public static partial class DiagnosticCatalogue
{
    private static ImmutableArray<DiagnosticDescriptor> HostEntries => [];
}
