using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Text;

namespace EksNode.Host.Packages;

/// <summary>What goes wrong with packages, whichever package manager tells it.</summary>
internal static class PackageProblems
{
    private const int MostListed = 10;

    /// <summary>No repository has a package.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="names">All names that repositories have.</param>
    public static Diagnostic Unknown(PackageRequest request, IEnumerable<string> names) => new(
        DiagnosticCatalogue.PackageUnknown.Code,
        DiagnosticCatalogue.PackageUnknown.Severity,
        $"No repository has the package {request.Name}.",
        request.Component is null ? Suggestions.DidYouMean(request.Name, names, "Correct the name, or add the repository that has it.") : OfComponent(request, "Add the repository that has it"),
        request.Origin,
        request.Setting);

    /// <summary>Repositories have a package, but no version that fits.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="versions">The versions that there are, newest first.</param>
    public static Diagnostic NoVersion(PackageRequest request, List<string> versions) => new(
        DiagnosticCatalogue.PackageVersionMissing.Code,
        DiagnosticCatalogue.PackageVersionMissing.Severity,
        $"No version of the package {request.Name} fits `{request.Version!.Text}`.",
        request.Component is null ? $"There are {Listed(versions)}: choose one of them, or another release of the distribution."
            : OfComponent(request, $"There are {Listed(versions)}: choose one of them under `{request.Setting}.version`"),
        request.Origin,
        request.Setting);

    // Whoever wrote no package knows it by its component alone.
    private static string OfComponent(PackageRequest request, string help) =>
        $"{help}{(request.HasUpstream ? $"; or write `{request.Setting}.source: upstream`" : "")}{(request.Component is "containerd" or "runc" or "kubelet" ? "" : $"; or write `{request.Setting}.enabled: false` to go without it")}.";

    /// <summary>A locked package that no repository has any more.</summary>
    /// <param name="package">The package.</param>
    /// <param name="versions">The versions that there are, newest first.</param>
    public static DiagnosticException Gone(ResolvedPackage package, List<string> versions) => new(
        versions.Count == 0 ? DiagnosticCatalogue.PackageUnknown : DiagnosticCatalogue.PackageVersionMissing,
        $"No repository has the locked package {package.Name} {package.Version} ({package.Architecture}) any more.",
        (versions.Count == 0 ? "" : $"There are {Listed(versions)}. ") + "Resolve the lock again, or use the repositories that it was made with.",
        path: "packages." + package.Name);

    /// <summary>A locked package that has another checksum now.</summary>
    /// <param name="package">The package.</param>
    /// <param name="sha256">What the repository says.</param>
    public static DiagnosticException OtherChecksum(ResolvedPackage package, string sha256) => new(
        DiagnosticCatalogue.PackageNotTrusted,
        $"The package {package.Name} {package.Version} has the SHA-256 {sha256} in its repository, and {package.Sha256} in the lock.",
        "The repository was changed: find out why before you resolve the lock again.",
        path: "packages." + package.Name);

    /// <summary>Packages that cannot be there together.</summary>
    public static DiagnosticException Conflict(string reasons) => new(
        DiagnosticCatalogue.PackageConflict,
        $"The packages cannot be installed together: {reasons.TrimEnd('.')}.",
        "Change `spec.packages` or the versions of components so that they fit, or add the repository that has what is missing.");

    /// <summary>A package goes that must stay.</summary>
    /// <param name="absent">The packages that must not be there.</param>
    /// <param name="wanted">The one that goes with them.</param>
    public static DiagnosticException NeedsAbsent(ImmutableArray<string> absent, string wanted) => new(
        DiagnosticCatalogue.PackageConflict,
        $"Without {string.Join(", ", absent)} the package {wanted} would go as well, which is to be installed.",
        "Take one of them out of the document.");

    /// <summary>The lock lacks packages.</summary>
    public static DiagnosticException NotLocked(List<string> extra) => new(
        DiagnosticCatalogue.PackageConflict,
        $"The locked packages would change others in this root, which the lock does not have: {string.Join(", ", extra)}.",
        "The lock was made with another base: resolve it again with this one.");

    /// <summary>A repository cannot be read.</summary>
    public static DiagnosticException RepositoryUnreadable(string message) => new(
        DiagnosticCatalogue.RepositoryUnreadable,
        message,
        "See that this machine reaches it (network, proxy, mirror), then run again: what is there already is not downloaded again.");

    /// <summary>A file system is full.</summary>
    public static DiagnosticException DiskFull(string line, string root) => new(
        DiagnosticCatalogue.DiskFull,
        $"There is no room for the packages: {line.TrimEnd('.')}.",
        $"Make the file system of {root} larger, or free some of it, then run again.");

    /// <summary>Any other failure.</summary>
    public static DiagnosticException Failed(string program, string line) => new(
        DiagnosticCatalogue.PackageManagerFailed,
        $"{program} failed: {line.TrimEnd('.')}.",
        "The log has all that it said (`--log-level debug`); run again once that is mended: it goes on from what is there.");

    /// <summary>Somebody else holds the lock.</summary>
    public static DiagnosticException Busy(string line) => new(
        DiagnosticCatalogue.PackageManagerBusy,
        $"Another run of the package manager does not end: {line.TrimEnd('.')}.",
        "Wait for it, or stop what updates this machine in the background, then run again.");

    /// <summary>The first of several problems, to be thrown; the others are reported.</summary>
    public static DiagnosticException First(List<Diagnostic> problems, DiagnosticBag diagnostics)
    {
        for (var i = 1; i < problems.Count; i++)
        {
            diagnostics.Add(problems[i]);
        }

        return new DiagnosticException(problems[0]);
    }

    /// <summary>The first line that has some text; null when none has.</summary>
    public static string? LineWith(string text, string what)
    {
        foreach (var line in text.Split('\n'))
        {
            if (line.Contains(what, StringComparison.Ordinal))
            {
                return line.TrimStart('-', ' ').Trim().TrimEnd('.');
            }
        }

        return null;
    }

    /// <summary>The first line that has the first of some texts that any line has; null when none has.</summary>
    public static string? LineWithAny(string text, params ReadOnlySpan<string> any)
    {
        foreach (var what in any)
        {
            if (LineWith(text, what) is { } line)
            {
                return line;
            }
        }

        return null;
    }

    /// <summary>The last line that is not empty.</summary>
    public static string? LastLine(string text) =>
        text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is [.., var last] ? last : null;

    /// <summary>The first of some words, and how many more there are.</summary>
    public static string Listed(List<string> versions) =>
        string.Join(", ", versions.GetRange(0, Math.Min(MostListed, versions.Count)))
        + (versions.Count > MostListed ? string.Create(CultureInfo.InvariantCulture, $" and {versions.Count - MostListed} more") : "");
}
