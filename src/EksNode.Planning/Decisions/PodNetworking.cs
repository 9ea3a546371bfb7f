using EksNode.Configuration.Values;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Decisions;

/// <summary>How the Amazon VPC CNI of a cluster gives addresses to pods: what the number of pods of a node follows from, besides its instance type.</summary>
public sealed class PodNetworking
{
    /// <summary>The CNI's version; null: any that is in support.</summary>
    public SemanticVersion? CniVersion { get; init; }

    /// <summary>Interfaces have prefixes of 16 IPv4 addresses instead of single ones (<c>ENABLE_PREFIX_DELEGATION</c>).</summary>
    public bool PrefixDelegation { get; init; }

    /// <summary>Pods are in other subnets than the node (<c>AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG</c>): the primary interface has none.</summary>
    public bool CustomNetworking { get; init; }

    /// <summary>The cluster gives pods IPv6 addresses, which the CNI does with prefixes only.</summary>
    public bool Ipv6 { get; init; }

    /// <summary>Pods may have security groups of their own (<c>ENABLE_POD_ENI</c>): the trunk interface takes the place of one for other pods.</summary>
    public bool SecurityGroupsForPods { get; init; }

    /// <summary>At most this many interfaces (<c>MAX_ENI</c>); null: as many as the instance type has.</summary>
    public int? MaxEnis { get; init; }

    /// <summary>Interfaces that are not for pods: of other software, or of an operator.</summary>
    public int ReservedEnis { get; init; }

    /// <summary>The most pods, <see cref="int.MaxValue"/> for no cap; null: AWS's recommendation, which follows from the CPUs.</summary>
    public int? Cap { get; init; }
}

/// <summary>What of an instance type the number of pods follows from.</summary>
/// <param name="interfaces">Network interfaces of the default network card.</param>
/// <param name="addresses">IPv4 addresses of one network interface, with the primary one.</param>
/// <param name="vcpus">Logical CPUs; null: not known.</param>
public sealed class PodLimits(int interfaces, int addresses, int? vcpus)
{
    /// <summary>Network interfaces of the default network card.</summary>
    public int Interfaces => interfaces;

    /// <summary>IPv4 addresses of one network interface, with the primary one.</summary>
    public int Addresses => addresses;

    /// <summary>Logical CPUs; null: not known.</summary>
    public int? Vcpus => vcpus;

    /// <summary>Whether it can have prefixes: it is of the Nitro System, virtual or bare metal; null: not known.</summary>
    public bool? HasPrefixes { get; init; }

    /// <summary>The instance family, <c>t3</c>; empty: not known.</summary>
    public string Family { get; init; } = "";

    /// <summary>Those of a type of the catalog.</summary>
    /// <param name="entry">The type.</param>
    public static PodLimits Of(InstanceTypeEntry entry) => new(entry.DefaultCardMaxEnis, entry.Ipv4PerEni, entry.Vcpus)
    {
        HasPrefixes = entry.Hypervisor is { } hypervisor ? hypervisor == "nitro" : entry.BareMetal is true ? true : null,
        Family = entry.InstanceType[..Math.Max(0, entry.InstanceType.IndexOf('.', StringComparison.Ordinal))],
    };

    /// <summary>The same with another number of CPUs.</summary>
    /// <param name="count">Logical CPUs; null: not known.</param>
    public PodLimits WithCpus(int? count) => new(interfaces, addresses, count) { HasPrefixes = HasPrefixes, Family = Family };
}
