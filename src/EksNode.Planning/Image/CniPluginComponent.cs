using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Image;

/// <summary>Debian has the CNI plugins in a folder of its own, and containerd looks for them in <c>/opt/cni/bin</c>, where network plugins put theirs.</summary>
internal sealed class CniPluginComponent : IImageComponent
{
    // The plugins of a release (github.com/containernetworking/plugins, README) that Debian's package has.
    private static readonly string[] Plugins =
    [
        "bandwidth", "bridge", "dhcp", "dummy", "firewall", "host-device", "host-local", "ipvlan", "loopback", "macvlan", "portmap", "ptp", "sbr",
        "static", "tap", "tuning", "vlan", "vrf",
    ];

    /// <inheritdoc/>
    public string Name => "CNI plugins";

    /// <inheritdoc/>
    public string AtBoot => "no: the package has them where no join looks";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(ImageContext context)
    {
        foreach (var component in context.Decisions.Components)
        {
            if (component is not { Name: "cniPlugins", Package: not null })
            {
                continue;
            }

            foreach (var plugin in Plugins)
            {
                yield return new SymlinkResource
                {
                    Path = "/opt/cni/bin/" + plugin,
                    Target = "/usr/lib/cni/" + plugin,
                    Reasons = [new Reason("components.cniPlugins", plugin, Origin.Default("where the package has it"))],
                };
            }
        }
    }
}
