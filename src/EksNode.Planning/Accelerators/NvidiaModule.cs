using EksNode.Configuration.Text;
using EksNode.Planning.Decisions;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Accelerators;

/// <summary>Which build of NVIDIA's kernel module a machine needs.</summary>
/// <param name="Build"><c>nvidia</c> (proprietary), <c>nvidia-open</c> or <c>nvidia-open-grid</c>.</param>
/// <param name="SystemProcessor">Whether the firmware of the GPU system processor is used.</param>
/// <param name="Why">What decided it.</param>
public sealed record NvidiaModule(string Build, bool SystemProcessor, Origin Why)
{
    /// <summary>Where an image keeps several builds: below it, a folder of each has the archives that dkms made of it, as on EKS-optimized images.</summary>
    public const string ArchiveFolder = "/var/lib/dkms-archive";

    /// <summary>The list of devices that the open build supports, without the driver's branch and <c>.txt</c>.</summary>
    public const string OpenDevices = "/etc/eks/nvidia-open-supported-devices-";

    private const string Table = "nvidia-modules.tsv";
    private const string Vendor = "10de";
    private const string Open = "nvidia-open";
    private const string Proprietary = "nvidia";

    // VGA and 3D controllers (PCI Code and ID Assignment Specification); a GPU's audio function and NVSwitches need no entry.
    private static readonly string[] Displays = ["0300", "0302"];

    /// <summary>What dkms calls a build: <c>open</c>, <c>proprietary</c>, <c>grid</c>.</summary>
    public static string BuildOf(string word) => word switch
    {
        "open" => Open,
        "grid" => "nvidia-open-grid",
        _ => Proprietary,
    };

    /// <summary>The build; null when no NVIDIA device is there.</summary>
    /// <param name="facts">The facts.</param>
    public static NvidiaModule? Of(NodeFacts facts)
    {
        var devices = (facts.Host.PciDevices ?? []).Where(d => d.Vendor == Vendor).ToArray();
        if (devices.Length == 0)
        {
            return null;
        }

        var family = facts.Instance.Type?.Split('.')[0];
        foreach (var row in DataTable.Rows(Table))
        {
            var (kind, match, build, gsp) = (row[0], row[1], row[2], row[3] == "yes");
            if (kind == "family" && match == family)
            {
                return new NvidiaModule(build, gsp, facts.OriginOf("instance.type", $"instances of family {family} run on the {build} module"));
            }

            if (kind == "device" && Array.Find(devices, d => $"{d.Device}:{d.SubsystemDevice}" == match) is { } special)
            {
                return new NvidiaModule(build, gsp, facts.OriginOf("host.pciDevices", $"{special.Address} is {match}, which runs on the {build} module"));
            }
        }

        if (facts.Host.NvidiaOpenDevices is not { } supported)
        {
            return new NvidiaModule(Proprietary, true, Origin.Default("the image lists no devices that the open module supports"));
        }

        var displays = devices.Where(d => Displays.Contains(d.Class[..4]));
        return displays.FirstOrDefault(d => !supported.Contains(d.Device)) is { } old
            ? new NvidiaModule(Proprietary, true, facts.OriginOf("host.nvidiaOpenDevices", $"the open module does not support {old.Address} ({old.Device})"))
            : new NvidiaModule(Open, true, facts.OriginOf("host.nvidiaOpenDevices", "the open module supports every GPU of this machine"));
    }
}
