using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0900 to EKN0914: systemd, D-Bus and the journal.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>Neither the system bus nor systemd's private socket can be reached.</summary>
    public static DiagnosticDescriptor SystemdUnreachable { get; } = new("EKN0900", Severity.Error, "systemd cannot be reached");

    /// <summary>A connection to D-Bus ended or could not be made.</summary>
    public static DiagnosticDescriptor SystemdConnectionLost { get; } = new("EKN0901", Severity.Error, "connection to systemd lost");

    /// <summary>The peer sent something that is not D-Bus.</summary>
    public static DiagnosticDescriptor SystemdAnswerUnreadable { get; } = new("EKN0902", Severity.Error, "unreadable answer of systemd");

    /// <summary>The peer answered a call with an error.</summary>
    public static DiagnosticDescriptor SystemdRefused { get; } = new("EKN0903", Severity.Error, "systemd refuses a call");

    /// <summary>A call or a job did not end in time.</summary>
    public static DiagnosticDescriptor SystemdTimeout { get; } = new("EKN0904", Severity.Error, "systemd did not answer in time");

    private static ImmutableArray<DiagnosticDescriptor> SystemdEntries =>
    [
        SystemdUnreachable, SystemdConnectionLost, SystemdAnswerUnreadable, SystemdRefused, SystemdTimeout,
    ];
}
