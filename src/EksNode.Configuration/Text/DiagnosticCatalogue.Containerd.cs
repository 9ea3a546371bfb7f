using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN05xx: containerd configuration and runtime spec.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary><c>version</c> of a containerd configuration names no schema that the installed containerd reads.</summary>
    public static DiagnosticDescriptor ContainerdSchemaUnknown { get; } = new("EKN0501", Severity.Error, "containerd configuration schema is not readable");

    /// <summary>Settings of the schema of another containerd were converted.</summary>
    public static DiagnosticDescriptor ContainerdSettingsConverted { get; } = new("EKN0502", Severity.Info, "containerd settings were converted to another schema");

    /// <summary>A schema 2 setting has no place in schema 3, or schema 2 does not know it.</summary>
    public static DiagnosticDescriptor ContainerdSettingNotConverted { get; } = new("EKN0503", Severity.Warning, "containerd setting has no place in the installed schema");

    /// <summary>A schema 3 setting has no place in the schema of an installed containerd 1.x.</summary>
    public static DiagnosticDescriptor ContainerdSettingTooNew { get; } = new("EKN0504", Severity.Error, "containerd setting needs containerd 2");

    /// <summary>Two settings of different schemas are one setting of the installed schema.</summary>
    public static DiagnosticDescriptor ContainerdSettingTwice { get; } = new("EKN0505", Severity.Warning, "containerd setting is set in two schemas");

    /// <summary>A setting has a type that containerd refuses.</summary>
    public static DiagnosticDescriptor ContainerdTypeWrong { get; } = new("EKN0506", Severity.Warning, "containerd setting has the wrong type");

    /// <summary>containerd does not know a setting and ignores it.</summary>
    public static DiagnosticDescriptor ContainerdSettingUnknown { get; } = new("EKN0507", Severity.Warning, "containerd does not know the setting");

    /// <summary>Settings that are right by themselves, and that containerd refuses together.</summary>
    public static DiagnosticDescriptor ContainerdSettingsContradict { get; } = new("EKN0508", Severity.Warning, "containerd refuses these settings together");

    /// <summary>A setting keeps the kubelet from using containerd.</summary>
    public static DiagnosticDescriptor ContainerdOutOfReach { get; } = new("EKN0509", Severity.Warning, "kubelet does not reach containerd");

    /// <summary>A value of the base runtime spec has a type that containerd refuses.</summary>
    public static DiagnosticDescriptor RuntimeSpecTypeWrong { get; } = new("EKN0510", Severity.Warning, "runtime spec value has the wrong type");

    /// <summary>The OCI runtime specification does not know a key of the base runtime spec.</summary>
    public static DiagnosticDescriptor RuntimeSpecKeyUnknown { get; } = new("EKN0511", Severity.Warning, "runtime spec does not have the key");

    private static ImmutableArray<DiagnosticDescriptor> ContainerdEntries =>
    [
        ContainerdSchemaUnknown,
        ContainerdSettingsConverted,
        ContainerdSettingNotConverted,
        ContainerdSettingTooNew,
        ContainerdSettingTwice,
        ContainerdTypeWrong,
        ContainerdSettingUnknown,
        ContainerdSettingsContradict,
        ContainerdOutOfReach,
        RuntimeSpecTypeWrong,
        RuntimeSpecKeyUnknown,
    ];
}
