using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Facts;
using EksNode.Host.Files;
using EksNode.Host.Processes;

namespace EksNode.Host.Inventory;

/// <summary>
/// The kernels of a root and the modules that have a version of their own. Of a running kernel <c>/sys/module</c> tells them. Below a root without one, <c>modinfo</c> of this
/// machine reads the files of drivers that are not the kernel's own: those outside of its <c>kernel/</c> folder, and Amazon's within it.
/// </summary>
/// <param name="root">The root.</param>
/// <param name="programs">Runs programs.</param>
/// <param name="diagnostics">Where to report.</param>
public sealed class KernelVersions(HostRoot root, ProgramRunner programs, DiagnosticBag diagnostics)
{
    /// <summary>The folder of all kernels.</summary>
    internal const string Folder = "/lib/modules";

    private const string LoadedModules = "/sys/module";
    private const string Release = "/proc/sys/kernel/osrelease";
    private const string Modinfo = "/usr/sbin/modinfo";
    private const string OwnModules = "kernel";
    private const string AmazonModules = "kernel/drivers/amazon";

    // What modinfo says of one module, its aliases included, is some kilobytes.
    private const int ModulesAtOnce = 200;
    private const int OutputLimit = 8 << 20;
    private const int DeepestFolder = 8;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    /// <summary>Kernels and modules, each sorted by name.</summary>
    /// <param name="cancellation">Ends it.</param>
    public async Task<List<NodeComponent>> ReadAsync(CancellationToken cancellation)
    {
        var found = new List<NodeComponent>();
        var running = root.ReadFile(Release) is { } release ? Encoding.UTF8.GetString(release).Trim() : null;
        var installed = Installed(root);
        foreach (var kernel in installed)
        {
            found.Add(Kernel(kernel, isRunning: kernel == running, $"{Folder}/{kernel}"));
        }

        if (running is not null && !installed.Contains(running))
        {
            found.Add(Kernel(running, isRunning: true, null));
        }

        if (root.List(LoadedModules) is { Count: > 0 } loaded)
        {
            AddLoaded(loaded, found);
            return found;
        }

        foreach (var kernel in installed)
        {
            await AddFilesAsync($"{Folder}/{kernel}", found, cancellation).ConfigureAwait(false);
        }

        return found;
    }

    /// <summary>The releases of the kernels that are installed, sorted: a folder that a removed kernel left behind is none.</summary>
    internal static List<string> Installed(HostRoot root)
    {
        var kernels = new List<string>();
        foreach (var name in root.List(Folder) ?? [])
        {
            if (root.Status($"{Folder}/{name}/modules.dep") is not null || root.Status($"{Folder}/{name}/modules.builtin") is not null)
            {
                kernels.Add(name);
            }
        }

        return kernels;
    }

    private static NodeComponent Kernel(string release, bool isRunning, string? path) =>
        new() { Kind = ComponentKind.Kernel, Name = "kernel", Version = release, Path = path, Source = isRunning ? "running" : "installed" };

    private void AddLoaded(IReadOnlyList<string> loaded, List<NodeComponent> found)
    {
        foreach (var name in loaded)
        {
            if (root.ReadFile($"{LoadedModules}/{name}/version") is { } version)
            {
                found.Add(new NodeComponent { Kind = ComponentKind.KernelModule, Name = name, Version = Encoding.UTF8.GetString(version).Trim(), Source = "running" });
            }
        }
    }

    private async Task AddFilesAsync(string folder, List<NodeComponent> found, CancellationToken cancellation)
    {
        var files = new List<string>();
        foreach (var name in root.List(folder) ?? [])
        {
            // `build` and `source` are links to the kernel's headers.
            if (name != OwnModules && root.Status($"{folder}/{name}") is { Kind: FileKind.Directory })
            {
                Walk(folder, name, 1, files);
            }
        }

        Walk(folder, AmazonModules, 1, files);
        var outside = ProgramLocation.Find(root, folder);
        for (var i = 0; i < files.Count; i += ModulesAtOnce)
        {
            var some = new List<string>();
            for (var j = i; j < Math.Min(files.Count, i + ModulesAtOnce); j++)
            {
                some.Add($"{outside}/{files[j]}");
            }

            var result = await programs.RunAsync(new ProgramCall(Modinfo, some.ToImmutable(), Deadline, OutputLimit), cancellation).ConfigureAwait(false);
            if (!result.Succeeded)
            {
                diagnostics.Report(
                    DiagnosticCatalogue.KernelModulesUnasked,
                    $"The versions of the modules below {folder} are not known: `{Modinfo}` {result.Describe()}.",
                    result.End == ProgramEnd.NotStarted ? "Install kmod on this machine." : "Look whether the module is whole.",
                    path: folder);
                return;
            }

            AddToldBy(result.Output, outside!, folder, found);
        }
    }

    private void Walk(string folder, string below, int depth, List<string> files)
    {
        foreach (var name in depth > DeepestFolder ? [] : root.List($"{folder}/{below}") ?? [])
        {
            var path = $"{below}/{name}";
            if (name.IndexOf(".ko", StringComparison.Ordinal) is > 0 and var at && name[at..] is ".ko" or ".ko.xz" or ".ko.zst" or ".ko.gz")
            {
                files.Add(path);
            }
            else if (root.Status($"{folder}/{path}") is { Kind: FileKind.Directory })
            {
                Walk(folder, path, depth + 1, files);
            }
        }
    }

    /// <summary>Adds the modules of what modinfo wrote that have a version: a line <c>filename:</c> begins each.</summary>
    internal static void AddToldBy(string output, string outside, string folder, List<NodeComponent> found)
    {
        const string Filename = "filename:";
        const string Version = "version:";
        var path = "";
        foreach (var line in output.Split('\n'))
        {
            if (line.StartsWith(Filename, StringComparison.Ordinal))
            {
                path = line[Filename.Length..].Trim();
            }
            else if (line.StartsWith(Version, StringComparison.Ordinal))
            {
                var name = path[(path.LastIndexOf('/') + 1)..];
                found.Add(new NodeComponent
                {
                    Kind = ComponentKind.KernelModule,
                    Name = name[..name.IndexOf(".ko", StringComparison.Ordinal)].Replace('-', '_'),
                    Version = line[Version.Length..].Trim(),
                    Path = folder + path[outside.Length..],
                    Source = "modinfo",
                });
            }
        }
    }
}
