using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Network;

/// <summary>What is known about an interface that systemd-networkd configures.</summary>
/// <param name="Name">Its name, checked by <c>InterfaceName</c>.</param>
/// <param name="Mac">Its MAC address, as <c>/sys/class/net</c> and IMDS write it: lower case, with colons.</param>
public sealed record InterfaceFacts(string Name, string Mac)
{
    /// <summary>Whether it is the primary interface of the instance.</summary>
    public required bool IsPrimary { get; init; }

    /// <summary>Its device index: 0 is the first of its network card.</summary>
    public required int DeviceNumber { get; init; }

    /// <summary>Its network card; 0 on all instance types that have one card only.</summary>
    public int NetworkCard { get; init; }

    /// <summary>Its private addresses of both families, in the order of IMDS.</summary>
    public ImmutableArray<string> Addresses { get; init; } = [];
}

/// <summary>
/// The files with which systemd-networkd configures an interface of the instance. They live under <c>/run</c>, so that each boot
/// begins without those of interfaces that are gone.
/// </summary>
/// <remarks>
/// Directives: systemd.network(5) of systemd 252, which Amazon Linux 2023 has. Names, metrics and tables are those of the
/// EKS-optimized AL2023 images. A secondary interface answers by the way that a packet came: its default routes stand in a table of
/// its own too, and a rule for each of its addresses, of both families, leads there.
/// </remarks>
public static class InterfaceFiles
{
    /// <summary>Where generated network files are.</summary>
    public const string Folder = "/run/systemd/network";

    /// <summary>
    /// The file by which an Amazon Linux image brings up whatever interface it finds (package amazon-ec2-net-utils). It serves to
    /// reach IMDS for the first time; left alone, it would take the pods' interfaces, too.
    /// </summary>
    public const string DefaultNetworkFile = "80-ec2.network";

    /// <summary>The drop-in that switches <see cref="DefaultNetworkFile"/> off.</summary>
    public const string DefaultSwitchedOff = Folder + "/" + DefaultNetworkFile + ".d/10-eks-disable.conf";

    // The jumbo frame of a VPC: EC2 user guide, "Network maximum transmission unit (MTU) for your EC2 instance".
    private const int Mtu = 9001;

    // Just before the rules of the main table (32766) and after those of the CNI plugin (512 to 1536): amazon-vpc-cni-k8s, "cni-proposal".
    private const int RulePriority = 32765;

    private const int FirstMetric = 512;
    private const int FirstTable = 10000;
    private const int PerNetworkCard = 100;

    /// <summary>The network file of an interface.</summary>
    /// <param name="name">The name of the interface.</param>
    public static string NetworkFileOf(string name) => $"{Folder}/70-eks-{name}.network";

    /// <summary>
    /// The link by which drop-ins that an administrator wrote under the name that Amazon Linux documents
    /// (<c>/etc/systemd/network/70-NAME.network.d</c>) count for <see cref="NetworkFileOf"/>.
    /// </summary>
    /// <param name="name">The name of the interface.</param>
    public static string DropInLinkOf(string name) => NetworkFileOf(name) + ".d";

    /// <summary>The metric of the interface's default routes: the primary interface's is the lowest.</summary>
    /// <param name="networkCard">The network card.</param>
    /// <param name="deviceNumber">The device index.</param>
    public static int Metric(int networkCard, int deviceNumber) => FirstMetric + (PerNetworkCard * networkCard) + deviceNumber;

    /// <summary>The routing table of a secondary interface.</summary>
    /// <param name="networkCard">The network card.</param>
    /// <param name="deviceNumber">The device index.</param>
    public static int Table(int networkCard, int deviceNumber) => FirstTable + (PerNetworkCard * networkCard) + deviceNumber;

    /// <summary>What an interface needs. <see cref="DefaultNetworkFile"/> is switched off once the primary interface has a file of its own.</summary>
    /// <param name="facts">The interface.</param>
    public static ImmutableArray<Resource> Plan(InterfaceFacts facts)
    {
        var files = new List<Resource>();
        files.Add(TextFile(NetworkFileOf(facts.Name), Content(facts)));
        // Not the folder under /run of the same name: amazon-ec2-net-utils writes every secondary address there, which are the pods'.
        files.Add(new SymlinkResource { Path = DropInLinkOf(facts.Name), Target = $"/etc/systemd/network/70-{facts.Name}.network.d" });
        if (facts.IsPrimary)
        {
            files.Add(TextFile(DefaultSwitchedOff, "[Match]\nName=none"));
        }

        return files.ToImmutable();
    }

    private static FileResource TextFile(string path, string content) =>
        new() { Path = path, Content = [.. Encoding.UTF8.GetBytes(content)], Mode = FileModes.Public };

    private static string Content(InterfaceFacts facts)
    {
        var metric = Metric(facts.NetworkCard, facts.DeviceNumber);
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"""
            # Written by eksnode for the {(facts.IsPrimary ? "primary" : "secondary")} interface {facts.Name}; a drop-in in /etc/systemd/network/70-eks-{facts.Name}.network.d changes it.
            [Match]
            PermanentMACAddress={facts.Mac}

            [Link]
            MTUBytes={Mtu}

            [Network]
            DHCP=yes
            IPv6DuplicateAddressDetection=0
            LLMNR=no
            DNSDefaultRoute=yes

            [DHCPv4]
            UseHostname=no
            UseDNS=yes
            UseNTP=yes
            UseDomains=yes

            [DHCPv6]
            UseHostname=no
            UseDNS=yes
            UseNTP=yes
            WithoutRA=solicit

            [DHCPv4]
            RouteMetric={metric}
            UseRoutes=true
            UseGateway=true

            [IPv6AcceptRA]
            RouteMetric={metric}
            UseGateway=true

            """));
        if (!facts.IsPrimary)
        {
            var table = Table(facts.NetworkCard, facts.DeviceNumber);
            foreach (var gateway in (ReadOnlySpan<string>)["_ipv6ra", "_dhcp4"])
            {
                text.Append(CultureInfo.InvariantCulture, $"\n[Route]\nTable={table}\nGateway={gateway}\n");
            }

            foreach (var address in facts.Addresses)
            {
                text.Append(CultureInfo.InvariantCulture, $"\n[RoutingPolicyRule]\nFrom={address}\nTable={table}\nPriority={RulePriority}\n");
            }
        }

        return text.ToString();
    }
}
