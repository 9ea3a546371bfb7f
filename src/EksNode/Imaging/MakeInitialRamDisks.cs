using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Imaging;

namespace EksNode.Imaging;

/// <summary>The initial RAM disks of an image in FIPS mode, before a word on the command line of its kernel asks for them.</summary>
internal static class MakeInitialRamDisks
{
    /// <summary>Reports that those of the kernels that are there cannot be made on this machine.</summary>
    public static void Check(ImageApplyContext context)
    {
        if (!context.Image.Decisions.Fips.Value || new InitialRamDisks(context.Root, context.Programs).Kernels.Count == 0 || (!context.Programs.IsForeign && context.Root.RunsAsRoot))
        {
            return;
        }

        context.Run.Diagnostics.Report(
            DiagnosticCatalogue.ImageBuildImpossible,
            $"The initial RAM disk of FIPS mode cannot be made here: dracut of the image runs {(context.Programs.IsForeign ? "on another processor" : "only as root")}.",
            "Build as root on a machine of that processor.",
            context.Image.Decisions.Fips.Origin,
            "spec.fips");
    }

    /// <summary>Runs the step.</summary>
    public static async Task<ImmutableArray<string>> RunAsync(ImageApplyContext context, CancellationToken cancellation)
    {
        var disks = new InitialRamDisks(context.Root, context.Programs);
        if (!context.Image.Decisions.Fips.Value || disks.Kernels.Count == 0)
        {
            return [];
        }

        // Kernels may have come with the packages.
        Check(context);
        if (context.Run.Diagnostics.HasErrors)
        {
            return [];
        }

        var made = await disks.ApplyAsync(InitialRamDisks.Fips, cancellation);
        context.Written.UnionWith(made);
        return made;
    }
}
