using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN04xx: kubelet configuration and flags.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>A field that no KubeletConfiguration has. The kubelet ignores it without a word in a drop-in.</summary>
    public static DiagnosticDescriptor UnknownKubeletField { get; } = new("EKN0401", Severity.Warning, "unknown kubelet field");

    /// <summary>A field's value has the wrong type: the kubelet refuses the document.</summary>
    public static DiagnosticDescriptor KubeletFieldType { get; } = new("EKN0402", Severity.Error, "wrong type of a kubelet field");

    /// <summary>A field that a later kubelet has, but not this one, which ignores it.</summary>
    public static DiagnosticDescriptor KubeletFieldTooNew { get; } = new("EKN0403", Severity.Warning, "kubelet field of a later version");

    /// <summary>A field that an earlier kubelet had, but not this one, which ignores it.</summary>
    public static DiagnosticDescriptor KubeletFieldRemoved { get; } = new("EKN0404", Severity.Warning, "removed kubelet field");

    /// <summary>A value that the kubelet does not allow for the field.</summary>
    public static DiagnosticDescriptor KubeletFieldValue { get; } = new("EKN0405", Severity.Error, "value that the kubelet refuses");

    /// <summary>Fields that contradict each other.</summary>
    public static DiagnosticDescriptor KubeletFieldConflict { get; } = new("EKN0406", Severity.Error, "kubelet fields that contradict each other");

    /// <summary>A field that needs a feature gate which is off.</summary>
    public static DiagnosticDescriptor KubeletFieldNeedsGate { get; } = new("EKN0407", Severity.Error, "kubelet field needs a feature gate");

    /// <summary>The apiVersion or kind of the document is not KubeletConfiguration's.</summary>
    public static DiagnosticDescriptor KubeletDocumentKind { get; } = new("EKN0408", Severity.Error, "not a KubeletConfiguration");

    /// <summary>A feature gate that the kubelet does not know: it refuses to start.</summary>
    public static DiagnosticDescriptor UnknownKubeletGate { get; } = new("EKN0410", Severity.Error, "unknown kubelet feature gate");

    /// <summary>A feature gate that is locked to its default.</summary>
    public static DiagnosticDescriptor LockedKubeletGate { get; } = new("EKN0411", Severity.Error, "locked kubelet feature gate");

    /// <summary>A flag that no kubelet has: it refuses to start.</summary>
    public static DiagnosticDescriptor UnknownKubeletFlag { get; } = new("EKN0420", Severity.Error, "unknown kubelet flag");

    /// <summary>A flag that this kubelet no longer has.</summary>
    public static DiagnosticDescriptor KubeletFlagRemoved { get; } = new("EKN0421", Severity.Error, "removed kubelet flag");

    /// <summary>A flag that a later kubelet has.</summary>
    public static DiagnosticDescriptor KubeletFlagTooNew { get; } = new("EKN0422", Severity.Error, "kubelet flag of a later version");

    /// <summary>A flag that is deprecated, or belongs in the configuration file.</summary>
    public static DiagnosticDescriptor KubeletFlagDeprecated { get; } = new("EKN0423", Severity.Info, "deprecated kubelet flag");

    /// <summary>A flag that overrides the one that eksnode sets.</summary>
    public static DiagnosticDescriptor KubeletFlagOverrides { get; } = new("EKN0424", Severity.Info, "kubelet flag overrides eksnode's");

    /// <summary>An item of the list that is no flag.</summary>
    public static DiagnosticDescriptor NotAKubeletFlag { get; } = new("EKN0425", Severity.Error, "not a kubelet flag");

    /// <summary>A flag's value has the wrong type.</summary>
    public static DiagnosticDescriptor KubeletFlagValue { get; } = new("EKN0426", Severity.Error, "flag value that the kubelet refuses");

    /// <summary>A flag without the value that it needs.</summary>
    public static DiagnosticDescriptor KubeletFlagNeedsValue { get; } = new("EKN0427", Severity.Error, "kubelet flag without a value");

    /// <summary>A label of a Kubernetes namespace that a kubelet may not set for its own node.</summary>
    public static DiagnosticDescriptor RestrictedNodeLabel { get; } = new("EKN0428", Severity.Error, "label that a kubelet may not set");

    /// <summary>A flag that wins over a field of the configuration, or over the same flag before it.</summary>
    public static DiagnosticDescriptor KubeletFlagWins { get; } = new("EKN0429", Severity.Warning, "setting that a kubelet flag overrides");

    /// <summary>A kubelet configuration that is to replace eksnode's, and is not there.</summary>
    public static DiagnosticDescriptor KubeletReplacementEmpty { get; } = new("EKN0430", Severity.Warning, "replacing kubelet configuration is missing");

    private static ImmutableArray<DiagnosticDescriptor> KubeletEntries =>
    [
        UnknownKubeletField,
        KubeletFieldType,
        KubeletFieldTooNew,
        KubeletFieldRemoved,
        KubeletFieldValue,
        KubeletFieldConflict,
        KubeletFieldNeedsGate,
        KubeletDocumentKind,
        UnknownKubeletGate,
        LockedKubeletGate,
        UnknownKubeletFlag,
        KubeletFlagRemoved,
        KubeletFlagTooNew,
        KubeletFlagDeprecated,
        KubeletFlagOverrides,
        NotAKubeletFlag,
        KubeletFlagValue,
        KubeletFlagNeedsValue,
        RestrictedNodeLabel,
        KubeletFlagWins,
        KubeletReplacementEmpty,
    ];
}
