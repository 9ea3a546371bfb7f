using System.Text;
using EksNode.Host.Inventory;
using EksNode.Planning.Plans;

namespace EksNode.Host.Imaging.Checks;

/// <summary>The kernel modules that files of <c>modules-load.d</c> name: every installed kernel has them, as a file or built in.</summary>
internal sealed class KernelModuleCheck : ImageCheck
{
    // modules.dep of a kernel with every driver has some 700 KiB.
    private const int ListLimit = 16 << 20;

    private static readonly string[] Folders = ["/etc/modules-load.d/", "/usr/lib/modules-load.d/"];

    /// <inheritdoc/>
    public override string Name => "module";

    /// <inheritdoc/>
    public override Task RunAsync(CheckContext context, List<CheckFinding> findings, CancellationToken cancellation)
    {
        Dictionary<string, HashSet<string>>? kernels = null;
        foreach (var resource in context.Resources)
        {
            if (resource is FileResource file && Array.Exists(Folders, f => file.Path.StartsWith(f, StringComparison.Ordinal)))
            {
                kernels ??= Kernels(context);
                foreach (var module in Encoding.UTF8.GetString(file.Content.AsSpan()).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                {
                    if (module[0] is not ('#' or ';'))
                    {
                        findings.Add(Of(file.Id, module, kernels));
                    }
                }
            }
        }

        return Task.CompletedTask;
    }

    private CheckFinding Of(string resource, string module, Dictionary<string, HashSet<string>> kernels)
    {
        if (kernels.Count == 0)
        {
            return Bad(resource, CheckStatus.Missing, $"the module {module}", "no kernel is installed");
        }

        foreach (var (kernel, modules) in kernels)
        {
            if (!modules.Contains(module.Replace('-', '_')))
            {
                return Bad(resource, CheckStatus.Missing, $"the module {module}", $"the kernel {kernel} does not have it");
            }
        }

        return Good(resource, $"the module {module}");
    }

    // By kernel the names of its modules, which modules.dep and modules.builtin list by path (depmod(8)).
    private static Dictionary<string, HashSet<string>> Kernels(CheckContext context)
    {
        var kernels = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var kernel in KernelVersions.Installed(context.Root))
        {
            var modules = new HashSet<string>(StringComparer.Ordinal);
            foreach (var list in (ReadOnlySpan<string>)["modules.dep", "modules.builtin"])
            {
                var bytes = context.Root.ReadFile($"{KernelVersions.Folder}/{kernel}/{list}", ListLimit) ?? [];
                foreach (var line in Encoding.UTF8.GetString(bytes).Split('\n'))
                {
                    var end = line.IndexOf(".ko", StringComparison.Ordinal);
                    if (end > 0)
                    {
                        modules.Add(line[(line.LastIndexOf('/', end) + 1)..end].Replace('-', '_'));
                    }
                }
            }

            kernels.Add(kernel, modules);
        }

        return kernels;
    }
}
