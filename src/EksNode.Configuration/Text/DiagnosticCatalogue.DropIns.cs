using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0013 to EKN0019: eksnode under the name of another program.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>A command that changes the machine is run by somebody else than root.</summary>
    public static DiagnosticDescriptor NotRoot { get; } = new("EKN0013", Severity.Error, "must run as root");

    /// <summary>The file of <c>nodeadm --config-cache</c> cannot be used; the node is configured without it.</summary>
    public static DiagnosticDescriptor ConfigCacheUnreadable { get; } = new("EKN0014", Severity.Warning, "configuration cache cannot be read");

    /// <summary>The file of <c>nodeadm --config-cache</c> cannot be written; the next run does without it.</summary>
    public static DiagnosticDescriptor ConfigCacheUnwritable { get; } = new("EKN0015", Severity.Warning, "configuration cache cannot be written");

    /// <summary><c>nodeadm init --skip</c> names something that is no phase; nothing is skipped for it.</summary>
    public static DiagnosticDescriptor PhaseUnknown { get; } = new("EKN0016", Severity.Warning, "unknown phase");

    private static ImmutableArray<DiagnosticDescriptor> DropInEntries => [NotRoot, ConfigCacheUnreadable, ConfigCacheUnwritable, PhaseUnknown];
}
