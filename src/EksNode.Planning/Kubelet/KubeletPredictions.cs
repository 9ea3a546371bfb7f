using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Planning.Kubelet;

/// <summary>
/// What the kubelet will refuse or not know of the user's settings. They are written as asked; the warning is the likely cause
/// when the kubelet then does not start.
/// </summary>
internal static class KubeletPredictions
{
    /// <summary>Reports what is wrong with the user's kubelet configuration and flags.</summary>
    /// <param name="config">The merged configuration.</param>
    /// <param name="kubelet">The kubelet's version; null when it is not known.</param>
    /// <param name="generated">The generated configuration below the user's, when there is a plan.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static void Report(NodeConfig config, SemanticVersion? kubelet, TreeMap? generated, DiagnosticBag diagnostics)
    {
        if (config.Kubelet.Config is { } document)
        {
            KubeletConfigRules.Check(document, kubelet, diagnostics, predicting: true, generated);
        }

        KubeletFlagRules.Check(UserArguments.Quoted(config.Kubelet.Flags), kubelet, diagnostics, predicting: true, config: config.Kubelet.Config, generated: generated);
    }
}
