using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN02xx: the shape of a NodeConfig: keys, types, required settings.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>A key that no setting has: misspelt, in the wrong case or in the wrong place. It is ignored.</summary>
    public static DiagnosticDescriptor UnknownKey { get; } = new("EKN0201", Severity.Warning, "unknown key");

    /// <summary>A map, list or scalar where another is expected.</summary>
    public static DiagnosticDescriptor WrongType { get; } = new("EKN0202", Severity.Error, "wrong type");

    /// <summary>A plain YAML word or number where a string is expected: YAML 1.1 reads <c>y</c>, <c>on</c> and <c>010</c> as something else.</summary>
    public static DiagnosticDescriptor UnquotedText { get; } = new("EKN0203", Severity.Error, "text that must be quoted");

    /// <summary>A value that is none of the allowed ones.</summary>
    public static DiagnosticDescriptor BadChoice { get; } = new("EKN0204", Severity.Error, "not one of the allowed values");

    /// <summary>A feature gate that eksnode does not know. It has no effect.</summary>
    public static DiagnosticDescriptor UnknownFeatureGate { get; } = new("EKN0205", Severity.Warning, "unknown feature gate");

    /// <summary>A setting without which a node cannot join.</summary>
    public static DiagnosticDescriptor MissingSetting { get; } = new("EKN0206", Severity.Error, "required setting is missing");

    /// <summary>The same mount target, device or list item twice.</summary>
    public static DiagnosticDescriptor Duplicate { get; } = new("EKN0207", Severity.Error, "given twice");

    /// <summary>A setting that has no effect without another one.</summary>
    public static DiagnosticDescriptor UnusedSetting { get; } = new("EKN0208", Severity.Warning, "setting without effect");

    /// <summary>A volume without a device or a mount target.</summary>
    public static DiagnosticDescriptor IncompleteVolume { get; } = new("EKN0209", Severity.Error, "incomplete volume");

    /// <summary>A word in another case than the API's, which is read as meant.</summary>
    public static DiagnosticDescriptor ChoiceInOtherCase { get; } = new("EKN0210", Severity.Warning, "a word in another case");

    /// <summary>A well-known key of the OCI runtime spec has a value of the wrong type.</summary>
    public static DiagnosticDescriptor RuntimeSpecType { get; } = new("EKN0220", Severity.Error, "wrong type in the base runtime spec");

    /// <summary>A key that the OCI runtime spec does not have.</summary>
    public static DiagnosticDescriptor RuntimeSpecUnknownKey { get; } = new("EKN0221", Severity.Warning, "unknown key in the base runtime spec");

    private static ImmutableArray<DiagnosticDescriptor> NodeConfigEntries =>
    [
        UnknownKey,
        WrongType,
        UnquotedText,
        BadChoice,
        UnknownFeatureGate,
        MissingSetting,
        Duplicate,
        UnusedSetting,
        IncompleteVolume,
        ChoiceInOtherCase,
        RuntimeSpecType,
        RuntimeSpecUnknownKey,
    ];
}
