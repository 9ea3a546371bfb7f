using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Decisions;

/// <summary>
/// Resources kept for the kubelet and the container runtime. They follow from max pods as eksnode writes it, as on the EKS-optimized
/// images, and not from a max pods value of <c>spec.kubelet</c>: Karpenter predicts what a node can hold with the same numbers.
/// </summary>
internal static class Reserved
{
    private const string MaxPodsFlag = "--max-pods";

    /// <summary>Decides; warns when the number of CPUs is not known, tells when the kubelet runs another number of pods.</summary>
    public static Sourced<ReservedResources> Decide(NodeConfig config, NodeFacts facts, Sourced<int> maxPods, DiagnosticBag diagnostics)
    {
        if (facts.Host.CpuCount is null)
        {
            diagnostics.Report(
                DiagnosticCatalogue.CpuCountUnknown,
                "The number of CPUs is not known, so no CPU is reserved for the kubelet and the container runtime.",
                "Give `host.cpuCount` in the facts file.",
                path: "host.cpuCount");
        }

        var cpus = facts.Host.CpuCount ?? 0;
        var reserved = new ReservedResources(ReservedResourcesFormula.CpuMillicores(cpus), ReservedResourcesFormula.MemoryMib(maxPods.Value));
        TellOfOtherMaxPods(config.Kubelet, maxPods.Value, reserved, diagnostics);
        var note = string.Create(
            CultureInfo.InvariantCulture,
            $"memory 11 Mi × {maxPods.Value} pods + 255 Mi = {reserved.MemoryMib} Mi; CPU 6 %, 1 %, 0.5 % and 0.25 % bands of {cpus} CPUs = {reserved.CpuMillicores}m");
        return new Sourced<ReservedResources>(reserved, maxPods.Origin.Because(note));
    }

    private static void TellOfOtherMaxPods(KubeletSettings kubelet, int planned, ReservedResources reserved, DiagnosticBag diagnostics)
    {
        if (EffectiveMaxPods(kubelet) is not { } effective || effective.Value == planned || ReservesMemoryItself(kubelet))
        {
            return;
        }

        var needed = ReservedResourcesFormula.MemoryMib(effective.Value);
        diagnostics.Report(
            DiagnosticCatalogue.ReservedForOtherMaxPods,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The kubelet runs {effective.Value} pods, and the reserved memory of {reserved.MemoryMib} Mi is for {planned}; the formula gives {needed} Mi for {effective.Value}."),
            $"Leave it where Karpenter predicts what the node holds; elsewhere set `spec.kubelet.config.kubeReserved.memory: {needed.ToString(CultureInfo.InvariantCulture)}Mi`.",
            effective.Origin,
            "spec.kubelet.config.maxPods");
    }

    /// <summary>
    /// Max pods as the user sets it for the kubelet; null when eksnode's value counts. The kubelet lets a flag win over the
    /// configuration, and of two flags the later one.
    /// </summary>
    public static Sourced<int>? EffectiveMaxPods(KubeletSettings kubelet)
    {
        Sourced<int>? effective = kubelet.Config?["maxPods"] is TreeScalar { Kind: ScalarKind.Integer } scalar && Number(scalar.Text) is { } number
            ? new Sourced<int>(number, scalar.Origin)
            : null;
        var words = kubelet.Flags.SelectMany(f => f.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(w => f with { Value = w })).ToList();
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i].Value;
            var value = word.StartsWith(MaxPodsFlag + "=", StringComparison.Ordinal) ? word[(MaxPodsFlag.Length + 1)..]
                : word == MaxPodsFlag && i + 1 < words.Count ? words[i + 1].Value
                : "";
            if (Number(value) is { } given)
            {
                effective = new Sourced<int>(given, words[i].Origin);
            }
        }

        return effective;
    }

    private static bool ReservesMemoryItself(KubeletSettings kubelet) =>
        kubelet.Config?["kubeReserved"] is TreeMap reserved && reserved.Find("memory") is not null;

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
