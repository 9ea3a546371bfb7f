using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN05xx: containerd configuration and runtime spec.</content>
public static partial class DiagnosticCatalogue
{
    private static ImmutableArray<DiagnosticDescriptor> ContainerdEntries => [];
}
