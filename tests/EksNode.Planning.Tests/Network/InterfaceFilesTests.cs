using System.Text;
using EksNode.Planning.Network;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Tests.Network;

public sealed class InterfaceFilesTests
{
    private const string Primary = """
        # Written by eksnode for the primary interface ens5; a drop-in in /etc/systemd/network/70-eks-ens5.network.d changes it.
        [Match]
        PermanentMACAddress=06:5f:2b:8c:1d:3e

        [Link]
        MTUBytes=9001

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
        RouteMetric=512
        UseRoutes=true
        UseGateway=true

        [IPv6AcceptRA]
        RouteMetric=512
        UseGateway=true

        """;

    [Fact]
    public void The_primary_interface_has_no_table_of_its_own_and_switches_the_default_file_off()
    {
        var files = InterfaceFiles.Plan(Facts("ens5", 0, 0, "10.0.12.34", "2600:1f14::5") with { IsPrimary = true, Mac = "06:5f:2b:8c:1d:3e" });
        Assert.Equal(
            ["/run/systemd/network/70-eks-ens5.network", "/run/systemd/network/70-eks-ens5.network.d", "/run/systemd/network/80-ec2.network.d/10-eks-disable.conf"],
            files.Select(f => f.Path));
        Assert.Equal(Primary, Text(files[0]));
        Assert.Equal("/etc/systemd/network/70-ens5.network.d", ((SymlinkResource)files[1]).Target);
        Assert.Equal("[Match]\nName=none", Text(files[2]));
        Assert.All(files.OfType<FileResource>(), f => Assert.Equal(0x1A4, f.Mode));
    }

    [Theory]
    [InlineData(1, 0, 513, 10001)]
    [InlineData(3, 0, 515, 10003)]
    [InlineData(1, 1, 613, 10101)]
    [InlineData(0, 2, 712, 10200)]
    [InlineData(1, 31, 3613, 13101)]
    public void Metric_and_table_follow_network_card_and_device_index(int device, int card, int metric, int table)
    {
        var files = InterfaceFiles.Plan(Facts("ens6", device, card, "10.0.12.99"));
        var text = Text(files[0]);
        Assert.Equal(2, Count(text, $"RouteMetric={metric}\n"));
        Assert.Equal(3, Count(text, $"Table={table}\n"));
        Assert.DoesNotContain(files, f => f.Path == InterfaceFiles.DefaultSwitchedOff);
    }

    [Theory]
    [InlineData("one IPv4 address", "10.0.12.99")]
    [InlineData("several", "10.0.12.99 10.0.12.100 10.0.12.101")]
    [InlineData("both families", "10.0.12.99 2600:1f14:abc::1 2600:1f14:abc::2")]
    [InlineData("IPv6 alone", "2600:1f14:abc::1")]
    [InlineData("none", "")]
    public void Each_address_of_a_secondary_interface_has_a_rule_into_its_table(string what, string addresses)
    {
        var all = addresses.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var text = Text(InterfaceFiles.Plan(Facts("ens6", 1, 0, all))[0]);
        Assert.True(all.Length == Count(text, "[RoutingPolicyRule]\n"), what);
        foreach (var address in all)
        {
            Assert.Contains($"[RoutingPolicyRule]\nFrom={address}\nTable=10001\nPriority=32765\n", text, StringComparison.Ordinal);
        }

        // Both families have a default route there, whatever the addresses are today.
        Assert.Contains("[Route]\nTable=10001\nGateway=_ipv6ra\n", text, StringComparison.Ordinal);
        Assert.Contains("[Route]\nTable=10001\nGateway=_dhcp4\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_line_is_one_that_systemd_reads()
    {
        var text = Text(InterfaceFiles.Plan(Facts("ens6", 1, 0, "10.0.12.99", "2600:1f14:abc::1"))[0]);
        Assert.All(text.Split('\n'), line => Assert.True(line.Length == 0 || line[0] is '#' or '[' || line.Contains('=', StringComparison.Ordinal), line));
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, false, InterfaceManager.Networkd)]
    [InlineData(false, true, InterfaceManager.Networkd)]
    [InlineData(true, false, InterfaceManager.Cni)]
    [InlineData(true, true, InterfaceManager.Networkd)]
    public void What_comes_after_the_node_was_started_is_the_pods_but_the_primary_interface(bool started, bool primary, InterfaceManager expected) =>
        Assert.Equal(expected, InterfaceManagers.Decide(started, primary));

    [Theory]
    [InlineData("io.systemd.Network", InterfaceManager.Networkd)]
    [InlineData("io.systemd.Network\n", InterfaceManager.Networkd)]
    [InlineData("  cni \n", InterfaceManager.Cni)]
    [InlineData("", null)]
    [InlineData("NetworkManager", null)]
    public void A_decision_is_read_as_it_was_written(string text, InterfaceManager? expected)
    {
        Assert.Equal(expected, InterfaceManagers.Read(text));
        if (expected is { } manager)
        {
            Assert.Equal(text.Trim(), InterfaceManagers.Write(manager));
        }
    }

    private static InterfaceFacts Facts(string name, int device, int card, params string[] addresses) =>
        new(name, "06:aa:bb:cc:dd:ee") { IsPrimary = false, DeviceNumber = device, NetworkCard = card, Addresses = [.. addresses] };

    private static string Text(Resource file) => Encoding.UTF8.GetString(((FileResource)file).Content.AsSpan());

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
