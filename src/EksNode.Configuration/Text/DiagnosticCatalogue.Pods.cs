using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN003x, EKN025x and EKN078x: max pods, presets, labels and taints.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>A pattern of instance types that no type of the catalog matches.</summary>
    public static DiagnosticDescriptor NoInstanceTypeMatches { get; } = new("EKN0030", Severity.Error, "no instance type matches");

    /// <summary>A number of pods or network interfaces that is too small or too large.</summary>
    public static DiagnosticDescriptor BadPodNumber { get; } = new("EKN0250", Severity.Error, "number is out of range");

    /// <summary>A template that cannot be read, or names a fact that there is not.</summary>
    public static DiagnosticDescriptor BadTemplate { get; } = new("EKN0251", Severity.Error, "template cannot be read");

    /// <summary>One of <c>spec.labels</c> that no node can have, whatever the facts are.</summary>
    public static DiagnosticDescriptor BadNodeLabel { get; } = new("EKN0252", Severity.Error, "label is not valid");

    /// <summary>One of <c>spec.taints</c> that no node can have, whatever the facts are.</summary>
    public static DiagnosticDescriptor BadNodeTaint { get; } = new("EKN0253", Severity.Error, "taint is not valid");

    /// <summary>An option of the pod network that does not fit the instance type or the CNI: it is not counted.</summary>
    public static DiagnosticDescriptor PodNetworkingUnused { get; } = new("EKN0780", Severity.Warning, "option of the pod network has no effect on max pods");

    /// <summary>Max pods is more than the instance type's interfaces have addresses for, with prefixes, too.</summary>
    public static DiagnosticDescriptor MorePodsThanAddresses { get; } = new("EKN0781", Severity.Info, "more pods than addresses");

    /// <summary><c>spec.maxPods</c> is not what the kubelet runs: its own configuration or a flag sets another number.</summary>
    public static DiagnosticDescriptor MaxPodsOverridden { get; } = new("EKN0782", Severity.Warning, "max pods is overridden");

    /// <summary>The reserved memory for so many pods would be more than half of the machine's: half of it is reserved.</summary>
    public static DiagnosticDescriptor ReservedMemoryLimited { get; } = new("EKN0783", Severity.Warning, "reserved memory is limited");

    /// <summary>A label whose template names a fact that the instance lacks, or that gives no label value: the node does not get it.</summary>
    public static DiagnosticDescriptor LabelLeftOut { get; } = new("EKN0784", Severity.Warning, "label is left out");

    /// <summary>A taint whose template names a fact that the instance lacks, or that gives no taint value: without it pods would run that must not.</summary>
    public static DiagnosticDescriptor TaintUnresolved { get; } = new("EKN0785", Severity.Error, "taint has no value");

    private static ImmutableArray<DiagnosticDescriptor> PodEntries =>
    [
        NoInstanceTypeMatches,
        BadPodNumber,
        BadTemplate,
        BadNodeLabel,
        BadNodeTaint,
        PodNetworkingUnused,
        MorePodsThanAddresses,
        MaxPodsOverridden,
        ReservedMemoryLimited,
        LabelLeftOut,
        TaintUnresolved,
    ];
}
