using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0020 to EKN0024: converting configurations of other tools.</content>
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

    private static ImmutableArray<DiagnosticDescriptor> MigrationEntries =>
        [NothingToConvert, BootstrapArgumentWrong, BootstrapArgumentDropped, ShellExpressionKept, ClusterDetailMissing];
}
