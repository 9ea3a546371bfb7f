using EksNode.Configuration.Expressions;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Decisions;

/// <summary>
/// How many pods eksnode lets the kubelet run: what <c>spec.maxPods</c> says, else what <c>spec.kubelet.maxPodsExpression</c> makes of the
/// network interfaces' addresses, else as many as they have addresses for. The last two are not capped: neither are those of an
/// EKS-optimized image.
/// </summary>
internal static class MaxPods
{
    private const int KubeletDefault = RecommendedMaxPods.OfUnknownType;

    /// <summary>Decides; an unknown instance type and an unusable expression are warnings.</summary>
    /// <param name="config">The merged configuration.</param>
    /// <param name="facts">The facts.</param>
    /// <param name="isIpv6">Whether the cluster gives pods IPv6 addresses.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static Sourced<int> Decide(NodeConfig config, NodeFacts facts, bool isIpv6, DiagnosticBag diagnostics)
    {
        var settings = config.MaxPods;
        var expression = settings.IsSet ? settings.Expression : config.Kubelet.MaxPodsExpression;
        if (Limits(facts) is not { } limits)
        {
            return settings.Value ?? Unknown(facts, expression, settings.IsSet, diagnostics);
        }

        var (enis, addresses) = (limits.Value.Interfaces, limits.Value.Addresses);
        var number = EniLimits.MaxPods(enis, addresses);
        var standard = new Sourced<int>(
            number, limits.Origin.Because($"{facts.Instance.Type}: {enis} interfaces × ({addresses} addresses − 1) + 2 = {number}"));
        if (settings.IsSet)
        {
            return OwnMaxPods.Decide(settings, facts, isIpv6, limits.Value, standard, diagnostics);
        }

        return expression is null
            ? standard
            : Expressed(expression, "spec.kubelet.maxPodsExpression", MaxPodsExpression.Evaluate(expression.Value, enis, addresses, number), false, limits.Value, standard, diagnostics);
    }

    /// <summary>What an expression gave, or the standard value where that is no usable number.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="path">Its setting.</param>
    /// <param name="result">What it gave.</param>
    /// <param name="own">Whether it is <c>spec.maxPods.expression</c>.</param>
    /// <param name="limits">The instance type's limits.</param>
    /// <param name="standard">The standard value.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static Sourced<int> Expressed(
        Sourced<string> expression, string path, MaxPodsResult result, bool own, PodLimits limits, Sourced<int> standard, DiagnosticBag diagnostics)
    {
        if (result.MaxPods is { } number)
        {
            return new Sourced<int>(
                number,
                expression.Origin.Because(
                    $"{expression.Value} with default_enis = {limits.Interfaces}, ips_per_eni = {limits.Addresses}, max_pods = {standard.Value} gives {number}"));
        }

        // An expression that is wrong for every instance was reported where it was read.
        if (MaxPodsExpression.Validate(expression.Value, own) is null)
        {
            ReportUnused(expression, path, $"for this instance type, and max pods is {standard.Value}", result, own, diagnostics);
        }

        return standard;
    }

    /// <summary>Reports an expression that gives no number.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="path">Its setting.</param>
    /// <param name="where">Where it is not used, after "is not used".</param>
    /// <param name="result">What it gave.</param>
    /// <param name="own">Whether it is <c>spec.maxPods.expression</c>.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static void ReportUnused(Sourced<string> expression, string path, string where, MaxPodsResult result, bool own, DiagnosticBag diagnostics) => diagnostics.Report(
        DiagnosticCatalogue.MaxPodsExpressionUnused,
        $"`{path}` is not used {where}: {result.Error?.Message.TrimEnd('.')}.",
        $"Write a CEL expression of `default_enis`, `ips_per_eni`{(own ? ", `max_pods`, `cpus` and `memory_mib`" : " and `max_pods`")} that gives 1 or more for every instance type that uses it.",
        expression.Origin,
        path);

    private static Sourced<PodLimits>? Limits(NodeFacts facts)
    {
        var known = facts.Instance.Type is { } type && InstanceCatalog.Find(type) is { } entry ? PodLimits.Of(entry) : null;
        if (facts.InstanceType is { } told)
        {
            // Every type that the catalog does not know yet is of the Nitro System.
            var limits = new PodLimits(told.DefaultCardEnis, told.Ipv4PerEni, known?.Vcpus)
            {
                HasPrefixes = known is null ? true : known.HasPrefixes,
                Family = known?.Family ?? facts.Instance.Type?.Split('.')[0] ?? "",
            };
            return new Sourced<PodLimits>(limits, facts.OriginOf("instanceType"));
        }

        return known is null ? null : new Sourced<PodLimits>(known, facts.OriginOf("instance.type"));
    }

    private static Sourced<int> Unknown(NodeFacts facts, Sourced<string>? expression, bool own, DiagnosticBag diagnostics)
    {
        var type = facts.Instance.Type;
        var unused = own ? "spec.maxPods" : expression is null ? null : "spec.kubelet.maxPodsExpression";
        diagnostics.Report(
            DiagnosticCatalogue.InstanceTypeUnknown,
            (type is null ? "The instance type is not known" : $"The limits of the instance type `{type}` are not known")
                + $", so max pods is {KubeletDefault}"
                + (unused is null ? "." : $", and `{unused}` is not used."),
            "Set `spec.kubelet.config.maxPods`, or allow the node's role to call `ec2:DescribeInstanceTypes`, or give `instanceType` in the facts file.",
            expression?.Origin,
            "instance.type");
        return new Sourced<int>(KubeletDefault, Origin.Default($"the limits of {type ?? "the instance type"} are not known, and this is the kubelet's own default"));
    }
}
