using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Host.Files;
using EksNode.Planning.Network;

namespace EksNode.Host.Network;

/// <summary>A network interface of the machine.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Index">Its number in the kernel.</param>
/// <param name="Mac">Its MAC address in lower case, or what stands in its place; empty when it has none.</param>
public sealed record NetworkInterface(string Name, int Index, string Mac);

/// <summary>Reads the network interfaces of a machine from <c>/sys/class/net</c>, and what systemd-networkd says about them.</summary>
/// <param name="root">The root of the machine.</param>
public sealed class NetworkInterfaces(HostRoot root)
{
    /// <summary>Where the kernel lists the interfaces.</summary>
    public const string Folder = "/sys/class/net";

    /// <summary>
    /// Where systemd-networkd writes the state of each link, by its number; networkctl and sd-network read it from there. It is not documented,
    /// and has had the same form since systemd 219.
    /// </summary>
    public const string StateFolder = "/run/systemd/netif/links";

    /// <summary>The file of systemd-networkd's own state. It is there since the service was first started on this boot.</summary>
    public const string ManagerState = "/run/systemd/netif/state";

    /// <summary>Every interface there is, by name.</summary>
    public ImmutableArray<NetworkInterface> All() =>
        [.. (root.List(Folder) ?? []).Select(Find).OfType<NetworkInterface>()];

    /// <summary>An interface; null when it is not there, or goes away while it is read.</summary>
    /// <param name="name">Its name, as <see cref="InterfaceName"/> accepts it.</param>
    public NetworkInterface? Find(string name)
    {
        // Not only interfaces are listed there: `bonding_masters` is a file.
        var index = InterfaceName.Parse(name).IsValid ? Text($"{Folder}/{name}/ifindex") : null;
        return int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new NetworkInterface(name, number, (Text($"{Folder}/{name}/address") ?? "").ToLowerInvariant())
            : null;
    }

    /// <summary>
    /// The interface with a MAC address; null when there is none. Of several, the one with a device behind it: VLANs and the interfaces of pods
    /// can have the address of the interface that they share.
    /// </summary>
    /// <param name="mac">The address in lower case.</param>
    public NetworkInterface? WithMac(string mac)
    {
        var found = All().Where(i => i.Mac == mac).ToList();
        return found.Find(i => root.Status($"{Folder}/{i.Name}/device", followLink: true) is not null) ?? found.FirstOrDefault();
    }

    /// <summary>Every interface with what systemd-networkd has made of it.</summary>
    public ImmutableArray<LinkState> States() => [.. All().Select(StateOf)];

    private LinkState StateOf(NetworkInterface link)
    {
        string? setup = null;
        string? file = null;
        var path = string.Create(CultureInfo.InvariantCulture, $"{StateFolder}/{link.Index}");
        foreach (var line in (Text(path) ?? "").Split('\n'))
        {
            if (line.StartsWith("ADMIN_STATE=", StringComparison.Ordinal))
            {
                setup = line["ADMIN_STATE=".Length..];
            }
            else if (line.StartsWith("NETWORK_FILE=", StringComparison.Ordinal))
            {
                file = line["NETWORK_FILE=".Length..];
            }
        }

        return new LinkState(link.Name, setup is { Length: > 0 } ? setup : null, file is { Length: > 0 } ? file : null);
    }

    // What goes away between being listed and being read is not there: the kernel then answers ENODEV or EINVAL.
    private string? Text(string path)
    {
        try
        {
            return root.ReadFile(path) is { } bytes ? Encoding.UTF8.GetString(bytes).Trim() : null;
        }
        catch (DiagnosticException) when (path.StartsWith(Folder, StringComparison.Ordinal))
        {
            return null;
        }
    }
}
