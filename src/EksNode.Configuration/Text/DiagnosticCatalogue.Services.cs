using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0915 to EKN0939: bringing services up, and waiting for the node.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>Services can only be started by root.</summary>
    public static DiagnosticDescriptor StartNeedsRoot { get; } = new("EKN0915", Severity.Error, "only root can start services");

    /// <summary>A unit that a node needs is not installed.</summary>
    public static DiagnosticDescriptor ServiceMissing { get; } = new("EKN0916", Severity.Error, "a service is not installed");

    /// <summary>A unit that a node needs is masked.</summary>
    public static DiagnosticDescriptor ServiceMasked { get; } = new("EKN0917", Severity.Error, "a service is masked");

    /// <summary>systemd cannot use the files of a unit that a node needs.</summary>
    public static DiagnosticDescriptor ServiceUnitInvalid { get; } = new("EKN0918", Severity.Error, "systemd refuses the unit of a service");

    /// <summary>A service ended, or ends again and again.</summary>
    public static DiagnosticDescriptor ServiceFailed { get; } = new("EKN0919", Severity.Error, "a service fails");

    /// <summary>A service was not started, because a unit that it requires failed, or its own conditions are not met.</summary>
    public static DiagnosticDescriptor ServiceNotStarted { get; } = new("EKN0920", Severity.Error, "a service was not started");

    /// <summary>The request to start a service was not done in time.</summary>
    public static DiagnosticDescriptor ServiceTooSlow { get; } = new("EKN0921", Severity.Error, "a service does not start in time");

    /// <summary>A service runs, but does not answer as a healthy one in time.</summary>
    public static DiagnosticDescriptor ServiceUnhealthy { get; } = new("EKN0922", Severity.Error, "a service is not healthy in time");

    /// <summary>The Node is not Ready in time.</summary>
    public static DiagnosticDescriptor NodeNotReady { get; } = new("EKN0923", Severity.Error, "the node is not Ready in time");

    /// <summary>A restart is owed by a service that no join restarts.</summary>
    public static DiagnosticDescriptor RestartWaitsForBoot { get; } = new("EKN0924", Severity.Warning, "a restart waits for the next boot");

    private static ImmutableArray<DiagnosticDescriptor> ServiceEntries =>
    [
        StartNeedsRoot, ServiceMissing, ServiceMasked, ServiceUnitInvalid, ServiceFailed, ServiceNotStarted, ServiceTooSlow, ServiceUnhealthy,
        NodeNotReady, RestartWaitsForBoot,
    ];
}
