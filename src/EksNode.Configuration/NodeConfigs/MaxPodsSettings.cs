using EksNode.Configuration.Text;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>
/// <c>spec.maxPods</c>: how many pods the node may run. It has three forms: a number, an expression, or the options of the pod network that
/// AWS's recommended value follows from. Of several documents the form of the last one counts.
/// </summary>
public sealed class MaxPodsSettings
{
    /// <summary>A cap that nothing reaches: <c>None</c>.</summary>
    public const int NoCap = int.MaxValue;

    /// <summary><c>value</c>, or <c>spec.maxPods</c> itself: the number, as it is.</summary>
    public Sourced<int>? Value { get; init; }

    /// <summary><c>expression</c>: a CEL expression, with <c>min</c>, <c>max</c> and <c>clamp</c>.</summary>
    public Sourced<string>? Expression { get; init; }

    /// <summary><c>prefixDelegation</c>: interfaces have prefixes of 16 addresses. Default: false.</summary>
    public Sourced<bool>? PrefixDelegation { get; init; }

    /// <summary><c>customNetworking</c>: pods are in other subnets, and the first interface has none. Default: false.</summary>
    public Sourced<bool>? CustomNetworking { get; init; }

    /// <summary><c>securityGroupsForPods</c>: one interface is the trunk of pods with security groups of their own. Default: false.</summary>
    public Sourced<bool>? SecurityGroupsForPods { get; init; }

    /// <summary><c>reservedEnis</c>: network interfaces that are not for pods. Default: 0.</summary>
    public Sourced<int>? ReservedEnis { get; init; }

    /// <summary><c>maxEnis</c>: at most so many network interfaces. Default: as many as the instance type has.</summary>
    public Sourced<int>? MaxEnis { get; init; }

    /// <summary>
    /// <c>cap</c>: the most pods of an expression or of the network's options; <see cref="NoCap"/> is the word <c>None</c>. Default: 110 up to 30
    /// CPUs, else 250.
    /// </summary>
    public Sourced<int>? Cap { get; init; }

    /// <summary>Where the first option of the pod network stands; null: there is none.</summary>
    public Origin? Network => PrefixDelegation?.Origin ?? CustomNetworking?.Origin ?? SecurityGroupsForPods?.Origin ?? ReservedEnis?.Origin ?? MaxEnis?.Origin;

    /// <summary>Where the form that counts stands; null: nothing is set.</summary>
    public Origin? Origin => Value?.Origin ?? Expression?.Origin ?? Network ?? Cap?.Origin;

    /// <summary>Whether anything of it is set.</summary>
    public bool IsSet => HasForm || Cap is not null;

    private bool HasForm => Value is not null || Expression is not null || Network is not null;

    /// <summary>The earlier settings with the later ones over them: the form of the later ones counts, if they have one.</summary>
    /// <param name="earlier">The earlier settings.</param>
    /// <param name="later">The later settings.</param>
    public static MaxPodsSettings Merge(MaxPodsSettings earlier, MaxPodsSettings later) => new()
    {
        Value = later.HasForm ? later.Value : earlier.Value,
        Expression = later.HasForm ? later.Expression : earlier.Expression,
        PrefixDelegation = later.PrefixDelegation ?? earlier.PrefixDelegation,
        CustomNetworking = later.CustomNetworking ?? earlier.CustomNetworking,
        SecurityGroupsForPods = later.SecurityGroupsForPods ?? earlier.SecurityGroupsForPods,
        ReservedEnis = later.ReservedEnis ?? earlier.ReservedEnis,
        MaxEnis = later.MaxEnis ?? earlier.MaxEnis,
        Cap = later.Cap ?? earlier.Cap,
    };
}
