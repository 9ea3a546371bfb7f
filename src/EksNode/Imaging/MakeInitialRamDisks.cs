using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Imaging;

namespace EksNode.Imaging;

/// <summary>The initial RAM disks of an image in FIPS mode, before a word on the command line of its kernel asks for them.</summary>
internal static class MakeInitialRamDisks
{
    /// <summary>Runs the step.</summary>
    public static async Task<ImmutableArray<string>> RunAsync(ImageApplyContext context, CancellationToken cancellation)
    {
        var disks = new InitialRamDisks(context.Root, context.Programs);
        if (!context.Image.Decisions.Fips.Value || disks.Kernels.Count == 0)
        {
            return [];
        }

        if (!CheckImage.Runs(context) || !context.Root.RunsAsRoot)
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.ImageBuildImpossible,
                $"The initial RAM disk of FIPS mode cannot be made here: dracut of the image runs {(CheckImage.Runs(context) ? "only as root" : "on another processor")}.",
                "Build as root on a machine of that processor.",
                context.Image.Decisions.Fips.Origin,
                "spec.fips");
        }

        var made = await disks.ApplyAsync(InitialRamDisks.Fips, cancellation);
        context.Written.UnionWith(made);
        return made;
    }
}
