using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0020 to EKN0024, EKN055x: converting configurations of other tools.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>The input calls no <c>bootstrap.sh</c>, or calls it more than once.</summary>
    public static DiagnosticDescriptor NothingToConvert { get; } = new("EKN0020", Severity.Error, "no bootstrap.sh call to convert");

    /// <summary>An argument that <c>bootstrap.sh</c> does not have, or one without its value.</summary>
    public static DiagnosticDescriptor BootstrapArgumentWrong { get; } = new("EKN0021", Severity.Error, "wrong argument of bootstrap.sh");

    /// <summary>An argument of <c>bootstrap.sh</c> that has no counterpart in a NodeConfig.</summary>
    public static DiagnosticDescriptor BootstrapArgumentDropped { get; } = new("EKN0022", Severity.Warning, "bootstrap.sh argument has no counterpart");

    /// <summary>A value that a shell would compute stands in the NodeConfig as it was written.</summary>
    public static DiagnosticDescriptor ShellExpressionKept { get; } = new("EKN0023", Severity.Warning, "shell expression is not evaluated");

    /// <summary>What <c>bootstrap.sh</c> looked up must be given, or is asked of EKS.</summary>
    public static DiagnosticDescriptor ClusterDetailMissing { get; } = new("EKN0024", Severity.Warning, "cluster detail is not given");

    /// <summary>A setting of an existing node that the API group of its NodeConfig does not have, and the other group has.</summary>
    public static DiagnosticDescriptor NodeSettingNeedsOwnGroup { get; } = new("EKN0550", Severity.Warning, "setting of the node needs eksnode's API group");

    /// <summary>Something in a file of an existing node that no setting of a NodeConfig is, or that its rules refuse.</summary>
    public static DiagnosticDescriptor NodeDirectiveUnknown { get; } = new("EKN0551", Severity.Warning, "a NodeConfig cannot express what a file of the node says");

    /// <summary>The NodeConfig makes a node that is not quite like the existing one, or needs a file of it.</summary>
    public static DiagnosticDescriptor NodeDiffers { get; } = new("EKN0552", Severity.Info, "the new node differs from this one");

    /// <summary>The NodeConfig is printed without its secrets, and cannot be used so.</summary>
    public static DiagnosticDescriptor ConvertedRedacted { get; } = new("EKN0553", Severity.Warning, "converted secrets are not shown");

    private static ImmutableArray<DiagnosticDescriptor> ConversionEntries =>
        [NodeSettingNeedsOwnGroup, NodeDirectiveUnknown, NodeDiffers, ConvertedRedacted];

    private static ImmutableArray<DiagnosticDescriptor> MigrationEntries =>
        [NothingToConvert, BootstrapArgumentWrong, BootstrapArgumentDropped, ShellExpressionKept, ClusterDetailMissing];
}
