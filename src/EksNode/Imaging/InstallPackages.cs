using System.Collections.Immutable;
using EksNode.Host.Imaging;
using EksNode.Planning.Plans;

namespace EksNode.Imaging;

/// <summary>Packages: exactly those that were resolved, and none that must not be there.</summary>
internal static class InstallPackages
{
    /// <summary>Runs the step.</summary>
    public static async Task<ImmutableArray<string>> RunAsync(ImageApplyContext context, CancellationToken cancellation)
    {
        await WriteImageRecords.KeepResolvedAsync(context, cancellation);
        var changed = await context.Packages.ApplyAsync(
            context.Resolved,
            [.. context.Image.Plan.Resources.OfType<PackageResource>().Where(p => p.Version is null).Select(p => p.Name)],
            cancellation);
        return context.Programs.IsForeign ? [.. changed, .. await new ForeignRoot(context.Root, context.Programs).FinishAsync(cancellation)] : changed;
    }
}
