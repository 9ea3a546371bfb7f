using System.Collections.Immutable;
using EksNode.Host.Imaging;
using EksNode.Host.Packages;
using EksNode.Planning.Plans;

namespace EksNode.Imaging;

/// <summary>Packages: exactly those that were resolved, and none that must not be there.</summary>
internal static class InstallPackages
{
    /// <summary>What the step would install and remove, without a change.</summary>
    public static async Task<ImmutableArray<string>> FindAsync(ImageApplyContext context, CancellationToken cancellation)
    {
        var installed = await context.Packages.InstalledAsync(cancellation);
        return
        [
            .. PackageLists.Missing(context.Resolved, installed).Select(p => $"{p.Name} {p.Version}"),
            .. PackageLists.Present(Unwanted(context), installed).Select(n => $"{n}, which is removed"),
        ];
    }

    /// <summary>Runs the step.</summary>
    public static async Task<ImmutableArray<string>> RunAsync(ImageApplyContext context, CancellationToken cancellation)
    {
        WriteImageRecords.KeepResolved(context);
        var changed = await context.Packages.ApplyAsync(context.Resolved, Unwanted(context), cancellation);
        return context.Programs.IsForeign ? [.. changed, .. await new ForeignRoot(context.Root, context.Programs).FinishAsync(cancellation)] : changed;
    }

    private static ImmutableArray<string> Unwanted(ImageApplyContext context) =>
        [.. context.Image.Plan.Resources.OfType<PackageResource>().Where(p => p.Version is null).Select(p => p.Name)];
}
