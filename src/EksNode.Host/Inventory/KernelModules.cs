using System.Text;
using EksNode.Host.Files;

namespace EksNode.Host.Inventory;

/// <summary>The modules of the kernels that are installed in a root, as files or built in: <c>modules.dep</c> and <c>modules.builtin</c> list them by path (depmod(8)).</summary>
public sealed class KernelModules
{
    // modules.dep of a kernel with every driver has some 700 KiB.
    private const int ListLimit = 16 << 20;

    private readonly Dictionary<string, HashSet<string>> kernels = new(StringComparer.Ordinal);

    /// <summary>Reads them.</summary>
    /// <param name="root">The root.</param>
    public KernelModules(HostRoot root)
    {
        foreach (var kernel in KernelVersions.Installed(root))
        {
            var modules = new HashSet<string>(StringComparer.Ordinal);
            foreach (var list in (ReadOnlySpan<string>)["modules.dep", "modules.builtin"])
            {
                var bytes = root.ReadFile($"{KernelVersions.Folder}/{kernel}/{list}", ListLimit) ?? [];
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
    }

    /// <summary>Why a module cannot be loaded, after whichever kernel the machine starts: <c>the kernel 6.12.0-1 does not have it</c>; null: every kernel has it.</summary>
    /// <param name="module">Its name; <c>-</c> and <c>_</c> are the same.</param>
    public string? WhyMissing(string module)
    {
        foreach (var (kernel, modules) in kernels)
        {
            if (!modules.Contains(module.Replace('-', '_')))
            {
                return $"the kernel {kernel} does not have it";
            }
        }

        return kernels.Count == 0 ? "no kernel is installed" : null;
    }
}
