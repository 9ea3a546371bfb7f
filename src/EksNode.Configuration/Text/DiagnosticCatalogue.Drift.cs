using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

public static partial class DiagnosticCatalogue
{
    /// <summary>There is no plan to compare with, so that the host is compared with what was applied alone.</summary>
    public static DiagnosticDescriptor VerifiedWithoutPlan { get; } = new("EKN0925", Severity.Warning, "compared with what was applied alone");

    /// <summary>Nothing was ever applied to this host, and there is no plan either.</summary>
    public static DiagnosticDescriptor NothingToVerify { get; } = new("EKN0926", Severity.Error, "nothing to compare with");

    /// <summary>A join was killed before it was done.</summary>
    public static DiagnosticDescriptor JoinUnfinished { get; } = new("EKN0927", Severity.Warning, "a join did not end");

    /// <summary>Something of the plan can only be seen as root, or on the machine itself.</summary>
    public static DiagnosticDescriptor NotLookedAt { get; } = new("EKN0928", Severity.Info, "not looked at");

    /// <summary>The running kubelet does not tell its configuration to this identity.</summary>
    public static DiagnosticDescriptor ConfigzRefused { get; } = new("EKN0930", Severity.Info, "the kubelet does not tell its configuration");

    /// <summary>The running kubelet cannot be asked for its configuration.</summary>
    public static DiagnosticDescriptor ConfigzUnreachable { get; } = new("EKN0931", Severity.Warning, "the kubelet cannot be asked for its configuration");

    /// <summary>Reset has something to undo and nobody said that it may.</summary>
    public static DiagnosticDescriptor ResetNotConfirmed { get; } = new("EKN0962", Severity.Error, "reset was not confirmed");

    /// <summary>A file that was changed by hand since eksnode wrote it stays.</summary>
    public static DiagnosticDescriptor ResetKept { get; } = new("EKN0963", Severity.Warning, "changed by hand and not undone");

    /// <summary>What eksnode mounted cannot be unmounted.</summary>
    public static DiagnosticDescriptor ResetNotUnmounted { get; } = new("EKN0964", Severity.Error, "not unmounted");

    /// <summary>A service did not stop.</summary>
    public static DiagnosticDescriptor ResetNotStopped { get; } = new("EKN0965", Severity.Error, "a service did not stop");

    /// <summary>What reset leaves: disks, containers, versions of files.</summary>
    public static DiagnosticDescriptor ResetLeaves { get; } = new("EKN0966", Severity.Info, "reset leaves it");

    private static ImmutableArray<DiagnosticDescriptor> DriftEntries =>
    [
        VerifiedWithoutPlan,
        NothingToVerify,
        JoinUnfinished,
        NotLookedAt,
        ConfigzRefused,
        ConfigzUnreachable,
        ResetNotConfirmed,
        ResetKept,
        ResetNotUnmounted,
        ResetNotStopped,
        ResetLeaves,
    ];
}
