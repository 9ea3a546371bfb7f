using EksNode.Configuration.Text;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Decisions;

/// <summary>What follows from the machine's accelerators.</summary>
internal static class Accelerators
{
    private const string NvidiaVendor = "10de";

    /// <summary>The default runtime handler: NVIDIA's when its program is installed, else runc.</summary>
    public static Sourced<RuntimeHandler> Runtime(NodeFacts facts) => facts.Host.NvidiaContainerRuntime ?? false
        ? new(new RuntimeHandler("nvidia", "/usr/bin/nvidia-container-runtime"),
            facts.OriginOf("host.nvidiaContainerRuntime", "/usr/bin/nvidia-container-runtime is installed"))
        : new(new RuntimeHandler("runc", "/usr/sbin/runc"), Origin.Default("no NVIDIA container runtime is installed"));

    /// <summary>Whether an NVIDIA device is on the PCI bus.</summary>
    public static Sourced<bool> NvidiaDevice(NodeFacts facts)
    {
        foreach (var device in facts.Host.PciDevices ?? [])
        {
            if (device.Vendor == NvidiaVendor)
            {
                return new Sourced<bool>(true, facts.OriginOf("host.pciDevices", $"{device.Address} is of vendor {NvidiaVendor} (NVIDIA)"));
            }
        }

        return new Sourced<bool>(false, facts.Host.PciDevices is null
            ? Origin.Default("the PCI devices are not known")
            : facts.OriginOf("host.pciDevices", $"no device is of vendor {NvidiaVendor} (NVIDIA)"));
    }
}
