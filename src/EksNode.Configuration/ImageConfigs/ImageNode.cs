using EksNode.Configuration.Text;

namespace EksNode.Configuration.ImageConfigs;

/// <summary><c>spec.node</c> of an ImageConfig is the <c>spec</c> of a NodeConfig: what is said of one is said with the paths of the other.</summary>
public static class ImageNode
{
    private const string Spec = "spec";
    private const string Node = "spec.node";

    /// <summary>A finding about a NodeConfig, as one about the <c>spec.node</c> that it stands under: <c>spec.kubelet</c> is <c>spec.node.kubelet</c>.</summary>
    public static Diagnostic Below(Diagnostic finding) => finding with
    {
        Message = Words(finding.Message),
        Help = Words(finding.Help),
        Path = finding.Path is { } path && (path == Spec || path.StartsWith(Spec + ".", StringComparison.Ordinal)) ? Node + path[Spec.Length..] : finding.Path,
    };

    private static string Words(string text) => text
        .Replace($"`{Spec}.", $"`{Node}.", StringComparison.Ordinal)
        .Replace($"`{Spec}`", $"`{Node}`", StringComparison.Ordinal);
}
