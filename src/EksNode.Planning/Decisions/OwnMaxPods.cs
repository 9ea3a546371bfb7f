using System.Globalization;
using EksNode.Configuration.Expressions;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Decisions;

/// <summary>Max pods as <c>spec.maxPods</c> says: a number as it is, an expression, or AWS's recommended value; the last two capped.</summary>
internal static class OwnMaxPods
{
    private const long BytesOfMib = 1 << 20;

    /// <summary>Decides for an instance type whose limits are known.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="facts">The facts.</param>
    /// <param name="isIpv6">Whether the cluster gives pods IPv6 addresses.</param>
    /// <param name="limits">The limits of the instance type.</param>
    /// <param name="standard">What join writes without the settings.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static Sourced<int> Decide(
        MaxPodsSettings settings, NodeFacts facts, bool isIpv6, PodLimits limits, Sourced<int> standard, DiagnosticBag diagnostics)
    {
        limits = limits.Vcpus is null ? limits.WithCpus(facts.Host.CpuCount) : limits;
        var type = facts.Instance.Type ?? "the instance";
        var decided = settings.Value ?? (settings.Expression is { } expression
            ? Capped(Expressed(expression, facts, limits, standard, diagnostics), settings, limits)
            : Recommended(settings, isIpv6, limits, type, diagnostics));
        WarnOfAddresses(settings, decided, limits, type, diagnostics);
        return decided;
    }

    private static Sourced<int> Expressed(Sourced<string> expression, NodeFacts facts, PodLimits limits, Sourced<int> standard, DiagnosticBag diagnostics) =>
        MaxPods.Expressed(
            expression,
            "spec.maxPods.expression",
            MaxPodsExpression.Evaluate(
                expression.Value, limits.Interfaces, limits.Addresses, standard.Value, facts.Host.CpuCount, facts.Host.MemoryBytes / BytesOfMib),
            own: true,
            limits,
            standard,
            diagnostics);

    private static Sourced<int> Capped(Sourced<int> pods, MaxPodsSettings settings, PodLimits limits)
    {
        var most = settings.Cap?.Value ?? RecommendedMaxPods.CapOf(limits.Vcpus);
        return pods.Value > most
            ? new Sourced<int>(most, pods.Origin.Because(string.Create(CultureInfo.InvariantCulture, $"{pods.Origin.Note}, capped at {most}")))
            : pods;
    }

    private static Sourced<int> Recommended(MaxPodsSettings settings, bool isIpv6, PodLimits limits, string type, DiagnosticBag diagnostics)
    {
        var origin = settings.Network ?? settings.Cap!.Origin;
        var recommended = RecommendedMaxPods.Of(limits, Networking(settings, isIpv6), type);
        foreach (var warning in recommended.Warnings)
        {
            diagnostics.Report(DiagnosticCatalogue.PodNetworkingUnused, warning.Message, warning.Help, origin, "spec.maxPods");
        }

        return new Sourced<int>(recommended.MaxPods, origin.Because($"{type}: {recommended.Formula}"));
    }

    /// <summary>The options of the pod network.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="isIpv6">Whether the cluster gives pods IPv6 addresses.</param>
    public static PodNetworking Networking(MaxPodsSettings settings, bool isIpv6) => new()
    {
        PrefixDelegation = settings.PrefixDelegation?.Value ?? false,
        CustomNetworking = settings.CustomNetworking?.Value ?? false,
        SecurityGroupsForPods = settings.SecurityGroupsForPods?.Value ?? false,
        Ipv6 = isIpv6,
        MaxEnis = settings.MaxEnis?.Value,
        ReservedEnis = settings.ReservedEnis?.Value ?? 0,
        Cap = settings.Cap?.Value,
    };

    // A CNI with addresses of its own has no such limit, so it is no warning.
    private static void WarnOfAddresses(MaxPodsSettings settings, Sourced<int> pods, PodLimits limits, string type, DiagnosticBag diagnostics)
    {
        var most = RecommendedMaxPods.Of(limits, new PodNetworking { PrefixDelegation = limits.HasPrefixes is true, Cap = MaxPodsSettings.NoCap }, type);
        if (pods.Value > most.MaxPods && (settings.Value is not null || settings.Expression is not null))
        {
            diagnostics.Report(
                DiagnosticCatalogue.MorePodsThanAddresses,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Max pods is {pods.Value}, and the Amazon VPC CNI has addresses for {most.MaxPods} pods at most on {type}: {most.Formula}."),
                "Without another CNI, pods beyond that wait for an address: set a smaller number.",
                pods.Origin,
                "spec.maxPods");
        }
    }
}
