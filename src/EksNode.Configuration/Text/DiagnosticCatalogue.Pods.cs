using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN003x, EKN025x and EKN078x: max pods, presets, labels and taints.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>A pattern of instance types that no type of the catalog matches.</summary>
    public static DiagnosticDescriptor NoInstanceTypeMatches { get; } = new("EKN0030", Severity.Error, "no instance type matches");

    /// <summary>An option of the pod network that does not fit the instance type or the CNI: it is not counted.</summary>
    public static DiagnosticDescriptor PodNetworkingUnused { get; } = new("EKN0780", Severity.Warning, "option of the pod network has no effect on max pods");

    private static ImmutableArray<DiagnosticDescriptor> PodEntries =>
    [
        NoInstanceTypeMatches,
        PodNetworkingUnused,
    ];
}
