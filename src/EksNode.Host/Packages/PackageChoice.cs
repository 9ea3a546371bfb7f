using System.Collections.Immutable;
using EksNode.Configuration.Text;

namespace EksNode.Host.Packages;

/// <summary>For each request the package that it comes to, of those that repositories offer and those that are installed.</summary>
internal sealed class PackageChoice
{
    private readonly List<PackageRequest> requests = [];
    private readonly ImmutableArray<InstalledPackage> installed;
    private readonly List<InstalledPackage> offers = [];

    /// <summary>Creates it.</summary>
    /// <param name="requests">What is asked for.</param>
    /// <param name="installed">What is installed, which is an offer as well.</param>
    public PackageChoice(ImmutableArray<PackageRequest> requests, ImmutableArray<InstalledPackage> installed)
    {
        this.installed = installed;
        foreach (var request in requests)
        {
            if (request.Version is null)
            {
                Absent.Add(request.Name);
            }
            else
            {
                this.requests.Add(request);
                Wanted.Add(request.Name);
            }
        }

        foreach (var package in installed)
        {
            Offer(package);
        }
    }

    /// <summary>The names that are asked for.</summary>
    public List<string> Wanted { get; } = [];

    /// <summary>The names that must not be installed.</summary>
    public List<string> Absent { get; } = [];

    /// <summary>What was chosen, in the order of the requests.</summary>
    public List<InstalledPackage> Chosen { get; } = [];

    /// <summary>Whether a package of this name is installed.</summary>
    public bool IsInstalled(string name)
    {
        foreach (var package in installed)
        {
            if (package.Name == name)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds a package that can be had. Of equally good ones the first is taken.</summary>
    public void Offer(InstalledPackage package)
    {
        if (Wanted.Contains(package.Name) && !offers.Contains(package))
        {
            offers.Add(package);
        }
    }

    /// <summary>Chooses the newest that fits for each request.</summary>
    /// <param name="order">The order of versions.</param>
    /// <param name="diagnostics">Where all problems but the first are reported.</param>
    /// <exception cref="DiagnosticException">No version of a package fits: the first of those.</exception>
    public void Choose(Comparison<string> order, DiagnosticBag diagnostics)
    {
        List<Diagnostic> problems = [];
        foreach (var request in requests)
        {
            var of = offers.FindAll(p => p.Name == request.Name);
            InstalledPackage? best = null;
            foreach (var package in of)
            {
                if (PackageVersion.Fits(package.Version, request.Version!) && (best is null || order(package.Version, best.Version) > 0))
                {
                    best = package;
                }
            }

            if (best is null)
            {
                problems.Add(PackageProblems.NoVersion(request, PackageLists.NewestFirst(of.ConvertAll(p => p.Version), order)));
            }
            else
            {
                Chosen.Add(best);
            }
        }

        if (problems.Count > 0)
        {
            throw PackageProblems.First(problems, diagnostics);
        }
    }

    /// <summary>What was chosen and is not installed.</summary>
    public List<InstalledPackage> NotInstalled() => Chosen.FindAll(p => !installed.Contains(p));

    /// <summary>The problem that names are not known.</summary>
    /// <param name="unknown">The names.</param>
    /// <param name="names">All names that there are.</param>
    /// <param name="diagnostics">Where all problems but the first are reported.</param>
    public DiagnosticException Unknown(List<string> unknown, string[] names, DiagnosticBag diagnostics) =>
        PackageProblems.First(requests.FindAll(r => unknown.Contains(r.Name)).ConvertAll(r => PackageProblems.Unknown(r, names)), diagnostics);
}
