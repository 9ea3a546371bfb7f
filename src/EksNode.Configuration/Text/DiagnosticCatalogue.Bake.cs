using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

public static partial class DiagnosticCatalogue
{
    /// <summary>An entry of <c>spec.bake</c> that names nothing.</summary>
    public static DiagnosticDescriptor BakeUnknown { get; } = new("EKN0647", Severity.Error, "nothing of that name can be baked");

    /// <summary>A resource that follows from an instance, or that no image can hold.</summary>
    public static DiagnosticDescriptor BakeImpossible { get; } = new("EKN0648", Severity.Error, "a resource that cannot be baked");

    /// <summary>An entry of <c>spec.bake</c> without an effect.</summary>
    public static DiagnosticDescriptor BakeUnused { get; } = new("EKN0649", Severity.Warning, "an entry of `spec.bake` without an effect");

    private static ImmutableArray<DiagnosticDescriptor> BakeEntries => [BakeUnknown, BakeImpossible, BakeUnused];
}
