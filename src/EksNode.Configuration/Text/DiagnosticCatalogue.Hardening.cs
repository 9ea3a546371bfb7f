using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0650 to EKN0655: the compliance profile of an image.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>A setting of the document that says something else than the profile of the image.</summary>
    public static DiagnosticDescriptor HardeningReplaced { get; } = new("EKN0650", Severity.Warning, "a setting takes the place of what the profile of the image asks for");

    private static ImmutableArray<DiagnosticDescriptor> HardeningEntries => [HardeningReplaced];
}
