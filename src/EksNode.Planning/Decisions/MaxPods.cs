using EksNode.Configuration.Expressions;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Decisions;

/// <summary>
/// How many pods the node may run: what its network interfaces have addresses for, or what <c>spec.kubelet.maxPodsExpression</c>
/// makes of it. It is not capped: neither is that of an EKS-optimized image.
/// </summary>
internal static class MaxPods
{
    /// <summary>The kubelet's own default, for an instance type whose limits are not known (KubeletConfiguration v1beta1, maxPods).</summary>
    private const int KubeletDefault = 110;

    /// <summary>Decides; an unknown instance type and an unusable expression are warnings.</summary>
    public static Sourced<int> Decide(NodeConfig config, NodeFacts facts, DiagnosticBag diagnostics)
    {
        var expression = config.Kubelet.MaxPodsExpression;
        if (Limits(facts) is not { } limits)
        {
            return Unknown(facts, expression, diagnostics);
        }

        var (enis, addresses) = (limits.Value.DefaultCardEnis, limits.Value.Ipv4PerEni);
        var number = EniLimits.MaxPods(enis, addresses);
        var standard = new Sourced<int>(
            number, limits.Origin.Because($"{facts.Instance.Type}: {enis} interfaces × ({addresses} addresses − 1) + 2 = {number}"));
        return expression is null ? standard : Evaluate(expression, limits.Value, standard, diagnostics);
    }

    private static Sourced<int> Evaluate(
        Sourced<string> expression, InstanceTypeFacts limits, Sourced<int> standard, DiagnosticBag diagnostics)
    {
        var result = MaxPodsExpression.Evaluate(expression.Value, limits.DefaultCardEnis, limits.Ipv4PerEni, standard.Value);
        if (result.MaxPods is { } number)
        {
            return new Sourced<int>(
                number,
                expression.Origin.Because(
                    $"{expression.Value} with default_enis = {limits.DefaultCardEnis}, ips_per_eni = {limits.Ipv4PerEni}, max_pods = {standard.Value} gives {number}"));
        }

        // An expression that is wrong for every instance was reported where it was read.
        if (MaxPodsExpression.Validate(expression.Value) is null)
        {
            diagnostics.Report(
                DiagnosticCatalogue.MaxPodsExpressionUnused,
                $"`spec.kubelet.maxPodsExpression` is not used for this instance type, and max pods is {standard.Value}: {result.Error?.Message.TrimEnd('.')}.",
                "Write a CEL expression of `default_enis`, `ips_per_eni` and `max_pods` that gives 1 or more for every instance type that uses it.",
                expression.Origin,
                "spec.kubelet.maxPodsExpression");
        }

        return standard;
    }

    private static Sourced<InstanceTypeFacts>? Limits(NodeFacts facts)
    {
        if (facts.InstanceType is { } told)
        {
            return new Sourced<InstanceTypeFacts>(told, facts.OriginOf("instanceType"));
        }

        return facts.Instance.Type is { } type && InstanceCatalog.Find(type) is { } entry
            ? new Sourced<InstanceTypeFacts>(new InstanceTypeFacts(entry.DefaultCardMaxEnis, entry.Ipv4PerEni), facts.OriginOf("instance.type"))
            : null;
    }

    private static Sourced<int> Unknown(NodeFacts facts, Sourced<string>? expression, DiagnosticBag diagnostics)
    {
        var type = facts.Instance.Type;
        diagnostics.Report(
            DiagnosticCatalogue.InstanceTypeUnknown,
            (type is null ? "The instance type is not known" : $"The limits of the instance type `{type}` are not known")
                + $", so max pods is {KubeletDefault}"
                + (expression is null ? "." : ", and `spec.kubelet.maxPodsExpression` is not used."),
            "Set `spec.kubelet.config.maxPods`, or allow the node's role to call `ec2:DescribeInstanceTypes`, or give `instanceType` in the facts file.",
            expression?.Origin,
            "instance.type");
        return new Sourced<int>(KubeletDefault, Origin.Default($"the limits of {type ?? "the instance type"} are not known, and this is the kubelet's own default"));
    }
}
