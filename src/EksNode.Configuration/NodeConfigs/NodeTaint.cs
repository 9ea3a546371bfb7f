using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>One of <c>spec.taints</c>: a taint whose value may have facts of the instance in it.</summary>
public sealed class NodeTaint
{
    /// <summary><c>key</c>.</summary>
    public required string Key { get; init; }

    /// <summary><c>value</c>; null: none.</summary>
    public Template? Value { get; init; }

    /// <summary><c>effect</c>: <c>NoSchedule</c>, <c>PreferNoSchedule</c> or <c>NoExecute</c>.</summary>
    public required string Effect { get; init; }
}
