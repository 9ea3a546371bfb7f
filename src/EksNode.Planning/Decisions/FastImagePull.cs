using System.Globalization;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Decisions;

/// <summary>
/// Whether images are pulled and unpacked in parallel by the SOCI snapshotter: the gate <c>FastImagePull</c>, on a machine that is
/// large enough to gain from it. The thresholds are those of the EKS-optimized AL2023 images.
/// </summary>
internal static class FastImagePull
{
    /// <summary>The gate's name.</summary>
    public const string Gate = "FastImagePull";

    private const int MillicoresPerCpu = 1000;
    private const long Mebibyte = 1024 * 1024;
    private const int LeastMillicores = 4000;
    private const long LeastMemoryBytes = 7 * 1024 * Mebibyte;

    /// <summary>Decides; tells when the gate is on and the machine too small.</summary>
    public static Sourced<bool> Decide(NodeConfig config, NodeFacts facts, DiagnosticBag diagnostics)
    {
        if (!config.FeatureGates.TryGetValue(Gate, out var gate))
        {
            return new Sourced<bool>(false, Origin.Default($"the gate {Gate} is off unless it is set"));
        }

        if (!gate.Value)
        {
            return gate;
        }

        var millicores = (facts.Host.CpuCount ?? 0L) * MillicoresPerCpu;
        var memory = facts.Host.MemoryBytes ?? 0;
        var size = Text(millicores, memory);
        var least = Text(LeastMillicores, LeastMemoryBytes);
        if (millicores >= LeastMillicores && memory >= LeastMemoryBytes)
        {
            return new Sourced<bool>(true, gate.Origin.Because($"{size} reach {least}"));
        }

        diagnostics.Report(
            DiagnosticCatalogue.FastImagePullOff,
            $"FastImagePull has no effect: it needs {least}, and the machine has "
                + (facts.Host.CpuCount is null || facts.Host.MemoryBytes is null ? "a size that is not known." : $"{size}."),
            "Use a larger instance type, or leave the gate off.",
            gate.Origin,
            "spec.featureGates." + Gate);
        return new Sourced<bool>(false, gate.Origin.Because($"{size} do not reach {least}"));
    }

    private static string Text(long millicores, long memory) =>
        string.Create(CultureInfo.InvariantCulture, $"{millicores} milli-vCPU and {memory / Mebibyte} MiB of memory");
}
