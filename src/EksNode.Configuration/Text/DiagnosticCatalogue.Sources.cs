using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN01xx: sources and documents: user data, MIME, encodings, YAML, JSON.</content>
public static partial class DiagnosticCatalogue
{
    private static ImmutableArray<DiagnosticDescriptor> SourceEntries => [];
}
