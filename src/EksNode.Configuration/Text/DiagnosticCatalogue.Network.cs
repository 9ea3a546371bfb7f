using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0980 to EKN0989: network interfaces and systemd-networkd.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>The machine has no such interface, or one without a MAC address.</summary>
    public static DiagnosticDescriptor InterfaceMissing { get; } = new("EKN0980", Severity.Error, "network interface is not there");

    /// <summary>No interface of the machine has the MAC address that IMDS gives as the primary one.</summary>
    public static DiagnosticDescriptor PrimaryInterfaceMissing { get; } = new("EKN0981", Severity.Error, "primary network interface is not there");

    /// <summary>The links were not in the state that the node needs when the time was over.</summary>
    public static DiagnosticDescriptor NetworkNotReady { get; } = new("EKN0982", Severity.Error, "network is not ready");

    /// <summary>systemd-networkd runs and did not read its files again.</summary>
    public static DiagnosticDescriptor NetworkdNotReloaded { get; } = new("EKN0983", Severity.Error, "systemd-networkd did not reload");

    private static ImmutableArray<DiagnosticDescriptor> NetworkEntries =>
        [InterfaceMissing, PrimaryInterfaceMissing, NetworkNotReady, NetworkdNotReloaded];
}
