using System.Globalization;
using System.Text;

namespace EksNode.Planning.Decisions;

/// <summary>What follows from the network interface limits of an instance type.</summary>
public static class EniLimits
{
    /// <summary>
    /// The pods that the Amazon VPC CNI can give an address to when every pod takes a secondary IPv4 address: the primary address
    /// of each interface belongs to the node, and the two pods in the host network (the CNI and kube-proxy) take none.
    /// Source: the EKS user guide, "Choose an optimal Amazon EC2 node instance type"; nodeadm and managed node groups count the same.
    /// </summary>
    /// <param name="interfaces">Network interfaces of the default network card.</param>
    /// <param name="ipv4PerInterface">IPv4 addresses of one network interface, with the primary one.</param>
    /// <returns><c>interfaces × (ipv4PerInterface − 1) + 2</c>, at most <see cref="int.MaxValue"/>.</returns>
    public static int MaxPods(int interfaces, int ipv4PerInterface) =>
        (int)Math.Clamp(((long)interfaces * (ipv4PerInterface - 1L)) + 2, int.MinValue, int.MaxValue);
}

/// <summary>
/// How many processes and threads one pod may have (<c>podPidsLimit</c>) under a compliance profile: an equal share of what the
/// kernel can number, so that all pods together, each at its limit, leave room for the node itself.
/// </summary>
public static class PodPidsLimitFormula
{
    /// <summary><c>kernel.pid_max</c> of a node, which is also the kernel's own upper limit on 64 bit (proc_sys_kernel(5)).</summary>
    public const long PidMax = 4_194_304;

    /// <summary>Never less, however many pods a node runs: a runtime for many threads has hundreds in one process.</summary>
    public const long Least = 1024;

    private const int PercentForPods = 90;
    private const int Percent = 100;

    /// <summary>The limit of one pod.</summary>
    /// <param name="maxPods">How many pods the kubelet runs.</param>
    /// <returns><c>90 % of 4194304 ÷ maxPods</c>, cut to a whole number, and 1024 at least: 130168 for 29 pods.</returns>
    public static long Of(int maxPods) => Math.Max(Least, PidMax * PercentForPods / Percent / Math.Max(1, maxPods));
}

/// <summary>
/// CPU and memory that a node keeps for the kubelet and the container runtime (<c>kubeReserved</c>). The numbers are those of the
/// EKS-optimized AL2023 images, and Karpenter predicts with them, so a node must not use others unless it is told to.
/// </summary>
public static class ReservedResourcesFormula
{
    private const int MillicoresPerCpu = 1000;
    private const int PerTenThousand = 10_000;
    private const int MemoryMibPerPod = 11;
    private const int MemoryMibBase = 255;

    // Up to where a band reaches (millicores), and how much of it is reserved, in hundredths of a percent.
    private static readonly (long UpTo, int Share)[] CpuBands = [(1000, 600), (2000, 100), (4000, 50), (long.MaxValue, 25)];

    private static readonly string[] BandNames = ["6 % of the first", "1 % of the second", "0.5 % of the third and fourth", "0.25 % of the others"];

    /// <summary>
    /// Reserved CPU: 6 % of the first core, 1 % of the second, 0.5 % of the third and fourth, 0.25 % of the others; each band is
    /// truncated to whole millicores.
    /// </summary>
    /// <param name="cpus">Logical CPUs that are online.</param>
    /// <returns>Thousandths of a CPU: 70 for 2 CPUs, 90 for 8; 0 when there is none.</returns>
    public static int CpuMillicores(int cpus) => Cpu(cpus, null);

    /// <summary>The formula of <see cref="CpuMillicores"/> with its numbers: <c>2 CPUs: 6 % of the first (60m) + 1 % of the second (10m) = 70m</c>.</summary>
    /// <param name="cpus">Logical CPUs that are online.</param>
    public static string CpuFormula(int cpus)
    {
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"{cpus} {(cpus == 1 ? "CPU" : "CPUs")}:"));
        var reserved = Cpu(cpus, text);
        return text.Append(CultureInfo.InvariantCulture, $" = {reserved}m").ToString();
    }

    private static int Cpu(int cpus, StringBuilder? text)
    {
        var total = (long)cpus * MillicoresPerCpu;
        long reserved = 0;
        long from = 0;
        for (var i = 0; i < CpuBands.Length && total > from; i++)
        {
            var (upTo, share) = CpuBands[i];
            var band = (Math.Min(total, upTo) - from) * share / PerTenThousand;
            text?.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : " +")} {BandNames[i]} ({band}m)");
            reserved += band;
            from = upTo;
        }

        return (int)Math.Min(reserved, int.MaxValue);
    }

    /// <summary>Reserved memory: 11 MiB for each pod and 255 MiB for the node.</summary>
    /// <param name="maxPods">The max pods value that eksnode writes.</param>
    /// <returns>MiB: 574 for 29 pods.</returns>
    public static long MemoryMib(int maxPods) => ((long)MemoryMibPerPod * maxPods) + MemoryMibBase;
}
