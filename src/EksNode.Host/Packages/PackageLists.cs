using System.Collections.Immutable;

namespace EksNode.Host.Packages;

/// <summary>Lists of packages, compared.</summary>
public static class PackageLists
{
    /// <summary>By name, then by architecture and version, of which there may be several (kernels).</summary>
    public static int Compare(InstalledPackage left, InstalledPackage right)
    {
        var order = string.CompareOrdinal(left.Name, right.Name);
        order = order != 0 ? order : string.CompareOrdinal(left.Architecture, right.Architecture);
        return order != 0 ? order : string.CompareOrdinal(left.Version, right.Version);
    }

    /// <summary>Whether one package is there in two versions.</summary>
    /// <param name="installed">The packages, sorted.</param>
    /// <param name="withKernels">Whether kernels count, of which there may be several.</param>
    public static bool HasTwice(ImmutableArray<InstalledPackage> installed, bool withKernels)
    {
        for (var i = 1; i < installed.Length; i++)
        {
            var (one, other) = (installed[i - 1], installed[i]);
            if (one.Name == other.Name && one.Architecture == other.Architecture && (withKernels || !one.Name.StartsWith("kernel", StringComparison.Ordinal)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The names that are installed, sorted.</summary>
    public static ImmutableArray<string> Present(ImmutableArray<string> names, ImmutableArray<InstalledPackage> installed)
    {
        List<string> present = [];
        foreach (var name in names)
        {
            foreach (var package in installed)
            {
                if (package.Name == name)
                {
                    present.Add(name);
                    break;
                }
            }
        }

        present.OrderInPlace(string.CompareOrdinal);
        return [.. present];
    }

    /// <summary>The packages that are not installed in their version.</summary>
    public static List<ResolvedPackage> Missing(ImmutableArray<ResolvedPackage> wanted, ImmutableArray<InstalledPackage> installed)
    {
        List<ResolvedPackage> missing = [];
        foreach (var package in wanted)
        {
            if (!installed.Contains(new InstalledPackage(package.Name, package.Version, package.Architecture)))
            {
                missing.Add(package);
            }
        }

        return missing;
    }

    /// <summary>The names of packages that came, went or have another version, sorted.</summary>
    public static ImmutableArray<string> Changed(ImmutableArray<InstalledPackage> before, ImmutableArray<InstalledPackage> after)
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        Add(before, after);
        Add(after, before);
        return [.. names];

        void Add(ImmutableArray<InstalledPackage> these, ImmutableArray<InstalledPackage> others)
        {
            HashSet<InstalledPackage> known = [.. others];
            foreach (var package in these)
            {
                if (!known.Contains(package))
                {
                    names.Add(package.Name);
                }
            }
        }
    }

    /// <summary>The first of the names that is a package of a list; null when none is.</summary>
    public static string? FirstOf(ImmutableArray<string> names, ImmutableArray<ResolvedPackage> packages)
    {
        foreach (var package in packages)
        {
            if (names.Contains(package.Name))
            {
                return package.Name;
            }
        }

        return null;
    }

    /// <summary>Whether a list has exactly this package.</summary>
    public static bool Contains(ImmutableArray<ResolvedPackage> packages, InstalledPackage package)
    {
        foreach (var other in packages)
        {
            if (other.Name == package.Name && other.Version == package.Version && other.Architecture == package.Architecture)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// A URL as others read it: <c>file:/srv</c> of apt is <c>file:///srv</c>, and <c>a/../b</c> is <c>b</c>. Who may read it (user, password, query) is left out: it
    /// would stand in the lock. What is no URL stays as it is.
    /// </summary>
    public static string Normal(string url)
    {
        const string File = "file:";
        var text = url.StartsWith(File + "/", StringComparison.Ordinal) && !url.StartsWith(File + "//", StringComparison.Ordinal) ? $"{File}//{url[File.Length..]}" : url;
        return Uri.TryCreate(text, UriKind.Absolute, out var uri)
            ? uri.GetComponents(UriComponents.AbsoluteUri & ~(UriComponents.UserInfo | UriComponents.Query | UriComponents.Fragment), UriFormat.UriEscaped)
            : url;
    }

    /// <summary>Versions, the newest first.</summary>
    /// <param name="versions">The versions.</param>
    /// <param name="order">The package manager's order.</param>
    public static List<string> NewestFirst(List<string> versions, Comparison<string> order)
    {
        versions.OrderInPlace((left, right) => order(right, left));
        return versions;
    }
}
