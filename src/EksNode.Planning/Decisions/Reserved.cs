using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Text;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Decisions;

/// <summary>
/// Resources kept for the kubelet and the container runtime. Without <c>spec.maxPods</c> they follow from max pods as eksnode writes it, as on
/// the EKS-optimized images, and not from a max pods value of <c>spec.kubelet</c>: Karpenter predicts what a node can hold with the same
/// numbers. With it they follow from the number of pods that the kubelet will run, and never take more than half of the memory.
/// </summary>
internal static class Reserved
{
    private const string MaxPodsFlag = "--max-pods";
    private const long BytesOfMib = 1 << 20;

    // Of the machine's memory at most this share is reserved: with more, a node has no room for the pods that it is reserved for.
    private const int LargestShare = 50;
    private const int Percent = 100;

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

        var effective = EffectiveMaxPods(config.Kubelet);
        var pods = config.MaxPods.IsSet ? effective ?? maxPods : maxPods;
        var cpus = facts.Host.CpuCount ?? 0;
        var reserved = new ReservedResources(ReservedResourcesFormula.CpuMillicores(cpus), ReservedResourcesFormula.MemoryMib(pods.Value)) { CpuFormula = facts.Host.CpuCount is null ? "the number of CPUs is not known" : ReservedResourcesFormula.CpuFormula(cpus) };
        var note = string.Create(
            CultureInfo.InvariantCulture,
            $"11 Mi × {pods.Value} pods + 255 Mi = {reserved.MemoryMib} Mi");
        if (!config.MaxPods.IsSet)
        {
            TellOfOtherMaxPods(config.Kubelet, effective, pods.Value, reserved, diagnostics);
            return new Sourced<ReservedResources>(reserved, WithPods(note, pods));
        }

        TellOfOverride(config, effective, maxPods, diagnostics);
        if (facts.Host.MemoryBytes is { } bytes && reserved.MemoryMib > bytes / BytesOfMib * LargestShare / Percent)
        {
            var limited = reserved with { MemoryMib = bytes / BytesOfMib * LargestShare / Percent };
            note = string.Create(CultureInfo.InvariantCulture, $"{note}; limited to {limited.MemoryMib} Mi, {LargestShare} % of {bytes / BytesOfMib} Mi");
            if (!ReservesMemoryItself(config.Kubelet))
            {
                WarnOfLimit(pods, reserved.MemoryMib, limited.MemoryMib, bytes / BytesOfMib, diagnostics);
            }

            reserved = limited;
        }

        return new Sourced<ReservedResources>(reserved, WithPods(note, pods));
    }

    private static Origin WithPods(string note, Sourced<int> pods) => pods.Origin.Because(pods.Origin.Note is { } formula ? $"{note}; pods: {formula}" : note);

    private static void WarnOfLimit(Sourced<int> pods, long needed, long limited, long memory, DiagnosticBag diagnostics) =>
        diagnostics.Report(
            DiagnosticCatalogue.ReservedMemoryLimited,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{pods.Value} pods need {needed} Mi of reserved memory (11 Mi × {pods.Value} + 255 Mi), and the machine has {memory} Mi: {limited} Mi, half of it, are reserved."),
            "Run fewer pods on this instance type (`spec.maxPods.cap`), or use one with more memory, or set `spec.kubelet.config.kubeReserved.memory`.",
            pods.Origin,
            "spec.maxPods");

    /// <summary>Warns of <c>spec.maxPods</c> where the kubelet runs another number. Where a replacement leaves it without effect, that is said there.</summary>
    /// <param name="config">The merged configuration.</param>
    /// <param name="effective">The number of <see cref="EffectiveMaxPods"/>.</param>
    /// <param name="maxPods">What <c>spec.maxPods</c> gives.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static void TellOfOverride(NodeConfig config, Sourced<int>? effective, Sourced<int> maxPods, DiagnosticBag diagnostics)
    {
        // A preset is there to be overridden.
        if (config.Kubelet.Replaces || effective is null || effective.Value == maxPods.Value || config.MaxPods.Origin is { Kind: OriginKind.Preset })
        {
            return;
        }

        diagnostics.Report(
            DiagnosticCatalogue.MaxPodsOverridden,
            string.Create(
                CultureInfo.InvariantCulture,
                $"`spec.maxPods` gives {maxPods.Value}, and the kubelet runs {effective.Value} pods: its own configuration or flag wins ({effective.Origin})."),
            config.Kubelet.Config?["maxPods"] is null ? "Remove the flag `--max-pods`." : "Remove `spec.kubelet.config.maxPods`; Karpenter writes it from the EC2NodeClass (`spec.kubelet.maxPods`).",
            config.MaxPods.Origin,
            "spec.maxPods");
    }

    private static void TellOfOtherMaxPods(KubeletSettings kubelet, Sourced<int>? effective, int planned, ReservedResources reserved, DiagnosticBag diagnostics)
    {
        if (effective is null || effective.Value == planned || ReservesMemoryItself(kubelet) || kubelet.Replaces)
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
        foreach (var argument in KubeletArguments.Split(kubelet.Flags, "spec.kubelet.flags"))
        {
            if (argument.Name == MaxPodsFlag && Number(argument.Value ?? "") is { } given)
            {
                effective = new Sourced<int>(given, argument.Origin);
            }
        }

        return effective;
    }

    private static bool ReservesMemoryItself(KubeletSettings kubelet) =>
        kubelet.Config?["kubeReserved"] is TreeMap reserved && reserved.Find("memory") is not null;

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
