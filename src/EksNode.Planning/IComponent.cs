using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Decisions;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;

namespace EksNode.Planning;

/// <summary>What a component plans from.</summary>
/// <param name="Config">The merged configuration.</param>
/// <param name="Facts">The facts.</param>
/// <param name="Decisions">What several components need, derived once.</param>
/// <param name="Diagnostics">Where it reports.</param>
public sealed record PlanContext(NodeConfig Config, NodeFacts Facts, NodeDecisions Decisions, DiagnosticBag Diagnostics);

/// <summary>One part of a node: configuration, facts and decisions in, resources out. It is pure and imports no other component.</summary>
public interface IComponent
{
    /// <summary>The name in logs and timelines.</summary>
    string Name { get; }

    /// <summary>The resources that this part of the node needs.</summary>
    IEnumerable<Resource> Plan(PlanContext context);
}
