using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Image;

/// <summary>eksnode itself, which units and kubeconfigs name, and the names under which it stands in for other programs.</summary>
internal sealed class OwnProgramComponent : IImageComponent
{
    // Tools of EKS-optimized images and kubeconfigs call these. The credential provider's link is join's, beside the configuration that names it.
    private static readonly string[] Names = ["aws-iam-authenticator", "nodeadm", "nodeadm-internal"];

    /// <inheritdoc/>
    public string Name => "eksnode";

    /// <inheritdoc/>
    public string AtBoot => "no: it is eksnode that a join runs";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(ImageContext context)
    {
        yield return new OwnProgramResource
        {
            Path = NodePaths.Eksnode,
            Reasons = [new Reason("image.program", NodePaths.Eksnode, Origin.Default("the units of a join run it"))],
        };
        foreach (var name in Names)
        {
            yield return new SymlinkResource
            {
                Path = "/usr/bin/" + name,
                Target = "eksnode",
                Reasons = [new Reason("image.program", name, Origin.Default("eksnode takes the arguments of this program"))],
            };
        }
    }
}
