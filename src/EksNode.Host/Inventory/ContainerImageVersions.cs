using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Host.Containers;
using EksNode.Host.Facts;

namespace EksNode.Host.Inventory;

/// <summary>The container images of a node: of a running containerd those that it has, else those that the image manifest names.</summary>
/// <param name="diagnostics">Where to report.</param>
public sealed class ContainerImageVersions(DiagnosticBag diagnostics)
{
    /// <summary>The images, sorted by name.</summary>
    /// <param name="runtime">The container runtime; null: it is not asked.</param>
    /// <param name="manifest">The image manifest; null: there is none.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<List<NodeComponent>> ReadAsync(CriClient? runtime, ImageManifest? manifest, CancellationToken cancellation)
    {
        var found = new List<NodeComponent>();
        if (runtime is not null)
        {
            var answer = await runtime.ListImagesAsync(CriClient.DefaultDeadline, cancellation).ConfigureAwait(false);
            if (answer.Value is { } told)
            {
                AddRunning(told, found);
                return found;
            }

            diagnostics.Report(
                DiagnosticCatalogue.ContainerImagesUnlisted,
                $"The container images that this node has now are not known: {answer.Detail}. Those of the image manifest are shown.",
                "See `systemctl status containerd`.");
        }

        foreach (var image in manifest?.Images ?? [])
        {
            found.Add(Of(image.Name, "manifest", image.Digest));
        }

        Sort(found);
        return found;
    }

    private static void AddRunning(ContainerImages told, List<NodeComponent> found)
    {
        foreach (var image in told.Images)
        {
            foreach (var tag in image.Tags)
            {
                found.Add(Of(tag, "containerd", DigestOf(tag, image)));
            }

            foreach (var digest in image.Tags.IsEmpty ? image.Digests : [])
            {
                found.Add(Of(digest, "containerd", null));
            }
        }

        Sort(found);
    }

    // Its digest in the registry of the tag: one image may have been pulled from several.
    private static string? DigestOf(string tag, ContainerImage image)
    {
        var name = Of(tag, "", null).Name;
        foreach (var digest in image.Digests)
        {
            if (digest.StartsWith(name + "@", StringComparison.Ordinal))
            {
                return digest[(name.Length + 1)..];
            }
        }

        return null;
    }

    private static NodeComponent Of(string reference, string source, string? digest)
    {
        var at = reference.IndexOf('@', StringComparison.Ordinal);
        var name = at < 0 ? reference : reference[..at];
        digest ??= at < 0 ? null : reference[(at + 1)..];
        var colon = name.LastIndexOf(':');
        var tag = colon > name.LastIndexOf('/') ? name[(colon + 1)..] : null;
        return new NodeComponent
        {
            Kind = ComponentKind.ContainerImage,
            Name = tag is null ? name : name[..colon],
            Version = tag ?? digest,
            Source = source,
            Digest = digest,
        };
    }

    private static void Sort(List<NodeComponent> found) => found.OrderInPlace(static (a, b) =>
    {
        var order = string.CompareOrdinal(a.Name, b.Name);
        return order != 0 ? order : string.Compare(a.Version, b.Version, CultureInfo.InvariantCulture, CompareOptions.Ordinal);
    });
}
