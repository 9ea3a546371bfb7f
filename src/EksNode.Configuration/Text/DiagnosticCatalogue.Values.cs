using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN03xx: single values: CIDR, URL, base64, certificate, quantity, duration, label, taint, CEL.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>Not a CIDR.</summary>
    public static DiagnosticDescriptor BadCidr { get; } = new("EKN0301", Severity.Error, "not a CIDR");

    /// <summary>A CIDR whose address has bits set after the prefix.</summary>
    public static DiagnosticDescriptor CidrNotCanonical { get; } = new("EKN0302", Severity.Warning, "CIDR is not the network's address");

    /// <summary>Not the URL of an API server.</summary>
    public static DiagnosticDescriptor BadApiServerUrl { get; } = new("EKN0303", Severity.Error, "not an API server's URL");

    /// <summary>Not standard base64.</summary>
    public static DiagnosticDescriptor BadBase64 { get; } = new("EKN0304", Severity.Error, "not base64");

    /// <summary>Not a PEM bundle of certificates.</summary>
    public static DiagnosticDescriptor BadCertificate { get; } = new("EKN0305", Severity.Error, "not a certificate");

    /// <summary>Not a Kubernetes quantity.</summary>
    public static DiagnosticDescriptor BadQuantity { get; } = new("EKN0306", Severity.Error, "not a quantity");

    /// <summary>Not a duration as Go writes it.</summary>
    public static DiagnosticDescriptor BadDuration { get; } = new("EKN0307", Severity.Error, "not a duration");

    /// <summary>Not a Kubernetes label.</summary>
    public static DiagnosticDescriptor BadLabel { get; } = new("EKN0308", Severity.Error, "not a label");

    /// <summary>Not a taint.</summary>
    public static DiagnosticDescriptor BadTaint { get; } = new("EKN0309", Severity.Error, "not a taint");

    /// <summary>Not an IP address.</summary>
    public static DiagnosticDescriptor BadIpAddress { get; } = new("EKN0310", Severity.Error, "not an IP address");

    /// <summary>Not a domain name.</summary>
    public static DiagnosticDescriptor BadDomainName { get; } = new("EKN0311", Severity.Error, "not a domain name");

    /// <summary>Not an absolute, normalised path.</summary>
    public static DiagnosticDescriptor BadPath { get; } = new("EKN0312", Severity.Error, "not an absolute path");

    /// <summary>Not the name of an environment variable.</summary>
    public static DiagnosticDescriptor BadVariableName { get; } = new("EKN0313", Severity.Error, "not a variable's name");

    /// <summary>The value of an environment variable holds a control character.</summary>
    public static DiagnosticDescriptor BadVariableValue { get; } = new("EKN0314", Severity.Error, "control character in a value");

    /// <summary>Not the name of a service.</summary>
    public static DiagnosticDescriptor BadServiceName { get; } = new("EKN0315", Severity.Error, "not a service's name");

    /// <summary>A max pods expression that does not compile; the default is used instead.</summary>
    public static DiagnosticDescriptor BadExpression { get; } = new("EKN0316", Severity.Warning, "max pods expression is not valid");

    /// <summary>Not the path of a device.</summary>
    public static DiagnosticDescriptor BadDevicePath { get; } = new("EKN0317", Severity.Error, "not a device");

    /// <summary>Not the name of a cluster.</summary>
    public static DiagnosticDescriptor BadClusterName { get; } = new("EKN0318", Severity.Error, "not a cluster's name");

    /// <summary>Not the name of a feature gate.</summary>
    public static DiagnosticDescriptor BadGateName { get; } = new("EKN0319", Severity.Warning, "not a feature gate's name");

    private static ImmutableArray<DiagnosticDescriptor> ValueEntries =>
    [
        BadCidr,
        CidrNotCanonical,
        BadApiServerUrl,
        BadBase64,
        BadCertificate,
        BadQuantity,
        BadDuration,
        BadLabel,
        BadTaint,
        BadIpAddress,
        BadDomainName,
        BadPath,
        BadVariableName,
        BadVariableValue,
        BadServiceName,
        BadExpression,
        BadDevicePath,
        BadClusterName,
        BadGateName,
    ];
}
