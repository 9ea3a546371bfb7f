using EksNode.Configuration.Text;
using EksNode.Host.Packages;
using EksNode.Planning.Plans;

namespace EksNode.Host.Imaging.Checks;

/// <summary>Packages: installed in a version that fits, exactly the one that the lock resolved, or not there. What the lock has as dependencies must be there as well.</summary>
internal sealed class PackageCheck : ImageCheck
{
    /// <inheritdoc/>
    public override string Name => "package";

    /// <inheritdoc/>
    public override async Task RunAsync(CheckContext context, List<CheckFinding> findings, CancellationToken cancellation)
    {
        var locked = context.Lock?.Packages ?? [];
        if (locked.IsEmpty && !Array.Exists([.. context.Resources], r => r is PackageResource))
        {
            return;
        }

        var list = await new PackageDatabase(context.Root, context.Programs).ReadAsync(cancellation).ConfigureAwait(false) ?? throw new DiagnosticException(
            DiagnosticCatalogue.CheckImpossible,
            $"{context.Root.Path} has no database of packages, neither of rpm nor of dpkg, and the image has packages.",
            "Look whether this is the root of the image.");
        var installed = new Dictionary<string, List<PackageRecord>>(StringComparer.Ordinal);
        foreach (var package in list.Packages)
        {
            if (!installed.TryGetValue(package.Name, out var versions))
            {
                installed[package.Name] = versions = [];
            }

            versions.Add(package);
        }

        var planned = new HashSet<string>(StringComparer.Ordinal);
        foreach (var resource in context.Resources)
        {
            if (resource is PackageResource package)
            {
                planned.Add(package.Name);
                findings.Add(Of(package, installed.GetValueOrDefault(package.Name), Find(locked, package.Name)));
            }
        }

        foreach (var package in locked)
        {
            if (planned.Add(package.Name))
            {
                findings.Add(OfLocked("package:" + package.Name, installed.GetValueOrDefault(package.Name), package));
            }
        }
    }

    private static ResolvedPackage? Find(IEnumerable<ResolvedPackage> locked, string name)
    {
        foreach (var package in locked)
        {
            if (package.Name == name)
            {
                return package;
            }
        }

        return null;
    }

    private CheckFinding Of(PackageResource package, List<PackageRecord>? installed, ResolvedPackage? locked)
    {
        if (package.Version is not { } constraint)
        {
            return installed is null ? Good(package.Id) : Bad(package.Id, CheckStatus.Unexpected, "not installed", installed[0].Version);
        }

        if (installed is null)
        {
            return Bad(package.Id, CheckStatus.Missing, locked?.Version ?? constraint.Text, null);
        }

        return locked is not null ? OfLocked(package.Id, installed, locked)
            : installed.Exists(p => PackageVersion.Fits(p.Version, constraint)) ? Good(package.Id)
            : Bad(package.Id, CheckStatus.Different, constraint.Text, installed[0].Version);
    }

    private CheckFinding OfLocked(string id, List<PackageRecord>? installed, ResolvedPackage locked) =>
        installed is null ? Bad(id, CheckStatus.Missing, locked.Version, null)
        : installed.Exists(p => p.Version == locked.Version && (locked.Architecture.Length == 0 || p.Architecture == locked.Architecture)) ? Good(id)
        : Bad(id, CheckStatus.Different, $"{locked.Version} {locked.Architecture}".TrimEnd(), $"{installed[0].Version} {installed[0].Architecture}");
}
