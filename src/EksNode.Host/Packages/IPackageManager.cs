using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Host.Packages;

/// <summary>A package that an image wants, or must not have.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Which versions may be installed; null: it must not be installed.</param>
/// <param name="Origin">Where that stands, for messages.</param>
public sealed record PackageRequest(string Name, VersionConstraint? Version, Origin Origin)
{
    /// <summary>The component whose package it is, as <c>spec.components</c> calls it; null: it is a package of its own.</summary>
    public string? Component { get; init; }

    /// <summary>Whether the component can be had from its publisher instead.</summary>
    public bool HasUpstream { get; init; }

    /// <summary>The setting that names it.</summary>
    public string Setting => Component is null ? "spec.packages." + Name : "spec.components." + Component;
}

/// <summary>A package as a repository has it: exact.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">The whole version as the package manager compares it: <c>1:2.2.4-1.amzn2023</c>.</param>
/// <param name="Architecture">As the package manager names it: <c>x86_64</c>, <c>noarch</c>, <c>amd64</c>, <c>all</c>.</param>
/// <param name="Url">Where it is downloaded from; empty when it is installed already and no repository has it.</param>
/// <param name="Sha256">The SHA-256 of the package file; null: the repository tells another or none.</param>
/// <param name="IsDependency">Whether no request names it: another package needs it.</param>
public sealed record ResolvedPackage(string Name, string Version, string Architecture, string Url, string? Sha256, bool IsDependency);

/// <summary>A package that is installed.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">The whole version.</param>
/// <param name="Architecture">As the package manager names it.</param>
public sealed record InstalledPackage(string Name, string Version, string Architecture);

/// <summary>The package manager of a root: dnf or apt.</summary>
public interface IPackageManager
{
    /// <summary><c>dnf</c> or <c>apt</c>.</summary>
    string Name { get; }

    /// <summary>What is installed, sorted by name.</summary>
    Task<ImmutableArray<InstalledPackage>> InstalledAsync(CancellationToken cancellation);

    /// <summary>The exact packages that requests come to, with what they need beside them, sorted by name; it changes nothing in the root.</summary>
    /// <exception cref="DiagnosticException">No repository has one of them, or cannot be read.</exception>
    Task<ImmutableArray<ResolvedPackage>> ResolveAsync(ImmutableArray<PackageRequest> requests, CancellationToken cancellation);

    /// <summary>Installs exactly these, and removes what must not be there. What is so already is left alone.</summary>
    /// <param name="install">What <see cref="ResolveAsync"/> said, now or in an earlier run.</param>
    /// <param name="remove">Names of packages that must not be installed.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The names of what was installed, changed or removed, sorted; empty when nothing was.</returns>
    /// <exception cref="DiagnosticException">A package cannot be had, is not what the lock says, is not signed as the repository demands, or does not install.</exception>
    Task<ImmutableArray<string>> ApplyAsync(ImmutableArray<ResolvedPackage> install, ImmutableArray<string> remove, CancellationToken cancellation);
}
