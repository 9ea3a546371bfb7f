using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Image;

/// <summary>Container images that a node has before its first pod, and that the kubelet does not collect.</summary>
internal sealed class CachedImageComponent : IImageComponent
{
    /// <summary>The pause image of EKS-optimized images; every pod has one, so it is always there.</summary>
    public const string Pause = "public.ecr.aws/eks-distro/kubernetes/pause:3.10";

    private const string Folder = "/var/lib/containerd";

    /// <inheritdoc/>
    public string Name => "container images";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(ImageContext context)
    {
        yield return Image(Pause, Origin.Default("every pod begins with it"));
        if (context.Config.Images is { } images)
        {
            foreach (var name in images.Value.Distinct(StringComparer.Ordinal))
            {
                if (name != Pause)
                {
                    yield return Image(name, images.Origin);
                }
            }
        }
    }

    private static ContainerImageResource Image(string name, Origin origin) =>
        new() { Path = Folder, Name = name, Reasons = [new Reason("images", name, origin)] };
}
