using EksNode.Configuration.Text;
using EksNode.Host.Logging;
using EksNode.Host.Processes;
using EksNode.Planning.Accelerators;
using EksNode.Planning.Plans;

namespace EksNode.Host.Accelerators;

/// <summary>Where the programs are that load kernel modules.</summary>
public sealed record KernelModuleOptions
{
    /// <summary>Loads a module with what it depends on and its options.</summary>
    public string Modprobe { get; init; } = "/usr/sbin/modprobe";

    /// <summary>Installs one of several builds of a module that an EKS-optimized image keeps as archives.</summary>
    public string KmodUtil { get; init; } = "/usr/bin/kmod-util";

    /// <summary>Installs them on an image that has no such program.</summary>
    public string Dkms { get; init; } = "/usr/sbin/dkms";

    /// <summary>Where the archives are, a folder for each build.</summary>
    public string ArchiveFolder { get; init; } = NvidiaModule.ArchiveFolder;

    /// <summary>How long <c>kmod-util</c> may take: it unpacks and installs modules of some hundred megabytes.</summary>
    public TimeSpan InstallDeadline { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long <c>modprobe</c> may take: the module looks for every GPU.</summary>
    public TimeSpan LoadDeadline { get; init; } = TimeSpan.FromMinutes(2);
}

/// <summary>
/// Loads the kernel modules of a plan. A module that is loaded stays as it is: an EKS-optimized image has loaded it at boot with a unit of
/// its own. A module that cannot be loaded is a warning: the node works, but for its accelerators.
/// </summary>
/// <param name="programs">Runs programs.</param>
/// <param name="log">Where progress is written.</param>
/// <param name="options">Where the programs are.</param>
public sealed class KernelModules(ProgramRunner programs, ILog log, KernelModuleOptions options)
{
    /// <summary>Loads a module unless it is loaded.</summary>
    /// <param name="module">The module.</param>
    /// <param name="diagnostics">Takes warnings.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task LoadAsync(KernelModuleResource module, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        if (Directory.Exists(module.Path))
        {
            return;
        }

        // dkms installs the build that the machine needs; only then can it be loaded.
        if ((module.Build.Length == 0 || await InstallAsync(module, diagnostics, cancellation).ConfigureAwait(false))
            && await RunAsync(new ProgramCall(options.Modprobe, [module.Name], options.LoadDeadline), module, diagnostics, cancellation).ConfigureAwait(false))
        {
            log.Write(LogLevel.Info, "a kernel module was loaded", ("module", module.Name), ("build", module.Build));
        }
    }

    // An image that has no archives has one build, installed.
    private async Task<bool> InstallAsync(KernelModuleResource module, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        if (File.Exists(options.KmodUtil))
        {
            return await RunAsync(new ProgramCall(options.KmodUtil, ["load", module.Build], options.InstallDeadline), module, diagnostics, cancellation).ConfigureAwait(false);
        }

        var archive = $"{options.ArchiveFolder}/{module.Build}/{module.Build}.tar.gz";
        if (!File.Exists(archive))
        {
            return true;
        }

        // dkms takes an archive once: of one that a killed join left in its tree it says what is missing.
        var known = await KnownAsync(module.Build, cancellation).ConfigureAwait(false);
        if (known.Length == 0)
        {
            if (!await RunAsync(new ProgramCall(options.Dkms, ["ldtarball", archive], options.InstallDeadline), module, diagnostics, cancellation).ConfigureAwait(false))
            {
                return false;
            }

            known = await KnownAsync(module.Build, cancellation).ConfigureAwait(false);
        }

        // `nvidia-open/580.159.03, 6.12.63-84.121.amzn2023.x86_64, x86_64: installed`; before it is built, `nvidia-open/580.159.03: added`.
        var version = known[(known.IndexOf('/', StringComparison.Ordinal) + 1)..];
        var end = version.AsSpan().IndexOfAny(',', ':');
        return known.TrimEnd().EndsWith(": installed", StringComparison.Ordinal)
            || await RunAsync(
                new ProgramCall(options.Dkms, ["install", "-m", module.Build, "-v", end < 0 ? version : version[..end]], options.InstallDeadline), module, diagnostics, cancellation).ConfigureAwait(false);
    }

    // What dkms says of a build for the kernel that runs, else of any; empty: it does not know the build.
    private async Task<string> KnownAsync(string build, CancellationToken cancellation)
    {
        var kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        var status = await programs.RunAsync(new ProgramCall(options.Dkms, ["status", "-m", build], options.LoadDeadline), cancellation).ConfigureAwait(false);
        var other = "";
        foreach (var line in status.Succeeded ? status.Output.Split('\n') : [])
        {
            if (line.StartsWith(build + "/", StringComparison.Ordinal))
            {
                // Installed for another kernel is not installed here.
                if (line.Contains($", {kernel}, ", StringComparison.Ordinal))
                {
                    return line;
                }

                other = line[..line.AsSpan().IndexOfAny(',', ':')];
            }
        }

        return other;
    }

    private async Task<bool> RunAsync(ProgramCall call, KernelModuleResource module, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var result = await programs.RunAsync(call, cancellation).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            diagnostics.Report(
                DiagnosticCatalogue.KernelModuleNotLoaded,
                $"The kernel module {module.Name}{(module.Build.Length == 0 ? "" : $" ({module.Build})")} is not loaded: `{call}` {result.Describe()}.",
                module.Build.Length == 0 ? "Check the name in `spec.kernel.modules`, and whether the image has the module for this kernel." : "Pods that ask for these devices do not start here; see the kernel log (`dmesg`), and whether the image has a module for this kernel.",
                path: module.Path);
        }

        return result.Succeeded;
    }
}
