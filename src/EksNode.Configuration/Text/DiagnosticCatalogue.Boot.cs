using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0940 to EKN0949: the boot: waiting for cloud-init, what one stage leaves for the next, the report.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>A stage of cloud-init is not done within the deadline.</summary>
    public static DiagnosticDescriptor BootCloudInitTimeout { get; } = new("EKN0940", Severity.Error, "cloud-init is not done in time");

    /// <summary>A stage of cloud-init failed.</summary>
    public static DiagnosticDescriptor BootCloudInitFailed { get; } = new("EKN0941", Severity.Warning, "a stage of cloud-init failed");

    /// <summary>cloud-init waits for a unit that waits for this join.</summary>
    public static DiagnosticDescriptor BootCloudInitDeadlock { get; } = new("EKN0942", Severity.Error, "cloud-init waits for this join");

    /// <summary>What the configure stage left for the start stage cannot be read or written.</summary>
    public static DiagnosticDescriptor BootRecordUnusable { get; } = new("EKN0943", Severity.Info, "record of the configure stage not used");

    /// <summary>A record of a stage's timeline cannot be read or written.</summary>
    public static DiagnosticDescriptor BootTimelineUnusable { get; } = new("EKN0944", Severity.Warning, "timeline of a boot cannot be read or written");

    /// <summary>The boot report lacks what systemd would tell.</summary>
    public static DiagnosticDescriptor BootReportWithoutSystemd { get; } = new("EKN0945", Severity.Warning, "boot report without systemd");

    /// <summary>No stage of eksnode ran in this boot.</summary>
    public static DiagnosticDescriptor BootNothingRecorded { get; } = new("EKN0946", Severity.Error, "no stage was recorded in this boot");

    /// <summary>The node is started from within cloud-init, which is not waited for then.</summary>
    public static DiagnosticDescriptor BootWithinCloudInit { get; } = new("EKN0947", Severity.Warning, "node started by a script of cloud-init");

    private static ImmutableArray<DiagnosticDescriptor> BootEntries =>
    [
        BootCloudInitTimeout, BootCloudInitFailed, BootCloudInitDeadlock, BootRecordUnusable, BootTimelineUnusable,
        BootReportWithoutSystemd, BootNothingRecorded, BootWithinCloudInit,
    ];
}
