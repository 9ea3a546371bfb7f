using System.Text;
using EksNode.Host.Inventory;
using EksNode.Planning.Image;
using EksNode.Planning.Plans;

namespace EksNode.Host.Imaging.Checks;

/// <summary>The kernel modules that files of <c>modules-load.d</c> name, and those that packages build: every installed kernel has them, as a file or built in.</summary>
internal sealed class KernelModuleCheck : ImageCheck
{
    private static readonly string[] Folders = ["/etc/modules-load.d/", "/usr/lib/modules-load.d/"];

    /// <inheritdoc/>
    public override string Name => "module";

    /// <inheritdoc/>
    public override Task RunAsync(CheckContext context, List<CheckFinding> findings, CancellationToken cancellation)
    {
        KernelModules? kernels = null;
        foreach (var resource in context.Resources)
        {
            if (resource is PackageResource { Version: not null } package && DriverModules.BuiltBy(package.Name) is { } driver)
            {
                Add(package.Id, driver);
            }
            else if (resource is FileResource file && Array.Exists(Folders, f => file.Path.StartsWith(f, StringComparison.Ordinal)))
            {
                foreach (var module in Encoding.UTF8.GetString(file.Content.AsSpan()).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                {
                    if (module[0] is not ('#' or ';'))
                    {
                        Add(file.Id, module);
                    }
                }
            }
        }

        return Task.CompletedTask;

        void Add(string resource, string module)
        {
            kernels ??= new KernelModules(context.Root);
            var expected = $"the module {module}";
            findings.Add(kernels.WhyMissing(module) is { } why ? Bad(resource, CheckStatus.Missing, expected, why) : Good(resource, expected));
        }
    }
}
