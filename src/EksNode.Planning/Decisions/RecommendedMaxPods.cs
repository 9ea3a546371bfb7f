using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EksNode.Configuration.Values;

namespace EksNode.Planning.Decisions;

/// <summary>
/// The number of pods that AWS recommends for a node: what its network interfaces have addresses for, and no more than a kubelet of
/// that size has been tested with.
/// </summary>
/// <remarks>
/// Sources: the EKS user guide, "Choose an optimal Amazon EC2 node instance type" and "Assign more IP addresses to Amazon EKS nodes
/// with prefixes"; the EKS best practices guide, "Security groups per pod" (the trunk interface counts as one of the instance's).
/// </remarks>
public sealed class RecommendedMaxPods
{
    /// <summary>The kubelet's own default (KubeletConfiguration v1beta1, maxPods), for an instance type that is not known.</summary>
    public const int OfUnknownType = 110;

    /// <summary>The cap of an instance with up to <see cref="VcpusOfSmallCap"/> CPUs: the pods of a node that Kubernetes is tested with.</summary>
    public const int SmallCap = 110;

    /// <summary>The cap of a larger instance, from AWS's own tests.</summary>
    public const int LargeCap = 250;

    /// <summary>The most CPUs of an instance with the smaller cap.</summary>
    public const int VcpusOfSmallCap = 30;

    private const int AddressesOfPrefix = 16;
    private const int PodsInHostNetwork = 2;

    // The first CNI with prefixes (IPv4), and the first with IPv6 (EKS user guide).
    private static readonly SemanticVersion FirstWithPrefixes = new(1, 9, 0);
    private static readonly SemanticVersion FirstWithIpv6 = new(1, 10, 1);

    private RecommendedMaxPods(int maxPods, string formula, ImmutableArray<ValueProblem> warnings)
    {
        MaxPods = maxPods;
        Formula = formula;
        Warnings = warnings;
    }

    /// <summary>The number; 1 or more.</summary>
    public int MaxPods { get; }

    /// <summary>How it follows, with the numbers: <c>3 interfaces × (10 addresses − 1) + 2 = 29</c>.</summary>
    public string Formula { get; }

    /// <summary>What of the options has no effect, or is not known.</summary>
    public ImmutableArray<ValueProblem> Warnings { get; }

    /// <summary>The most pods that AWS recommends for so many CPUs; null: not known, which is taken for few.</summary>
    /// <param name="vcpus">Logical CPUs.</param>
    public static int CapOf(int? vcpus) => vcpus > VcpusOfSmallCap ? LargeCap : SmallCap;

    /// <summary>Calculates.</summary>
    /// <param name="limits">The instance type's limits.</param>
    /// <param name="networking">How pods get their addresses.</param>
    /// <param name="name">The instance type, for warnings.</param>
    public static RecommendedMaxPods Of(PodLimits limits, PodNetworking networking, string name)
    {
        var warnings = new List<ValueProblem>();
        var prefixes = Prefixes(limits, networking, name, warnings);
        var interfaces = Interfaces(limits, networking, name, warnings, out var interfacesText);
        var number = (long)interfaces * Math.Max(0, limits.Addresses - 1) * (prefixes ? AddressesOfPrefix : 1) + PodsInHostNetwork;
        var formula = new StringBuilder().Append(
            CultureInfo.InvariantCulture,
            $"{interfacesText} × ({limits.Addresses} addresses − 1){(prefixes ? " × 16 of each prefix" : "")} + {PodsInHostNetwork} = {number}");
        var large = limits.Vcpus > VcpusOfSmallCap;
        var cap = networking.Cap ?? CapOf(limits.Vcpus);
        if (limits.Vcpus is null && networking.Cap is null && number > cap)
        {
            warnings.Add(new ValueProblem(
                $"The number of CPUs of {name} is not known: max pods is capped at {SmallCap}, as for an instance with up to {VcpusOfSmallCap}.",
                "Give the number of CPUs, or another cap."));
        }

        if (number > cap)
        {
            formula.Append(CultureInfo.InvariantCulture, $", capped at {cap}");
            if (networking.Cap is null)
            {
                formula.Append(limits.Vcpus is { } cpus
                    ? string.Create(CultureInfo.InvariantCulture, $" ({cpus} CPUs, {(large ? "more than" : "up to")} {VcpusOfSmallCap})")
                    : " (CPUs not known)");
            }

            number = cap;
        }

        return new RecommendedMaxPods((int)Math.Clamp(number, 1, int.MaxValue), formula.ToString(), warnings.ToImmutable());
    }

    private static bool Prefixes(PodLimits limits, PodNetworking networking, string name, List<ValueProblem> warnings)
    {
        if (!networking.PrefixDelegation && !networking.Ipv6)
        {
            return false;
        }

        var (what, first) = networking.Ipv6 ? ("IPv6 for pods", FirstWithIpv6) : ("Prefix delegation", FirstWithPrefixes);
        if (networking.CniVersion is { } version && version < first)
        {
            warnings.Add(new ValueProblem(
                $"{what} needs version {first} or later of the Amazon VPC CNI, and this is {version}: max pods of {name} counts single addresses.",
                $"Update the Amazon VPC CNI, or leave the option out."));
            return false;
        }

        if (limits.HasPrefixes is not true)
        {
            warnings.Add(new ValueProblem(
                $"{what} needs an instance of the Nitro System or bare metal, and {name} is {(limits.HasPrefixes is null ? "not known to be one" : "none")}: its max pods counts single addresses.",
                "Use another instance type, or leave the option out."));
            return false;
        }

        return true;
    }

    private static int Interfaces(PodLimits limits, PodNetworking networking, string name, List<ValueProblem> warnings, out string text)
    {
        var interfaces = networking.MaxEnis is { } most ? Math.Min(most, limits.Interfaces) : limits.Interfaces;
        var all = interfaces;
        var taken = new StringBuilder();
        if (networking.CustomNetworking)
        {
            if (networking.Ipv6)
            {
                warnings.Add(new ValueProblem(
                    $"Custom networking is for IPv4 only: it is not counted for the max pods of {name}.", "Leave it out for an IPv6 cluster."));
            }
            else
            {
                Take(1, "custom networking");
            }
        }

        if (networking.SecurityGroupsForPods)
        {
            if (limits.HasPrefixes is true && !IsBurstable(limits.Family))
            {
                Take(1, "the trunk interface");
            }
            else
            {
                warnings.Add(new ValueProblem(
                    $"Pods on {name} cannot have security groups of their own: no instance of the T families, and none without the Nitro System, has a trunk interface.",
                    "Use another instance type, or leave the option out."));
            }
        }

        Take(networking.ReservedEnis, "reserved");
        if (interfaces <= 0)
        {
            warnings.Add(new ValueProblem(
                $"No network interface of {name} is left for pods: only those in the host network run.",
                "Reserve fewer interfaces, or use an instance type with more of them."));
            interfaces = 0;
        }

        text = taken.Length == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{all} interfaces")
            : string.Create(CultureInfo.InvariantCulture, $"({all} interfaces{taken})");
        return interfaces;

        void Take(int count, string why)
        {
            if (count > 0)
            {
                interfaces -= count;
                taken.Append(CultureInfo.InvariantCulture, $" − {count} {(why == "reserved" ? why : "for " + why)}");
            }
        }
    }

    private static bool IsBurstable(string family) => family.Length > 1 && family[0] == 't' && char.IsAsciiDigit(family[1]);
}
