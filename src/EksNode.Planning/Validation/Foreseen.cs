using EksNode.Configuration.Expressions;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Containerd;
using EksNode.Planning.Decisions;
using EksNode.Planning.Facts;
using EksNode.Planning.Kubelet;
using EksNode.Planning.Storage;
using EksNode.Planning.Sysconfig;

namespace EksNode.Planning.Validation;

/// <summary>
/// What a plan would find on every instance: the rules of the components that need no facts, and those of decisions that say the same for
/// each instance type of the catalog.
/// </summary>
internal static class Foreseen
{
    private const string AnyType = "any instance type";

    /// <summary>Reports it.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="planned">Whether there is a plan: then its decisions are for the instance, and nothing is said of others.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static void Check(NodeConfig config, bool planned, DiagnosticBag diagnostics)
    {
        KernelComponent.Check(config, diagnostics, predicting: false);
        RegistriesComponent.Check(config, diagnostics);
        StorageComponent.Check(config.Instance, diagnostics);
        if (planned)
        {
            return;
        }

        if (config.Kubelet.Replaces)
        {
            KubeletReplacement.ReportUnused(config, config.MaxPods.Value?.Value, diagnostics);
        }
        else if (config.MaxPods.Value is { } maxPods)
        {
            Reserved.TellOfOverride(config, Reserved.EffectiveMaxPods(config.Kubelet), maxPods, diagnostics);
        }

        Expression(config, diagnostics);
        Networking(config, diagnostics);
        var shortest = Shortest(config);
        NodeLabelling.Labels(config, shortest, diagnostics);
        NodeLabelling.Taints(config, shortest, diagnostics);
    }

    // It may be meant for one instance type: only what none has a number for is a mistake.
    private static void Expression(NodeConfig config, DiagnosticBag diagnostics)
    {
        var own = config.MaxPods.IsSet;
        var expression = config.MaxPods.Value is not null ? null : own ? config.MaxPods.Expression : config.Kubelet.MaxPodsExpression;
        if (expression is null || MaxPodsExpression.Validate(expression.Value, own) is not null)
        {
            return;
        }

        MaxPodsResult? result = null;
        foreach (var type in InstanceCatalog.All)
        {
            var (enis, addresses) = (type.DefaultCardMaxEnis, type.Ipv4PerEni);
            var standard = EniLimits.MaxPods(enis, addresses);
            result = own
                ? MaxPodsExpression.Evaluate(expression.Value, enis, addresses, standard, type.Vcpus, type.MemoryMib)
                : MaxPodsExpression.Evaluate(expression.Value, enis, addresses, standard);
            if (result.MaxPods is not null)
            {
                return;
            }
        }

        if (result is not null)
        {
            MaxPods.ReportUnused(expression, own ? "spec.maxPods.expression" : "spec.kubelet.maxPodsExpression", $"for {AnyType}", result, own, diagnostics);
        }
    }

    private static void Networking(NodeConfig config, DiagnosticBag diagnostics)
    {
        if (config.MaxPods is not { Value: null, Expression: null, Network: { } origin })
        {
            return;
        }

        var networking = OwnMaxPods.Networking(config.MaxPods, config.Cluster.Cidr?.Value.Contains(':', StringComparison.Ordinal) == true);
        List<ValueProblem>? common = null;
        foreach (var type in InstanceCatalog.All)
        {
            var warnings = RecommendedMaxPods.Of(PodLimits.Of(type), networking, AnyType).Warnings;
            common ??= [.. warnings];
            common.RemoveAll(c => !warnings.Any(w => w.Message == c.Message));
            if (common.Count == 0)
            {
                return;
            }
        }

        foreach (var warning in common ?? [])
        {
            diagnostics.Report(DiagnosticCatalogue.PodNetworkingUnused, warning.Message, warning.Help, origin, "spec.maxPods");
        }
    }

    // Values of facts that are as short as they can be: what is too long with them is too long on every instance.
    private static NodeFacts Shortest(NodeConfig config)
    {
        var tags = SortedMap.Empty<string>();
        foreach (var template in config.Labels.Values.Select(l => l.Value).Concat(config.Taints.Where(t => t.Value.Value is not null).Select(t => t.Value.Value!)))
        {
            foreach (var part in template.Parts)
            {
                if (part.Fact is { } fact && Template.TagOf(fact) is { } tag)
                {
                    tags = tags.SetItem(tag, "a");
                }
            }
        }

        return new NodeFacts
        {
            Instance = new InstanceFacts
            {
                AvailabilityZone = "us-east-1a",
                Id = "i-12345678",
                Lifecycle = "spot",
                Partition = 1,
                PlacementGroup = "a",
                Region = "us-east-1",
                Type = "t2.nano",
                Tags = tags,
            },
        };
    }
}
