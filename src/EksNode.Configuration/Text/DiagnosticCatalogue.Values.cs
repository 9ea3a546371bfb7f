using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN03xx: single values: CIDR, URL, base64, certificate, quantity, duration, label, taint, CEL.</content>
public static partial class DiagnosticCatalogue
{
    private static ImmutableArray<DiagnosticDescriptor> ValueEntries => [];
}
