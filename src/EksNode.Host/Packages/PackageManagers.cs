using System.Collections.Immutable;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using EksNode.Host.Processes;

namespace EksNode.Host.Packages;

/// <summary>What packages are for.</summary>
public sealed class PackageTarget
{
    /// <summary>Where they are installed: <c>/</c>, the builder itself, or a folder.</summary>
    public required HostRoot Root { get; init; }

    /// <summary>The distribution, as an ImageConfig has it: <c>al2023</c>, <c>debian</c>, <c>ubuntu</c>.</summary>
    public required string Distribution { get; init; }

    /// <summary>The release whose repositories are used (<c>2023.11.20260526</c>); null: what the root says. Debian and Ubuntu have it in the root's list of sources.</summary>
    public string? Release { get; init; }

    /// <summary>The processor that the packages are for.</summary>
    public required Architecture Architecture { get; init; }

    /// <summary>Variables for the programs of the package manager: those of a proxy.</summary>
    public ImmutableArray<string> Environment { get; init; } = [];

    /// <summary>How long another run of the package manager is waited for. 5 minutes unless told otherwise: a builder that has just booted refreshes its metadata.</summary>
    public TimeSpan LockWait { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>Chooses the package manager of a root.</summary>
public static class PackageManagers
{
    /// <summary>dnf for Amazon Linux, apt for Debian and Ubuntu.</summary>
    /// <param name="target">What the packages are for.</param>
    /// <param name="programs">Runs the programs of the package manager.</param>
    /// <param name="log">Where each call (debug) and each line of a long one (info) is told.</param>
    /// <param name="diagnostics">Where warnings are reported.</param>
    /// <exception cref="DiagnosticException">The distribution has another package manager, or its programs are not there.</exception>
    public static IPackageManager For(PackageTarget target, ProgramRunner programs, ILog log, DiagnosticBag diagnostics) => target.Distribution switch
    {
        "al2023" => new Dnf(target, programs, log, diagnostics),
        "debian" or "ubuntu" => new Apt(target, programs, log, diagnostics),
        _ => throw new DiagnosticException(
            DiagnosticCatalogue.PackageManagerMissing,
            $"eksnode has no package manager for the distribution {Quoted.Text(target.Distribution)}.",
            "`spec.base.distribution` is `al2023` (dnf), `debian` or `ubuntu` (apt)."),
    };
}
