using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN06xx: planning: what follows from configuration and facts.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>The version of the kubelet or of containerd is not known: most of a node follows from them.</summary>
    public static DiagnosticDescriptor ComponentVersionMissing { get; } = new("EKN0601", Severity.Error, "component version is not known");

    /// <summary>A fact that the plan needs is missing.</summary>
    public static DiagnosticDescriptor FactMissing { get; } = new("EKN0602", Severity.Error, "fact is missing");

    /// <summary>A fact has a form that the plan cannot use.</summary>
    public static DiagnosticDescriptor FactMalformed { get; } = new("EKN0603", Severity.Error, "fact is malformed");

    /// <summary>The limits of the instance type are not known: max pods is the kubelet's default.</summary>
    public static DiagnosticDescriptor InstanceTypeUnknown { get; } = new("EKN0604", Severity.Warning, "instance type is not known");

    /// <summary>The max pods expression gave no usable number: the standard value is used.</summary>
    public static DiagnosticDescriptor MaxPodsExpressionUnused { get; } = new("EKN0605", Severity.Warning, "max pods expression is not used");

    /// <summary>Memory is reserved for another number of pods than the kubelet runs.</summary>
    public static DiagnosticDescriptor ReservedForOtherMaxPods { get; } = new("EKN0606", Severity.Info, "reserved memory follows another max pods value");

    /// <summary>The number of CPUs is not known: no CPU is reserved.</summary>
    public static DiagnosticDescriptor CpuCountUnknown { get; } = new("EKN0607", Severity.Warning, "CPU count is not known");

    /// <summary>Parallel image pulls were asked for and the machine is too small for them.</summary>
    public static DiagnosticDescriptor FastImagePullOff { get; } = new("EKN0608", Severity.Info, "FastImagePull has no effect");

    /// <summary>The kubelet no longer accepts this containerd.</summary>
    public static DiagnosticDescriptor ContainerdTooOld { get; } = new("EKN0609", Severity.Warning, "containerd is too old for the kubelet");

    /// <summary>The address of the cluster's DNS service lies outside of the service CIDR.</summary>
    public static DiagnosticDescriptor ClusterDnsOutsideCidr { get; } = new("EKN0610", Severity.Warning, "cluster DNS address is outside of the service CIDR");

    /// <summary>DNS did not resolve the API server's host, on an Outpost.</summary>
    public static DiagnosticDescriptor EndpointUnresolved { get; } = new("EKN0611", Severity.Warning, "API server's host did not resolve");

    /// <summary>An entry of <c>spec.kubelet.flags</c> is read as a shell would, as nodeadm does.</summary>
    public static DiagnosticDescriptor KubeletFlagReadAsWords { get; } = new("EKN0612", Severity.Warning, "kubelet flag entry is read as shell words");

    /// <summary>A kubelet argument has a character that systemd takes from no environment file.</summary>
    public static DiagnosticDescriptor KubeletFlagUnwritable { get; } = new("EKN0613", Severity.Error, "kubelet flag cannot be passed by systemd");

    /// <summary>The kubelet is older or newer than what this version was made for.</summary>
    public static DiagnosticDescriptor KubeletVersionUntested { get; } = new("EKN0615", Severity.Warning, "kubelet version is not tested");

    /// <summary>The image manifest names a compliance profile that this version does not know: none of its values apply.</summary>
    public static DiagnosticDescriptor ProfileUnknown { get; } = new("EKN0620", Severity.Warning, "compliance profile is not known");

    private static ImmutableArray<DiagnosticDescriptor> PlanEntries =>
    [
        ComponentVersionMissing,
        FactMissing,
        FactMalformed,
        InstanceTypeUnknown,
        MaxPodsExpressionUnused,
        ReservedForOtherMaxPods,
        CpuCountUnknown,
        FastImagePullOff,
        ContainerdTooOld,
        ClusterDnsOutsideCidr,
        EndpointUnresolved,
        KubeletFlagReadAsWords,
        KubeletFlagUnwritable,
        KubeletVersionUntested,
        ProfileUnknown,
    ];
}
