using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Kubelet;

/// <summary>What had a say in a value.</summary>
public enum SettingLayer
{
    /// <summary>The kubelet's own default.</summary>
    Kubelet,

    /// <summary>What eksnode generates, compliance profile and limits included.</summary>
    Generated,

    /// <summary>The user's kubelet configuration.</summary>
    Configuration,

    /// <summary>A command line flag of the kubelet.</summary>
    Flag,
}

/// <summary>One value of a layer.</summary>
/// <param name="layer">The layer.</param>
/// <param name="value">The value; null scalar: it takes back what is below it.</param>
public sealed class LayerValue(SettingLayer layer, TreeNode value)
{
    /// <summary>The layer.</summary>
    public SettingLayer Layer { get; } = layer;

    /// <summary>The value with its origin.</summary>
    public TreeNode Value { get; } = value;
}

/// <summary>One leaf of the configuration that the running kubelet has.</summary>
/// <param name="path">The path below <c>kubelet</c>: <c>evictionHard.memory.available</c>.</param>
/// <param name="layer">The layer that decided it.</param>
/// <param name="value">The value, in the form in which the kubelet's <c>/configz</c> has it.</param>
/// <param name="replaced">The values of the layers below, the highest first.</param>
public sealed class EffectiveSetting(string path, SettingLayer layer, TreeNode value, ImmutableArray<LayerValue> replaced)
{
    /// <summary>The path: <c>evictionHard.memory.available</c>.</summary>
    public string Path { get; } = path;

    /// <summary>The layer that decided it.</summary>
    public SettingLayer Layer { get; } = layer;

    /// <summary>The value, whose origin is what decided it.</summary>
    public TreeNode Value { get; } = value;

    /// <summary>What decided it.</summary>
    public Origin Origin => Value.Origin;

    /// <summary>The values of the layers below, the highest first.</summary>
    public ImmutableArray<LayerValue> Replaced { get; } = replaced;
}
