using System.Collections.Immutable;
using System.Runtime.InteropServices;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using EksNode.Host.Processes;
using Processor = EksNode.Configuration.ImageConfigs.Architecture;

namespace EksNode.Host.Packages;

/// <summary>
/// dnf 4, as Amazon Linux 2023 has it, and rpm. They run on this machine and change the root: <c>/</c>, or a folder (<c>--installroot</c>). The release is pinned
/// (<c>--releasever</c>), what is installed is only changed where a request or its dependencies ask for it, and packages are checked as their repository says.
/// </summary>
internal sealed class Dnf : IPackageManager
{
    private const string Database = "/var/lib/rpm";

    // Beside dnf's own cache, with which it goes.
    private const string Home = "/var/cache/dnf";
    private const string MacrosPath = Home + "/.rpmmacros";
    private const int MacrosMode = 0x1A4; // 0644

    private readonly PackageTarget target;
    private readonly PackagePrograms programs;
    private readonly DiagnosticBag diagnostics;
    private readonly ILog log;
    private readonly PendingPackages pending;
    private readonly string root;
    private readonly string architecture;
    private readonly bool isFolder;
    private readonly bool isForeign;

    /// <summary>Creates it.</summary>
    /// <param name="target">What the packages are for.</param>
    /// <param name="programs">Runs dnf and rpm.</param>
    /// <param name="log">Where progress is told.</param>
    /// <param name="diagnostics">Where warnings are reported.</param>
    public Dnf(PackageTarget target, ProgramRunner programs, ILog log, DiagnosticBag diagnostics)
    {
        this.target = target;
        this.diagnostics = diagnostics;
        this.log = log;
        pending = new PendingPackages(target.Root);
        root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target.Root.Path));
        isFolder = root != "/";
        this.programs = new PackagePrograms(programs, log, target.LockWait, DnfFailures.Locked)
        {
            Environment = isFolder ? ["HOME=" + root + Home, .. target.Environment] : target.Environment,
        };
        architecture = target.Architecture == Processor.Arm64 ? "aarch64" : "x86_64";
        isForeign = (target.Architecture == Processor.Arm64) != (RuntimeInformation.OSArchitecture == Architecture.Arm64);
    }

    /// <inheritdoc/>
    public string Name => "dnf";

    private string Architectures => $"--arch={architecture},noarch";

    /// <summary>The program; dnf of this machine unless told otherwise.</summary>
    public string Program { get; init; } = "/usr/bin/dnf";

    /// <inheritdoc/>
    public async Task<ImmutableArray<InstalledPackage>> InstalledAsync(CancellationToken cancellation)
    {
        var packages = DnfAnswers.Installed(await RpmAsync(DnfAnswers.InstalledFormat, cancellation).ConfigureAwait(false));
        packages.OrderInPlace(PackageLists.Compare);
        return [.. packages];
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<ResolvedPackage>> ResolveAsync(ImmutableArray<PackageRequest> requests, CancellationToken cancellation)
    {
        var choice = new PackageChoice(requests, await InstalledAsync(cancellation).ConfigureAwait(false));
        if (choice.Wanted.Count == 0)
        {
            return [];
        }

        var available = await QueryAsync(["--refresh"], choice.Wanted, cancellation).ConfigureAwait(false);
        await CheckNamesAsync(choice, available, cancellation).ConfigureAwait(false);
        foreach (var package in available)
        {
            choice.Offer(new InstalledPackage(package.Name, package.Version, package.Architecture));
        }

        choice.Choose(PackageVersion.CompareRpm, diagnostics);
        var dependencies = await DependenciesAsync(choice, cancellation).ConfigureAwait(false);
        if (dependencies.Count > 0)
        {
            available.AddRange(await QueryAsync(["--cacheonly"], Nevras(dependencies), cancellation).ConfigureAwait(false));
        }

        List<InstalledPackage> all = [.. choice.Chosen, .. dependencies];
        all.OrderInPlace(PackageLists.Compare);
        var locations = await LocationsAsync(all, cancellation).ConfigureAwait(false);
        var resolved = new List<ResolvedPackage>(all.Count);
        foreach (var package in all)
        {
            var found = available.Find(p => p.Name == package.Name && p.Version == package.Version && p.Architecture == package.Architecture);
            var url = found is null ? "" : Url(found, locations);
            resolved.Add(new ResolvedPackage(package.Name, package.Version, package.Architecture, url, found?.Sha256, !choice.Wanted.Contains(package.Name)));
        }

        return resolved.ToImmutable();
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<string>> ApplyAsync(ImmutableArray<ResolvedPackage> install, ImmutableArray<string> remove, CancellationToken cancellation)
    {
        var found = await InstalledAsync(cancellation).ConfigureAwait(false);
        var finished = await FinishAsync(found, cancellation).ConfigureAwait(false);
        var before = finished is null ? found : await InstalledAsync(cancellation).ConfigureAwait(false);
        var unwanted = PackageLists.Present(remove, before);
        var missing = PackageLists.Missing(install, before);
        if (unwanted.Length == 0 && missing.Count == 0)
        {
            var done = finished is null ? [] : All(PackageLists.Changed(found, before), finished);
            await TellScriptsAsync(done, cancellation).ConfigureAwait(false);
            return done;
        }

        if (missing.Count > 0)
        {
            // Before anything is removed: most of what can go wrong shows here.
            await CheckRepositoriesAsync(missing, cancellation).ConfigureAwait(false);
        }

        if (unwanted.Length > 0)
        {
            await RemoveAsync(unwanted, install, cancellation).ConfigureAwait(false);
        }

        if (missing.Count > 0)
        {
            await InstallAsync(missing, install, cancellation).ConfigureAwait(false);
        }

        var after = await InstalledAsync(cancellation).ConfigureAwait(false);
        if (PackageLists.Missing(install, after) is [var lacking, ..])
        {
            throw PackageProblems.Failed("dnf", $"{lacking.Name} {lacking.Version} is not installed, though dnf says that all is done");
        }

        var changed = All(PackageLists.Changed(found, after), finished ?? []);
        await TellScriptsAsync(changed, cancellation).ConfigureAwait(false);

        return changed;
    }

    private static ImmutableArray<string> All(ImmutableArray<string> changed, List<string> finished) =>
        finished.Count == 0 ? changed : [.. new SortedSet<string>([.. changed, .. finished], StringComparer.Ordinal)];

    // What a run that was killed left half done: packages beside their older versions, and such whose scripts did not all run. Null: nothing; else the names
    // of what was installed once more.
    private async Task<List<string>?> FinishAsync(ImmutableArray<InstalledPackage> installed, CancellationToken cancellation)
    {
        var interrupted = pending.Read();
        var isTwice = PackageLists.HasTwice(installed, withKernels: !interrupted.IsEmpty);
        if (isTwice)
        {
            // The newest is installed once more and the others go. dnf knows what may be there in several versions, and leaves it.
            var result = await RunAsync(["remove", "-y", "--duplicates", "--noautoremove"], changes: true, cancellation).ConfigureAwait(false);
            if (!result.Succeeded && !result.Error.Contains("No duplicated packages", StringComparison.Ordinal))
            {
                throw DnfFailures.From(result, root);
            }

            isTwice = result.Succeeded;
            installed = isTwice ? await InstalledAsync(cancellation).ConfigureAwait(false) : installed;
        }

        List<string> names = [], nevras = [];
        foreach (var package in installed)
        {
            var nevra = DnfAnswers.Nevra(package.Name, package.Version, package.Architecture);
            if (interrupted.Contains(nevra))
            {
                names.Add(package.Name);
                nevras.Add(nevra);
            }
        }

        if (nevras.Count > 0)
        {
            log.Write(LogLevel.Info, "an earlier run did not come to its end while it installed packages: what it had installed is installed once more", ("packages", string.Join(' ', names)));
            await ChangeAsync(["reinstall", "-y", .. nevras], cancellation).ConfigureAwait(false);
        }

        if (!interrupted.IsEmpty)
        {
            pending.End();
        }

        return isTwice || nevras.Count > 0 ? names : null;
    }

    // Of those that were removed nobody can tell any more, and their scripts only take back what others did.
    private async Task TellScriptsAsync(ImmutableArray<string> changed, CancellationToken cancellation)
    {
        if (!isForeign || changed.IsEmpty)
        {
            return;
        }

        List<string> silent = [];
        foreach (var name in (await RpmAsync(DnfAnswers.ScriptedFormat, cancellation).ConfigureAwait(false)).Split('\n'))
        {
            if (changed.Contains(name))
            {
                silent.Add(name);
            }
        }

        if (silent.Count > 0)
        {
            silent.OrderInPlace(string.CompareOrdinal);
            diagnostics.Report(
                DiagnosticCatalogue.PackageScriptsNotRun,
                $"The root is for {architecture}, whose programs do not run on this machine. The scripts of these packages did not run: {PackageProblems.Listed(silent)}.",
                "eksnode makes the users of sysusers.d and the index of kernel modules. Caches, an initial RAM disk and units that presets enable are not made: name such units under `spec.units`, or build on a machine of that architecture.");
        }
    }

    private async Task<string> RpmAsync(string format, CancellationToken cancellation)
    {
        ImmutableArray<string> arguments = ["-qa", "--qf", format];
        var result = await programs.AskAsync("/usr/bin/rpm", isFolder ? ["--root", root, "--dbpath", Database, .. arguments] : arguments, cancellation).ConfigureAwait(false);
        return result.Succeeded ? result.Output : throw PackageProblems.Failed("rpm", PackageProblems.LastLine(result.Error) ?? result.Describe());
    }

    private async Task RemoveAsync(ImmutableArray<string> names, ImmutableArray<ResolvedPackage> install, CancellationToken cancellation)
    {
        var planned = await PlanAsync(["remove", "--noautoremove", .. names], cancellation).ConfigureAwait(false);
        if (PackageLists.FirstOf(planned.Removed, install) is { } wanted)
        {
            throw PackageProblems.NeedsAbsent(names, wanted);
        }

        await ChangeAsync(["remove", "-y", "--noautoremove", .. names], cancellation).ConfigureAwait(false);
    }

    private async Task InstallAsync(List<ResolvedPackage> missing, ImmutableArray<ResolvedPackage> install, CancellationToken cancellation)
    {
        List<string> nevras = [];
        foreach (var package in missing)
        {
            nevras.Add(DnfAnswers.Nevra(package.Name, package.Version, package.Architecture));
        }

        var planned = await PlanAsync(["install", .. nevras], cancellation).ConfigureAwait(false);
        List<string> extra = [];
        foreach (var package in planned.Installed)
        {
            if (!PackageLists.Contains(install, package))
            {
                extra.Add($"{package.Name} {package.Version}");
            }
        }

        extra.AddRange(planned.Removed);
        if (extra.Count > 0)
        {
            throw PackageProblems.NotLocked(extra);
        }

        pending.Begin(nevras);
        try
        {
            await ChangeAsync(["install", "-y", .. nevras], cancellation).ConfigureAwait(false);
        }
        catch (DiagnosticException)
        {
            // dnf gave up by itself before it installed anything: nothing is half done.
            if (PackageLists.Missing(missing.ToImmutable(), await InstalledAsync(cancellation).ConfigureAwait(false)).Count == missing.Count)
            {
                pending.End();
            }

            throw;
        }

        pending.End();
    }

    // That the repositories still have what is locked, and that it is the same.
    private async Task CheckRepositoriesAsync(List<ResolvedPackage> missing, CancellationToken cancellation)
    {
        List<string> names = [];
        foreach (var package in missing)
        {
            names.Add(package.Name);
        }

        var available = await QueryAsync(["--refresh"], names, cancellation).ConfigureAwait(false);
        foreach (var package in missing)
        {
            var same = available.FindAll(p => p.Name == package.Name && p.Version == package.Version && p.Architecture == package.Architecture);
            if (same.Count == 0)
            {
                throw PackageProblems.Gone(package, PackageLists.NewestFirst(available.FindAll(p => p.Name == package.Name).ConvertAll(p => p.Version), PackageVersion.CompareRpm));
            }

            if (package.Sha256 is not null && same.Find(p => p.Sha256 is not null && p.Sha256 != package.Sha256) is { } other)
            {
                throw PackageProblems.OtherChecksum(package, other.Sha256!);
            }
        }
    }

    // What the solver adds to the chosen packages. What must not be there is hidden from it; where it is there it may be erased, which a hidden one may not.
    private async Task<List<InstalledPackage>> DependenciesAsync(PackageChoice choice, CancellationToken cancellation)
    {
        var missing = choice.NotInstalled();
        if (missing.Count == 0)
        {
            return [];
        }

        List<string> arguments = ["install", "--cacheonly", .. Nevras(missing)];
        foreach (var name in choice.Absent)
        {
            arguments.Add(choice.IsInstalled(name) ? "--allowerasing" : "--exclude=" + name);
        }

        var planned = await PlanAsync([.. arguments], cancellation).ConfigureAwait(false);
        foreach (var removed in planned.Removed)
        {
            if (!choice.Absent.Contains(removed))
            {
                throw PackageProblems.Conflict($"{removed} would have to be removed");
            }
        }

        List<InstalledPackage> dependencies = [];
        foreach (var package in planned.Installed)
        {
            if (choice.Absent.Contains(package.Name))
            {
                throw PackageProblems.Conflict($"{package.Name} must not be installed, and others need it");
            }

            if (!choice.Chosen.Contains(package))
            {
                dependencies.Add(package);
            }
        }

        return missing.Find(p => !planned.Installed.Contains(p)) is { } lost ? throw PackageProblems.Failed("dnf", $"its plan lacks {lost.Name} {lost.Version}") : dependencies;
    }

    private async Task CheckNamesAsync(PackageChoice choice, List<DnfPackage> available, CancellationToken cancellation)
    {
        var unknown = choice.Wanted.FindAll(name => !available.Exists(p => p.Name == name) && !choice.IsInstalled(name));
        if (unknown.Count == 0)
        {
            return;
        }

        var result = await AskAsync(["repoquery", "--cacheonly", Architectures, "--qf", "%{name}"], cancellation).ConfigureAwait(false);
        var names = result.Output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        throw names.Length == 0 ? DnfFailures.NoRepositories(root, "none of them has a package") : choice.Unknown(unknown, names, diagnostics);
    }

    private async Task<List<DnfPackage>> QueryAsync(ImmutableArray<string> options, List<string> packages, CancellationToken cancellation)
    {
        var result = await AskAsync(["repoquery", "--showduplicates", Architectures, "--qf", DnfAnswers.RepositoryFormat, .. options, .. packages], cancellation).ConfigureAwait(false);
        return DnfAnswers.Repository(result.Output);
    }

    private async Task<string[]> LocationsAsync(List<InstalledPackage> packages, CancellationToken cancellation)
    {
        var result = await AskAsync(["repoquery", "--cacheonly", "--showduplicates", "--location", .. Nevras(packages)], cancellation).ConfigureAwait(false);
        return result.Output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }

    // Amazon's repositories have their files outside of themselves: `../../../../blobstore/…`.
    private static string Url(DnfPackage package, string[] urls)
    {
        var end = "/" + package.Location.TrimStart('/');
        foreach (var url in urls)
        {
            if (url.EndsWith(end, StringComparison.Ordinal))
            {
                return PackageLists.Normal(url);
            }
        }

        return "";
    }

    private async Task<DnfTransaction> PlanAsync(ImmutableArray<string> arguments, CancellationToken cancellation)
    {
        var result = await RunAsync([.. arguments, "--assumeno"], changes: false, cancellation).ConfigureAwait(false);

        // It ends with 1 as soon as there is something to do, since that was declined.
        return result.Succeeded || result.Error.Contains("Operation aborted", StringComparison.Ordinal) ? DnfTransaction.Read(result.Output) : throw DnfFailures.From(result, root);
    }

    private async Task<ProgramResult> AskAsync(ImmutableArray<string> arguments, CancellationToken cancellation)
    {
        var result = await RunAsync(arguments, changes: false, cancellation).ConfigureAwait(false);
        return result.Succeeded ? result : throw DnfFailures.From(result, root);
    }

    private async Task ChangeAsync(ImmutableArray<string> arguments, CancellationToken cancellation)
    {
        var result = await RunAsync(arguments, changes: true, cancellation).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            throw DnfFailures.From(result, root);
        }

        if (DnfFailures.Script(result) is { } failure)
        {
            // rpm has the package installed all the same, and dnf ends well.
            diagnostics.Report(
                DiagnosticCatalogue.PackageScriptsNotRun,
                $"A script of a package failed: {failure}.",
                "The log has what it said. The package is installed, and a next run does not run its script again: remove it, mend what the script misses, and run again.");
        }
    }

    private Task<ProgramResult> RunAsync(ImmutableArray<string> arguments, bool changes, CancellationToken cancellation)
    {
        LendMacros();
        ImmutableArray<string> all = [.. Options(), .. arguments];
        return changes ? programs.ChangeAsync(Program, all, cancellation) : programs.AskAsync(Program, all, cancellation);
    }

    // Debian's rpm has its database in the user's home; the rpm of the root would not find it there. dnf has no option for that, but rpm's library reads macros
    // of the user.
    private void LendMacros()
    {
        if (isFolder && target.Root.Status(MacrosPath) is null)
        {
            FileTransaction transaction = new(target.Root);
            transaction.Write(MacrosPath, System.Text.Encoding.UTF8.GetBytes($"%_dbpath {Database}\n"), MacrosMode);
            transaction.Stage();
            transaction.Commit();
        }
    }

    private List<string> Options()
    {
        List<string> options = ["--best", "--setopt=strict=True", "--setopt=skip_if_unavailable=False", "--setopt=exit_on_lock=True", "--color=never"];
        if (isFolder)
        {
            options.Add("--installroot=" + root);
        }

        if (target.Release is { } release)
        {
            options.Add("--releasever=" + release);
        }

        if (isForeign)
        {
            options.Add("--forcearch=" + architecture);
            options.Add("--setopt=tsflags=noscripts,notriggers");
        }

        return options;
    }

    private static List<string> Nevras(List<InstalledPackage> packages)
    {
        List<string> nevras = [];
        foreach (var package in packages)
        {
            nevras.Add(DnfAnswers.Nevra(package.Name, package.Version, package.Architecture));
        }

        return nevras;
    }
}
