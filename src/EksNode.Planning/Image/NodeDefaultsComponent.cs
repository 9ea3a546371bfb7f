using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Image;

/// <summary><c>spec.node</c> as the lowest source of every join on the image.</summary>
internal sealed class NodeDefaultsComponent : IImageComponent
{
    /// <summary>The file, which a join reads before user data.</summary>
    public const string Path = "/etc/eksnode/node.d/00-image.yaml";

    /// <inheritdoc/>
    public string Name => "node defaults";

    /// <inheritdoc/>
    public string AtBoot => "user data, which wins over them";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(ImageContext context)
    {
        if (context.Config.Node is not { } node)
        {
            yield break;
        }

        var made = Origin.Default("an image's part of the configuration");
        var document = new TreeMap(
            [
                new TreeEntry("apiVersion", made, TreeScalar.Of(ApiGroups.EksNodeV1Alpha1, made)),
                new TreeEntry("kind", made, TreeScalar.Of(ApiGroups.NodeConfig, made)),
                new TreeEntry("spec", made, node),
            ],
            made);
        yield return new FileResource
        {
            Path = Path,
            Content = [.. Encoding.UTF8.GetBytes(YamlWriter.Write(document))],
            Mode = FileModes.Secret,
            Sensitive = true,
            Document = document,
            Reasons = Reasons.OfLeaves("node", node),
        };
    }
}
