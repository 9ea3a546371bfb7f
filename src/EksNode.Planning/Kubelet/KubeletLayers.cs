using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Decisions;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Kubelet;

/// <summary>
/// The configuration that eksnode generates for the kubelet, lowest layer first: the defaults of an EKS-optimized image, the compliance
/// profile of the image, <c>spec.limits.podPidsLimit</c>. The user's document comes over it as a drop-in, or instead of it.
/// </summary>
internal static class KubeletLayers
{
    private const string PodPids = "podPidsLimit";

    /// <summary>The generated document after each layer; the last one is written.</summary>
    public static ImmutableArray<TreeMap> Of(PlanContext context)
    {
        var defaults = KubeletConfigurationDocument.Of(context.Decisions);
        var hardened = context.Decisions.Profile.Harden(NodePaths.KubeletConfig, defaults, formula => Formula(formula, context));
        return context.Config.Limits.PodPidsLimit is { } limit ? [defaults, hardened, WithPodPidsLimit(hardened, limit, context)] : [defaults, hardened];
    }

    private static TreeMap WithPodPidsLimit(TreeMap document, Sourced<string> limit, PlanContext context)
    {
        if (context.Config.Kubelet.Replaces)
        {
            return document;
        }

        if (limit.Value != LimitSettings.Auto)
        {
            return Plans.Entries.Insert(document, PodPids, new TreeScalar(ScalarKind.Integer, limit.Value, limit.Origin));
        }

        var (value, why) = PodPidsLimit(context);
        return Plans.Entries.Insert(document, PodPids, TreeScalar.Of(value, limit.Origin.Because(why.Note ?? "")));
    }

    // Values of a profile that are no constants.
    private static Sourced<long> Formula(string name, PlanContext context) => name == PodPids
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
