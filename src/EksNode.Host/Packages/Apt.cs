using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Logging;
using EksNode.Host.Processes;
using Processor = EksNode.Configuration.ImageConfigs.Architecture;

namespace EksNode.Host.Packages;

/// <summary>
/// apt and dpkg of Debian and Ubuntu. They are the root's own: for a folder they run inside it, with processes and a <c>/proc</c> of their own, so that nothing that
/// they start stays behind. No service is started meanwhile. What is installed is only changed where a request or its dependencies ask for it.
/// </summary>
internal sealed class Apt : IPackageManager
{
    private const string AptGet = "/usr/bin/apt-get";

    // From this priority on, apt goes back to an older version (apt_preferences).
    private const int DowngradePriority = 1000;

    private readonly PackageTarget target;
    private readonly PackagePrograms programs;
    private readonly DiagnosticBag diagnostics;
    private readonly string root;
    private readonly string architecture;
    private readonly bool isFolder;

    /// <summary>Creates it.</summary>
    /// <param name="target">What the packages are for.</param>
    /// <param name="programs">Runs apt and dpkg.</param>
    /// <param name="log">Where progress is told.</param>
    /// <param name="diagnostics">Where all problems but the first are reported.</param>
    public Apt(PackageTarget target, ProgramRunner programs, ILog log, DiagnosticBag diagnostics)
    {
        this.target = target;
        this.programs = new PackagePrograms(programs, log, target.LockWait, AptFailures.Locked) { Environment = ["DEBIAN_FRONTEND=noninteractive", .. target.Environment] };
        this.diagnostics = diagnostics;
        root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target.Root.Path));
        isFolder = root != "/";
        architecture = target.Architecture == Processor.Arm64 ? "arm64" : "amd64";
    }

    /// <inheritdoc/>
    public string Name => "apt";

    /// <inheritdoc/>
    public async Task<ImmutableArray<InstalledPackage>> InstalledAsync(CancellationToken cancellation) => Installed(await QueryAsync(cancellation).ConfigureAwait(false));

    /// <inheritdoc/>
    public async Task<ImmutableArray<ResolvedPackage>> ResolveAsync(ImmutableArray<PackageRequest> requests, CancellationToken cancellation)
    {
        var installed = await InstalledAsync(cancellation).ConfigureAwait(false);
        PackageChoice choice = new(requests, installed);
        if (choice.Wanted.Count == 0)
        {
            return [];
        }

        using var loan = RootLoan.Lend(target.Root, isFolder);
        await UpdateAsync(cancellation).ConfigureAwait(false);
        var policies = await PoliciesAsync([.. choice.Wanted, .. choice.Absent], cancellation).ConfigureAwait(false);
        await CheckNamesAsync(choice, policies, cancellation).ConfigureAwait(false);
        var chosen = Choose(requests, policies);
        List<string> arguments = [];
        foreach (var package in chosen)
        {
            arguments.Add($"{package.Name}={package.Version}");
        }

        foreach (var name in choice.Absent)
        {
            // A name that apt does not know cannot come in either.
            if (policies.Exists(p => p.Name == name))
            {
                arguments.Add(name + "-");
            }
        }

        var planned = await PlanAsync(arguments, cancellation).ConfigureAwait(false);
        foreach (var removed in planned.Removed)
        {
            if (!choice.Absent.Contains(removed))
            {
                throw PackageProblems.Conflict($"{removed} would have to be removed");
            }
        }

        var all = All(chosen, installed, planned);
        var files = await FilesAsync(all, policies, cancellation).ConfigureAwait(false);
        var resolved = new List<ResolvedPackage>(all.Count);
        foreach (var package in all)
        {
            var file = Find(files, package.Name, package.Version, package.Architecture);
            resolved.Add(new ResolvedPackage(package.Name, package.Version, package.Architecture, file?.Url ?? "", file?.Sha256, !choice.Wanted.Contains(package.Name)));
        }

        return resolved.ToImmutable();
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<string>> ApplyAsync(ImmutableArray<ResolvedPackage> install, ImmutableArray<string> remove, CancellationToken cancellation)
    {
        var there = await QueryAsync(cancellation).ConfigureAwait(false);
        var before = Installed(there);
        var unwanted = PackageLists.Present(remove, before);
        var missing = PackageLists.Missing(install, before);
        var isDone = unwanted.Length == 0 && missing.Count == 0;
        if (isDone && !AptAnswers.HasHalfDone(there))
        {
            return [];
        }

        using var loan = RootLoan.Lend(target.Root, isFolder);

        // What a run that was killed left half done.
        await ChangeAsync("/usr/bin/dpkg", [.. KeepFiles("--"), "--configure", "-a"], cancellation).ConfigureAwait(false);
        if (isDone)
        {
            return PackageLists.Changed(before, await InstalledAsync(cancellation).ConfigureAwait(false));
        }

        List<string> arguments = [];
        if (missing.Count > 0)
        {
            await UpdateAsync(cancellation).ConfigureAwait(false);
            await CheckRepositoriesAsync(missing, cancellation).ConfigureAwait(false);
            foreach (var package in missing)
            {
                arguments.Add($"{package.Name}={package.Version}");
            }
        }

        foreach (var name in unwanted)
        {
            arguments.Add(name + "-");
        }

        Check(await PlanAsync(arguments, cancellation).ConfigureAwait(false), install, unwanted);
        await ChangeAsync(AptGet, [.. InstallOptions(), "--yes", .. arguments], cancellation).ConfigureAwait(false);
        var after = await InstalledAsync(cancellation).ConfigureAwait(false);
        if (PackageLists.Missing(install, after) is [var lacking, ..])
        {
            throw PackageProblems.Failed("apt", $"{lacking.Name} {lacking.Version} is not installed, though apt says that all is done");
        }

        return PackageLists.Changed(before, after);
    }

    private async Task<string> QueryAsync(CancellationToken cancellation)
    {
        // This machine's dpkg: the root may be of another processor.
        var folder = $"--admindir={root.TrimEnd('/')}/var/lib/dpkg";
        var result = await programs.AskAsync("/usr/bin/dpkg-query", [folder, "--show", "--showformat", AptAnswers.InstalledFormat], cancellation).ConfigureAwait(false);
        if (!result.Succeeded && !result.Error.Contains("no packages found", StringComparison.Ordinal))
        {
            throw PackageProblems.Failed("dpkg-query", PackageProblems.LastLine(result.Error) ?? result.Describe());
        }

        return result.Output;
    }

    private ImmutableArray<InstalledPackage> Installed(string output)
    {
        var packages = AptAnswers.Installed(output, architecture);
        packages.OrderInPlace(PackageLists.Compare);
        return [.. packages];
    }

    private static void Check(AptTransaction planned, ImmutableArray<ResolvedPackage> install, ImmutableArray<string> unwanted)
    {
        if (PackageLists.FirstOf(planned.Removed, install) is { } wanted)
        {
            throw PackageProblems.NeedsAbsent(unwanted, wanted);
        }

        List<string> extra = unwanted.Length == 0 ? [.. planned.Removed] : [];
        foreach (var package in planned.Installed)
        {
            if (!PackageLists.Contains(install, package))
            {
                extra.Add($"{package.Name} {package.Version}");
            }
        }

        if (extra.Count > 0)
        {
            throw PackageProblems.NotLocked(extra);
        }
    }

    // apt's own candidate, when any version will do; otherwise the version of the highest priority that fits, the newest of these, as apt chooses.
    private List<InstalledPackage> Choose(ImmutableArray<PackageRequest> requests, List<AptPolicy> policies)
    {
        List<InstalledPackage> chosen = [];
        List<Diagnostic> problems = [];
        foreach (var request in requests)
        {
            if (request.Version is null)
            {
                continue;
            }

            var policy = policies.Find(p => p.Name == request.Name)!;
            if (Best(policy, request) is { } version)
            {
                chosen.Add(new InstalledPackage(request.Name, version, ""));
            }
            else
            {
                problems.Add(PackageProblems.NoVersion(request, policy.Versions.ConvertAll(v => v.Version)));
            }
        }

        return problems.Count == 0 ? chosen : throw PackageProblems.First(problems, diagnostics);
    }

    private static string? Best(AptPolicy policy, PackageRequest request)
    {
        if (policy.Candidate is { } candidate && PackageVersion.Fits(candidate, request.Version!))
        {
            return candidate;
        }

        AptVersion? best = null;
        foreach (var version in policy.Versions)
        {
            if (version.Priority >= 0 && PackageVersion.Fits(version.Version, request.Version!))
            {
                best = best is null || version.Priority > best.Priority ? version : best;
                if (version.IsInstalled && best.Priority < DowngradePriority)
                {
                    break;
                }
            }
        }

        return best?.Version;
    }

    // The chosen packages have their architecture from where they are: in the root, or in what apt would do.
    private static List<InstalledPackage> All(List<InstalledPackage> chosen, ImmutableArray<InstalledPackage> installed, AptTransaction planned)
    {
        List<InstalledPackage> all = [.. planned.Installed];
        foreach (var package in chosen)
        {
            foreach (var present in installed)
            {
                if (present.Name == package.Name && present.Version == package.Version)
                {
                    all.Add(present);
                }
            }
        }

        all.OrderInPlace(PackageLists.Compare);
        return all;
    }

    private async Task CheckNamesAsync(PackageChoice choice, List<AptPolicy> policies, CancellationToken cancellation)
    {
        // A name that others only mention or provide has no version.
        var unknown = choice.Wanted.FindAll(name => !policies.Exists(p => p.Name == name && p.Versions.Count > 0));
        if (unknown.Count > 0)
        {
            var result = await AskAsync("/usr/bin/apt-cache", ["pkgnames"], cancellation).ConfigureAwait(false);
            throw choice.Unknown(unknown, result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), diagnostics);
        }
    }

    private async Task CheckRepositoriesAsync(List<ResolvedPackage> missing, CancellationToken cancellation)
    {
        var policies = await PoliciesAsync([.. missing.ConvertAll(p => p.Name)], cancellation).ConfigureAwait(false);
        foreach (var package in missing)
        {
            var versions = policies.Find(p => p.Name == package.Name)?.Versions.FindAll(v => v.IsAvailable) ?? [];
            if (!versions.Exists(v => v.Version == package.Version))
            {
                throw PackageProblems.Gone(package, versions.ConvertAll(v => v.Version));
            }
        }

        var files = await FilesAsync(missing.ConvertAll(p => new InstalledPackage(p.Name, p.Version, p.Architecture)), policies, cancellation).ConfigureAwait(false);
        foreach (var package in missing)
        {
            if (package.Sha256 is not null && Find(files, package.Name, package.Version, package.Architecture)?.Sha256 is { } sha256 && sha256 != package.Sha256)
            {
                throw PackageProblems.OtherChecksum(package, sha256);
            }
        }
    }

    private async Task UpdateAsync(CancellationToken cancellation)
    {
        await CheckArchitectureAsync(cancellation).ConfigureAwait(false);
        var result = await RunAsync(AptGet, ["update", "-q", "-o", "APT::Update::Error-Mode=any", "-o", "Acquire::Retries=3"], changes: true, cancellation).ConfigureAwait(false);

        // Before apt 2.1 an index that cannot be had is a warning, and the old one is used.
        if (!result.Succeeded || result.Error.Contains("Failed to fetch", StringComparison.Ordinal))
        {
            throw AptFailures.From(result, root);
        }
    }

    private async Task CheckArchitectureAsync(CancellationToken cancellation)
    {
        var result = await AskAsync("/usr/bin/dpkg", ["--print-architecture"], cancellation).ConfigureAwait(false);
        if (result.Output.Trim() is var own && own != architecture)
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.RootNotRunnable,
                $"The root {root} is for {own}, and the image for {architecture}.",
                "Give `--root` a root of the image's architecture, or set `spec.architecture`.");
        }
    }

    private async Task<List<AptPolicy>> PoliciesAsync(ImmutableArray<string> names, CancellationToken cancellation)
    {
        var result = await AskAsync("/usr/bin/apt-cache", ["policy", "--", .. names], cancellation).ConfigureAwait(false);
        return AptAnswers.Policies(result.Output);
    }

    private async Task<List<AptFile>> FilesAsync(List<InstalledPackage> packages, List<AptPolicy> policies, CancellationToken cancellation)
    {
        List<string> arguments = ["download", "--print-uris", "-o", "Acquire::ForceHash=SHA256"];
        var fixedCount = arguments.Count;
        foreach (var package in packages)
        {
            // Of a dependency nothing was asked before: apt would install it, so it is there.
            if (policies.Find(p => p.Name == package.Name)?.Versions.Find(v => v.Version == package.Version) is not { IsAvailable: false })
            {
                arguments.Add($"{package.Name}={package.Version}");
            }
        }

        return arguments.Count == fixedCount ? [] : AptAnswers.Files((await AskAsync(AptGet, [.. arguments], cancellation).ConfigureAwait(false)).Output);
    }

    private static AptFile? Find(List<AptFile> files, string name, string version, string architecture)
    {
        var file = AptAnswers.FileName(name, version, architecture);
        return files.Find(f => f.File == file);
    }

    private async Task<AptTransaction> PlanAsync(List<string> arguments, CancellationToken cancellation)
    {
        var result = await AskAsync(AptGet, [.. InstallOptions(), "--simulate", .. arguments], cancellation).ConfigureAwait(false);
        return AptAnswers.Transaction(result.Output);
    }

    private static ImmutableArray<string> InstallOptions() =>
    [
        "install", "-q", "--no-install-recommends", "--allow-downgrades", "-o", "Dpkg::Use-Pty=0", "-o", "Acquire::Retries=3", .. KeepFiles("-oDpkg::Options::=--"),
    ];

    // A configuration file that somebody changed stays; one that nobody changed is replaced. dpkg would ask.
    private static ImmutableArray<string> KeepFiles(string prefix) => [prefix + "force-confdef", prefix + "force-confold"];

    private async Task<ProgramResult> AskAsync(string program, ImmutableArray<string> arguments, CancellationToken cancellation)
    {
        var result = await RunAsync(program, arguments, changes: false, cancellation).ConfigureAwait(false);
        return result.Succeeded ? result : throw AptFailures.From(result, root);
    }

    private async Task ChangeAsync(string program, ImmutableArray<string> arguments, CancellationToken cancellation)
    {
        var result = await RunAsync(program, arguments, changes: true, cancellation).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            throw AptFailures.From(result, root);
        }
    }

    private Task<ProgramResult> RunAsync(string program, ImmutableArray<string> arguments, bool changes, CancellationToken cancellation)
    {
        if (isFolder)
        {
            arguments = ["--pid", "--fork", "--kill-child", "--mount", "--mount-proc", "--root=" + root, program, .. arguments];
            program = "/usr/bin/unshare";
        }

        return changes ? programs.ChangeAsync(program, arguments, cancellation) : programs.AskAsync(program, arguments, cancellation);
    }
}
