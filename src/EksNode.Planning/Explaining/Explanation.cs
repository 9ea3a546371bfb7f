using System.Collections.Immutable;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Explaining;

/// <summary>A value that something above it replaced.</summary>
/// <param name="layer">Whose it was: <c>the kubelet</c>, <c>containerd</c>, <c>eksnode</c>, <c>configuration</c>, <c>flag</c>.</param>
/// <param name="value">The value, redacted.</param>
/// <param name="origin">What decided it.</param>
public sealed class ReplacedValue(string layer, string value, Origin origin)
{
    /// <summary>Whose it was.</summary>
    public string Layer { get; } = layer;

    /// <summary>The value, redacted.</summary>
    public string Value { get; } = value;

    /// <summary>What decided it.</summary>
    public Origin Origin { get; } = origin;
}

/// <summary>Why one setting, file or unit is what it is.</summary>
public sealed class Explanation
{
    /// <summary>What it is called on the command line: <c>kubelet.maxPods</c>, <c>/etc/containerd/config.toml</c>, <c>kubelet.service</c>.</summary>
    public required string Target { get; init; }

    /// <summary><c>setting</c>, <c>file</c>, <c>unit</c>, or the kind of another resource: <c>mount</c>, <c>sysctl</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The value, redacted; null: it is not set. Of a file what it is, of a unit what it does.</summary>
    public string? Value { get; init; }

    /// <summary>What decided it; null: nothing did, it is not set.</summary>
    public Origin? Origin { get; init; }

    /// <summary>The parts of a value that is a list, each with what decided it; empty where one thing decided all of it.</summary>
    public ImmutableArray<Sourced<string>> Parts { get; init; } = [];

    /// <summary>Whose value it is: <c>the kubelet</c>, <c>containerd</c>, <c>eksnode</c>, <c>configuration</c>, <c>flag</c>.</summary>
    public string Layer { get; init; } = "eksnode";

    /// <summary>What it replaced, the highest first.</summary>
    public ImmutableArray<ReplacedValue> Replaced { get; init; } = [];

    /// <summary>
    /// The setting that would change it: the one that decided it, or, where none did, the one that would, as <c>spec.maxPods</c>; empty:
    /// nothing does.
    /// </summary>
    public string Change { get; init; } = "";

    /// <summary>Another setting, which wins over <see cref="Change"/>: <c>spec.kubelet.config.maxPods</c>; empty: there is none.</summary>
    public string Override { get; init; } = "";

    /// <summary>The settings of a NodeConfig that have a say in it, or had one before it was replaced.</summary>
    public ImmutableArray<string> Settings { get; init; } = [];

    /// <summary>The settings of a NodeConfig that would have one.</summary>
    public ImmutableArray<string> OtherSettings { get; init; } = [];

    /// <summary>What else it is called: the id and the path of a resource, a name of the other schema of containerd.</summary>
    public ImmutableArray<string> Names { get; init; } = [];

    /// <summary>Whether it belongs into a list of everything; what nobody set is told only when it is asked for.</summary>
    public bool IsListed { get; init; } = true;

    /// <summary>More about it, one sentence or list a line: a file's units, a unit's files.</summary>
    public ImmutableArray<string> Details { get; init; } = [];
}
