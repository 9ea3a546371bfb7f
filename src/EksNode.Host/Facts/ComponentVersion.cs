using EksNode.Configuration.Values;

namespace EksNode.Host.Facts;

/// <summary>Versions in what people and programs write.</summary>
internal static class ComponentVersion
{
    /// <summary>
    /// The first version in a text, <c>1.33.4</c>, without <c>v</c> and without what follows the patch number:
    /// <c>Kubernetes v1.33.4-eks-3abbec1</c>, <c>containerd github.com/containerd/containerd/v2 v2.1.4 …</c>. Null when there is none.
    /// </summary>
    public static string? Find(string text) => SemanticVersion.Find(text)?.ToString();
}
