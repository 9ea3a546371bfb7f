using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0670 to EKN0679: packages of an image.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>No package manager that can be used: the distribution has none that eksnode knows, or a program of it is not installed.</summary>
    public static DiagnosticDescriptor PackageManagerMissing { get; } = new("EKN0670", Severity.Error, "no package manager");

    /// <summary>No repository has a package of this name.</summary>
    public static DiagnosticDescriptor PackageUnknown { get; } = new("EKN0671", Severity.Error, "no such package");

    /// <summary>The repositories have a package, but not the version that is asked for or locked.</summary>
    public static DiagnosticDescriptor PackageVersionMissing { get; } = new("EKN0672", Severity.Error, "no version of a package fits");

    /// <summary>A repository of packages cannot be read, or does not have a file that it lists.</summary>
    public static DiagnosticDescriptor RepositoryUnreadable { get; } = new("EKN0673", Severity.Error, "a package repository cannot be read");

    /// <summary>A package or a repository is not signed as it must be, or is not what the repository or the lock says.</summary>
    public static DiagnosticDescriptor PackageNotTrusted { get; } = new("EKN0674", Severity.Error, "a package is not to be trusted");

    /// <summary>Packages that cannot be installed together, or not without others than are asked for or locked.</summary>
    public static DiagnosticDescriptor PackageConflict { get; } = new("EKN0675", Severity.Error, "packages do not go together");

    /// <summary>Another run of the package manager holds its lock.</summary>
    public static DiagnosticDescriptor PackageManagerBusy { get; } = new("EKN0676", Severity.Error, "the package manager is busy");

    /// <summary>The package manager failed.</summary>
    public static DiagnosticDescriptor PackageManagerFailed { get; } = new("EKN0677", Severity.Error, "the package manager failed");

    /// <summary>Scripts of packages failed, or did not run, as the packages are of another architecture.</summary>
    public static DiagnosticDescriptor PackageScriptsNotRun { get; } = new("EKN0678", Severity.Warning, "scripts of packages did not run");

    /// <summary>A root is of another architecture than the image, or its programs do not run on this machine.</summary>
    public static DiagnosticDescriptor RootNotRunnable { get; } = new("EKN0679", Severity.Error, "a root of another architecture");

    private static ImmutableArray<DiagnosticDescriptor> PackageEntries =>
    [
        PackageManagerMissing,
        PackageUnknown,
        PackageVersionMissing,
        RepositoryUnreadable,
        PackageNotTrusted,
        PackageConflict,
        PackageManagerBusy,
        PackageManagerFailed,
        PackageScriptsNotRun,
        RootNotRunnable,
    ];
}
