using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Planning.Decisions;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Kubelet;

/// <summary>
/// The configuration that eksnode generates for the kubelet, lowest layer first: the defaults of an EKS-optimized image, the compliance
/// profile of the image. The user's document comes over it as a drop-in, or instead of it.
/// </summary>
internal static class KubeletLayers
{
    /// <summary>The generated document after each layer; the last one is written.</summary>
    public static ImmutableArray<TreeMap> Of(PlanContext context)
    {
        var defaults = KubeletConfigurationDocument.Of(context.Decisions);
        return [defaults, context.Decisions.Profile.Harden(NodePaths.KubeletConfig, defaults, formula => Formula(formula, context))];
    }

    // Values of a profile that are no constants.
    private static Sourced<long> Formula(string name, PlanContext context) => name == "podPidsLimit"
        ? PodPidsLimit(context)
        : throw new InvalidOperationException($"A compliance profile names the formula {name}, which is none.");

    private static Sourced<long> PodPidsLimit(PlanContext context)
    {
        var pods = Reserved.EffectiveMaxPods(context.Config.Kubelet) ?? context.Decisions.MaxPods;
        var limit = PodPidsLimitFormula.Of(pods.Value);
        return new Sourced<long>(limit, pods.Origin.Because(string.Create(
            CultureInfo.InvariantCulture, $"90 % of {PodPidsLimitFormula.PidMax} process ids for {pods.Value} pods = {limit} each")));
    }
}
