using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Image;
using EksNode.Planning.Sysconfig;

namespace EksNode.Planning.Validation;

/// <summary>
/// What an image gives every node that starts from it: <c>spec.node</c> is checked as a NodeConfig is, for the kubelet and the containerd of the image, and
/// <c>spec.kernel</c> against that kubelet. A mistake here is in every node, so that what join merely predicts is an error.
/// </summary>
internal static class ImageNodeCheck
{
    /// <summary>Reports it, with the paths of the ImageConfig.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="decisions">The image; null when it is not known what its kubelet and containerd are.</param>
    /// <param name="diagnostics">What was said already, and where to report.</param>
    public static void Report(ImageConfig config, ImageDecisions? decisions, DiagnosticBag diagnostics)
    {
        if (config.NodeSettings is { } node)
        {
            // What the reader said of a place is not said again.
            var found = new DiagnosticBag();
            found.AddRange(diagnostics.Items);
            var said = found.Items.Count;
            ConfigurationCheck.Report(node, new CheckTarget(decisions?.Kubernetes.Value, decisions?.Containerd, Whole: false), found);
            foreach (var item in found.Items.Skip(said))
            {
                // That containerd is too old for the kubelet is a rule of images, too, and said of the setting.
                if (item.Code != DiagnosticCatalogue.ContainerdTooOld.Code)
                {
                    diagnostics.Add(ImageNode.Below(item));
                }
            }
        }

        Sysctls(config, diagnostics);
    }

    // The node's own settings are read after those of the image, and win.
    private static void Sysctls(ImageConfig config, DiagnosticBag diagnostics)
    {
        var node = config.NodeSettings ?? NodeConfig.Empty;
        var sysctls = config.Kernel.Sysctls;
        foreach (var name in node.Kernel.Sysctls.Keys)
        {
            sysctls = sysctls.Remove(name);
        }

        var found = new DiagnosticBag();
        KernelComponent.Check(node with { Kernel = new KernelSettings { Sysctls = sysctls } }, found, predicting: false);
        foreach (var item in found.Items)
        {
            // The kernel's settings are the image's, the kubelet's stand below `spec.node`.
            diagnostics.Add(ImageNode.Below(item) with { Path = item.Path });
        }
    }
}
