using EksNode.Configuration.Text;
using EksNode.Host.Inventory;
using EksNode.Planning.Image;
using EksNode.Planning.Plans;

namespace EksNode.Imaging;

/// <summary>
/// The kernel modules of accelerators. The scripts of their packages build them with dkms, for the kernels whose headers are there, and a package manager does not say when that failed: the node would start
/// without its devices.
/// </summary>
internal static class CheckDrivers
{
    /// <summary>Reports that they cannot be built, before anything is changed.</summary>
    public static void Before(ImageApplyContext context)
    {
        if (!context.Programs.IsForeign)
        {
            return;
        }

        foreach (var package in Built(context))
        {
            var module = DriverModules.BuiltBy(package.Name);
            Report(context, package, $"{package.Name} builds the module {module} with programs of the image, and no program of an image for another processor runs here.", "Build it on a machine of that processor.");
        }
    }

    /// <summary>Reports those that were not built.</summary>
    public static void After(ImageApplyContext context)
    {
        KernelModules? kernels = null;
        foreach (var package in Built(context))
        {
            var module = DriverModules.BuiltBy(package.Name)!;
            kernels ??= new KernelModules(context.Root);
            if (kernels.WhyMissing(module) is { } why)
            {
                Report(
                    context,
                    package,
                    $"{package.Name} is installed, and there is no module {module}: {why}.",
                    "dkms says why in /var/lib/dkms/*/*/build/make.log; most often the headers are of another kernel than the image's. Once they fit, reinstall the package.");
            }
        }
    }

    private static IEnumerable<PackageResource> Built(ImageApplyContext context)
    {
        foreach (var resource in context.Image.Plan.Resources)
        {
            if (resource is PackageResource { Version: not null } package && DriverModules.BuiltBy(package.Name) is not null)
            {
                yield return package;
            }
        }
    }

    private static void Report(ImageApplyContext context, PackageResource package, string message, string help) =>
        context.Run.Diagnostics.Report(DiagnosticCatalogue.DriverModuleMissing, message, help, package.Reasons[0].Origin);
}
