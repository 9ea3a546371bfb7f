using EksNode.Aws;
using EksNode.Configuration;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Host.Facts;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using EksNode.Planning;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;

namespace EksNode;

/// <summary>What a verb asks the pipeline for.</summary>
/// <param name="Root">The root folder of the node.</param>
/// <param name="Sources">The configuration sources as given; empty: the default ones.</param>
/// <param name="FactsFile">A facts file instead of IMDS, AWS and host.</param>
public sealed record PipelineRequest(string Root, IReadOnlyList<string> Sources, string? FactsFile);

/// <summary>What the pipeline found.</summary>
/// <param name="Config">The merged configuration.</param>
/// <param name="Facts">The facts.</param>
public sealed record NodeView(NodeConfig Config, NodeFacts Facts);

/// <summary>
/// Sources and machine → configuration, facts, plan: the one path that every verb takes. What is wrong is collected in
/// <see cref="Diagnostics"/>.
/// </summary>
public sealed class NodePipeline(CommandIo io, HostRoot root, ILog log, Timeline timeline, Redactor redactor)
{
    /// <summary>Everything found on the way.</summary>
    public DiagnosticBag Diagnostics { get; } = new();
}
