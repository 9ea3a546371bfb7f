using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Planning.Decisions;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Image;

/// <summary>Container images that a node has before its first pod, and that the kubelet does not collect.</summary>
internal sealed class CachedImageComponent : IImageComponent
{
    private const string Folder = "/var/lib/containerd";

    /// <inheritdoc/>
    public string Name => "container images";

    /// <inheritdoc/>
    public string AtBoot => "`spec.images.prefetch` of a NodeConfig, once the node has started; without the pause image no pod starts before a registry answers";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(ImageContext context)
    {
        var pause = SandboxImage.Published;
        yield return Image(pause, Origin.Default("every pod begins with it"), SandboxImage.Local);
        if (context.Config.Images is { } images)
        {
            foreach (var name in images.Value.Distinct(StringComparer.Ordinal))
            {
                if (name != pause)
                {
                    yield return Image(name, images.Origin);
                }
            }
        }
    }

    private static ContainerImageResource Image(string name, Origin origin, params ImmutableArray<string> tags) =>
        new() { Path = Folder, Name = name, Tags = tags, Reasons = [new Reason("images", name, origin)] };
}
