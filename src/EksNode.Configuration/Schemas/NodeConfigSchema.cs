using EksNode.Configuration.Documents;
using EksNode.Configuration.Sources;

namespace EksNode.Configuration.Schemas;

/// <summary>
/// The JSON Schema (2020-12) of a NodeConfig, for editors: made of the table of settings and, below <c>spec.kubelet.config</c>, of the table
/// of the kubelet's fields. A key that neither knows does not conform.
/// </summary>
public static class NodeConfigSchema
{
    /// <summary>The schema of an API group's documents.</summary>
    /// <param name="ownGroup">Whether of <c>eksnode.io/v1alpha1</c>, which has more settings, or of <c>node.eks.aws/v1alpha1</c>.</param>
    public static string Write(bool ownGroup)
    {
        var version = ownGroup ? ApiGroups.EksNodeV1Alpha1 : ApiGroups.NodeEksV1Alpha1;
        return SchemaNode.Write($"{ApiGroups.NodeConfig} ({version})", Fields(ownGroup, version));
    }

    /// <summary>The schema of the <c>spec</c> of a document of eksnode's own group, which an ImageConfig holds.</summary>
    internal static TreeMap Spec() =>
        SchemaNode.Of(Fields(ownGroup: true, ApiGroups.EksNodeV1Alpha1)).Child("spec").Schema();

    private static IEnumerable<NodeConfigField> Fields(bool ownGroup, string version)
    {
        foreach (var field in NodeConfigField.All())
        {
            if (ownGroup || !field.IsOwn)
            {
                yield return field.Path == "apiVersion" ? field with { Values = [version] } : field;
            }
        }
    }
}
