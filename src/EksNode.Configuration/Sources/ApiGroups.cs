namespace EksNode.Configuration.Sources;

/// <summary>The API groups and kinds of configuration documents.</summary>
public static class ApiGroups
{
    /// <summary>The group of the NodeConfig API of Amazon EKS.</summary>
    public const string NodeEks = "node.eks.aws";

    /// <summary>The group of eksnode's own API, a superset.</summary>
    public const string EksNode = "eksnode.io";

    /// <summary>The only version of both groups.</summary>
    public const string Version = "v1alpha1";

    /// <summary><c>node.eks.aws/v1alpha1</c>.</summary>
    public const string NodeEksV1Alpha1 = NodeEks + "/" + Version;

    /// <summary><c>eksnode.io/v1alpha1</c>.</summary>
    public const string EksNodeV1Alpha1 = EksNode + "/" + Version;

    /// <summary>The kind of a node's configuration, in both groups.</summary>
    public const string NodeConfig = "NodeConfig";

    /// <summary>The kind of an image's configuration, in eksnode's group.</summary>
    public const string ImageConfig = "ImageConfig";

    /// <summary>Whether the apiVersion is of one of the two groups, in any version.</summary>
    public static bool IsOurs(string apiVersion) =>
        apiVersion.StartsWith(NodeEks + "/", StringComparison.Ordinal) || apiVersion.StartsWith(EksNode + "/", StringComparison.Ordinal);
}
