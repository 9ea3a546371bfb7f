using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Host.Packages;
using EksNode.Planning.Image;

namespace EksNode.Host.Imaging;

/// <summary>The resolved part of a lock: the exact packages that a repository answered with.</summary>
public static class LockedPackages
{
    private const string Key = "packages";

    private static readonly Origin Made = Origin.Default("the package manager's answer");

    /// <summary>The resolved part for some packages.</summary>
    /// <param name="packages">The packages, sorted.</param>
    public static TreeMap Write(ImmutableArray<ResolvedPackage> packages)
    {
        var items = new List<TreeNode>(packages.Length);
        foreach (var package in packages)
        {
            items.Add(new TreeMap(
                [
                    Entry("name", package.Name),
                    Entry("version", package.Version),
                    Entry("architecture", package.Architecture),
                    new TreeEntry("url", Made, package.Url.Length > 0 ? TreeScalar.Of(package.Url, Made) : TreeScalar.Null(Made)),
                    new TreeEntry("sha256", Made, package.Sha256 is { } sha256 ? TreeScalar.Of(sha256, Made) : TreeScalar.Null(Made)),
                    new TreeEntry("dependency", Made, TreeScalar.Of(package.IsDependency, Made)),
                ],
                Made));
        }

        return new TreeMap([new TreeEntry(Key, Made, new TreeList(items.ToImmutable(), Made))], Made);
    }

    /// <summary>The packages of a lock; null when nothing in it is resolved, or, with an error, when it cannot be understood.</summary>
    /// <param name="given">The lock.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static ImmutableArray<ResolvedPackage>? Read(TreeMap given, DiagnosticBag diagnostics)
    {
        if (given[ImageLock.Resolved] is not TreeMap resolved)
        {
            return null;
        }

        var found = new DiagnosticBag();
        var packages = new List<ResolvedPackage>();
        foreach (var map in new TreeMapReader(resolved, ImageLock.Resolved, DiagnosticCatalogue.LockInvalid, found).Maps(Key) ?? [])
        {
            foreach (var key in (ReadOnlySpan<string>)["name", "version", "architecture"])
            {
                map.Missing(key);
            }

            packages.Add(new ResolvedPackage(
                map.Text("name") ?? "", map.Text("version") ?? "", map.Text("architecture") ?? "", map.Text("url") ?? "", map.Text("sha256"), map.Boolean("dependency") ?? false));
        }

        diagnostics.AddRange(found.Items);
        return found.HasErrors ? null : packages.ToImmutable();
    }

    /// <summary>
    /// The packages of an image that was built before: once a package is there, nobody resolves what it needs any more, and what an earlier build resolved for it
    /// is still what the image has.
    /// </summary>
    /// <param name="resolved">What this build resolved.</param>
    /// <param name="earlier">What the image's lock says.</param>
    /// <param name="installed">What is in the image; null: not known yet, as packages of a killed run are half installed.</param>
    public static ImmutableArray<ResolvedPackage> WithEarlier(
        ImmutableArray<ResolvedPackage> resolved, ImmutableArray<ResolvedPackage> earlier, ImmutableArray<InstalledPackage>? installed)
    {
        var all = new List<ResolvedPackage>();
        foreach (var package in resolved)
        {
            var before = Find(earlier, package.Name, package.Architecture);
            all.Add(before is not null && before.Version == package.Version ? before with { IsDependency = package.IsDependency } : package);
        }

        foreach (var package in earlier)
        {
            if (Find(resolved, package.Name, package.Architecture) is null
                && (installed is null || installed.Value.Any(i => i.Name == package.Name && i.Version == package.Version && i.Architecture == package.Architecture)))
            {
                all.Add(package);
            }
        }

        all.OrderInPlace(static (a, b) => string.CompareOrdinal(a.Name, b.Name) is not 0 and var order ? order : string.CompareOrdinal(a.Architecture, b.Architecture));
        return [.. all];
    }

    private static ResolvedPackage? Find(ImmutableArray<ResolvedPackage> packages, string name, string architecture)
    {
        foreach (var package in packages)
        {
            if (package.Name == name && package.Architecture == architecture)
            {
                return package;
            }
        }

        return null;
    }

    private static TreeEntry Entry(string key, string value) => new(key, Made, TreeScalar.Of(value, Made));
}
