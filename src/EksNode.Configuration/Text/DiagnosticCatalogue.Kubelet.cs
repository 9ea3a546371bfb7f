using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN04xx: kubelet configuration and flags.</content>
public static partial class DiagnosticCatalogue
{
    private static ImmutableArray<DiagnosticDescriptor> KubeletEntries => [];
}
