using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN02xx: the shape of a NodeConfig: keys, types, required settings.</content>
public static partial class DiagnosticCatalogue
{
    private static ImmutableArray<DiagnosticDescriptor> NodeConfigEntries => [];
}
