using EksNode.Configuration.Text;
using EksNode.Planning.Facts;
using EksNode.Planning.Image;

namespace EksNode.Planning.Decisions;

/// <summary>
/// The image of the container that holds a pod's namespaces: the one that the image carries, under a name of this instance alone, so
/// that no registry is needed to start a pod; where it carries none, the one of the region's ECR registry of EKS.
/// </summary>
/// <remarks>
/// <see cref="EksRegistry"/> knows these registries. <c>spec.containerd.config</c> overrides either.
/// </remarks>
public static class SandboxImage
{
    /// <summary>The name under which an image build tags the pause image.</summary>
    public const string Local = "localhost/kubernetes/pause:latest";

    /// <summary>The pause image that an image build fetches; the version is that of EKS-optimized images.</summary>
    public static string Published => "public.ecr.aws/eks-distro/kubernetes/pause:" + ImageDefaults.Pause;

    // The same in the EKS add-on registries.
    private static string Repository => "eks/pause:" + ImageDefaults.Pause;

    /// <summary>Decides.</summary>
    /// <param name="facts">The facts.</param>
    /// <param name="region">The region of the instance.</param>
    public static Sourced<string> Decide(NodeFacts facts, string region)
    {
        if (facts.Image.PauseImage is not false)
        {
            return new Sourced<string>(Local, Origin.Default("the pause image that the node image carries"));
        }

        var registry = EksRegistry.Of(region);
        return new Sourced<string>(
            $"{registry.Host(facts.Image.Fips is true)}/{Repository}",
            facts.OriginOf("image.pauseImage", $"the image carries no pause image, and {registry.Account} is the registry of EKS for {region}"));
    }
}
