using EksNode.Configuration.Text;
using EksNode.Host.Containers;
using EksNode.Host.Facts;
using EksNode.Host.Files;
using EksNode.Planning.Decisions;
using EksNode.Planning.Plans;

namespace EksNode.Host.Imaging.Checks;

/// <summary>Container images: a running containerd has them, pinned, by the names that a node looks for; else the image manifest names them, pinned.</summary>
internal sealed class ContainerImageCheck : ImageCheck
{
    /// <inheritdoc/>
    public override string Name => "image";

    /// <inheritdoc/>
    public override async Task RunAsync(CheckContext context, List<CheckFinding> findings, CancellationToken cancellation)
    {
        foreach (var resource in context.Resources)
        {
            if (resource is ContainerImageResource image)
            {
                findings.Add(context.Runtime is { } runtime ? await OfRuntimeAsync(image, runtime, cancellation).ConfigureAwait(false) : OfManifest(image, context));
            }
        }
    }

    private async Task<CheckFinding> OfRuntimeAsync(ContainerImageResource image, CriClient runtime, CancellationToken cancellation)
    {
        // What has tags may come from an archive, which knows it by them alone; they are what the node looks for.
        foreach (var name in image.Tags.IsEmpty ? [image.Name] : image.Tags)
        {
            var answer = await runtime.ImageStatusAsync(name, CriClient.DefaultDeadline, cancellation).ConfigureAwait(false);
            if (answer.Value is not { } told)
            {
                throw new DiagnosticException(
                    DiagnosticCatalogue.CheckImpossible, $"Whether containerd has {name} cannot be told: {answer.Detail}.", "See `systemctl status containerd`.");
            }

            if (told.Images.IsEmpty)
            {
                return Bad(image.Id, CheckStatus.Missing, name, null);
            }

            if (!told.Images[0].Pinned)
            {
                return Bad(image.Id, CheckStatus.Different, $"{name} pinned", "not pinned: the kubelet removes it when its disk is full");
            }
        }

        return Good(image.Id);
    }

    private CheckFinding OfManifest(ContainerImageResource image, CheckContext context)
    {
        if (context.Manifest is not { } manifest)
        {
            return Bad(image.Id, CheckStatus.Missing, image.Name, $"there is no {ImageManifest.Path}");
        }

        foreach (var told in manifest.Images)
        {
            if (told.Name == image.Name || image.Tags.Contains(told.Name))
            {
                return told.Pinned is false ? Bad(image.Id, CheckStatus.Different, $"{image.Name} pinned", "not pinned") : Good(image.Id);
            }
        }

        // An image for another processor than the builder's has it so.
        return image.Tags.Contains(SandboxImage.Local) && context.Root.Status(NodePaths.PauseImageArchive, followLink: true) is { Kind: FileKind.File }
            ? Good(image.Id, $"the first join imports it from {NodePaths.PauseImageArchive}")
            : Bad(image.Id, CheckStatus.Missing, image.Name, $"{ImageManifest.Path} does not name it");
    }
}
