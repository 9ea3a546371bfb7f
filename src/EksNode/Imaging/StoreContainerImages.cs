using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Imaging;
using EksNode.Host.Logging;
using EksNode.Planning.Decisions;
using EksNode.Planning.Plans;

namespace EksNode.Imaging;

/// <summary>Container images that are in the image, unpacked and pinned. The image's own containerd keeps them, so it must run here.</summary>
internal static class StoreContainerImages
{
    /// <summary>Runs the step.</summary>
    public static async Task<ImmutableArray<string>> RunAsync(ImageApplyContext context, IContainerStore store, CancellationToken cancellation)
    {
        ImmutableArray<ContainerImageResource> images = [.. context.Image.Plan.Resources.OfType<ContainerImageResource>()];
        if (!CheckImage.Runs(context) || !context.Root.RunsAsRoot)
        {
            foreach (var image in images)
            {
                Report(image, context);
            }

            return [];
        }

        var changed = new List<string>();
        context.Images = images.IsEmpty ? [] : await store.FillAsync(images, changed.Add, cancellation);
        return changed.ToImmutable();
    }

    // A join imports the pause image from its archive when containerd has it not. No other image has such a second chance.
    private static void Report(ContainerImageResource image, ImageApplyContext context)
    {
        if (image.Tags.Contains(SandboxImage.Local) && context.Root.Status(NodePaths.PauseImageArchive) is not null)
        {
            context.Log.Write(LogLevel.Info, "containerd of this image does not run here: the first join imports the pause image", ("archive", NodePaths.PauseImageArchive));
            return;
        }

        context.Run.Diagnostics.Report(
            DiagnosticCatalogue.ContainerImageMissing,
            $"The container image {image.Name} cannot be put into the image here: its containerd, which keeps it, runs {(CheckImage.Runs(context) ? "only as root" : "on another processor")}.",
            image.Tags.Contains(SandboxImage.Local) ? $"Build as root on a machine of that processor, or give the image an archive of it as {NodePaths.PauseImageArchive} with `spec.files`."
                : "Build as root on a machine of that processor.",
            image.Reasons[0].Origin,
            "spec.images");
    }
}
