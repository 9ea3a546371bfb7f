using EksNode.Simulation;

namespace EksNode.Tests.Wire;

/// <summary>The published executable is told of network interfaces, as udev and systemd tell it.</summary>
public sealed class NetworkTests
{
    private const string PrimaryMac = "06:5f:2b:8c:1d:3e";
    private const string SecondMac = "06:5f:2b:8c:1d:3f";
    private const string InstanceId = "i-0abc123def4567890";
    private const string Decisions = "etc/eks/nodeadm/udev-net-manager/" + InstanceId;
    private const string Networks = "run/systemd/network";

    [Fact]
    public async Task The_primary_interface_gets_its_file_and_the_default_one_is_switched_off()
    {
        await using var node = await WithInterfacesAsync(new SimulatorOptions());
        var added = (await NetworkAsync(node, "interface", "add", "ens5", "--output", "json")).Expect(0);
        Assert.Equal("io.systemd.Network", added.Json.GetProperty("manager").GetString());
        Assert.Equal("io.systemd.Network", node.Read($"{Decisions}/ens5"));
        Assert.Contains($"[Match]\nPermanentMACAddress={PrimaryMac}\n", node.Read($"{Networks}/70-eks-ens5.network"), StringComparison.Ordinal);
        Assert.Contains("RouteMetric=512\n", node.Read($"{Networks}/70-eks-ens5.network"), StringComparison.Ordinal);
        Assert.DoesNotContain("[RoutingPolicyRule]", node.Read($"{Networks}/70-eks-ens5.network"), StringComparison.Ordinal);
        Assert.Equal("[Match]\nName=none", node.Read($"{Networks}/80-ec2.network.d/10-eks-disable.conf"));

        // networkd runs as a user of its own; and a second run touches nothing, since networkd sets up again what was touched.
        Assert.Equal((UnixFileMode)0x1A4, node.ModeOf($"{Networks}/70-eks-ens5.network"));
        var before = node.Snapshot(times: true);
        var again = (await NetworkAsync(node, "interface", "add", "ens5", "--output", "json")).Expect(0);
        Assert.Empty(again.Json.GetProperty("changed").EnumerateArray());
        Assert.Equal(before, node.Snapshot(times: true));
    }

    [Fact]
    public async Task A_second_interface_of_another_card_routes_both_families_of_all_its_addresses()
    {
        await using var node = await WithInterfacesAsync(new SimulatorOptions
        {
            SecondaryInterfaces = [new SecondaryInterface(SecondMac, 1, 2) { Ipv4Addresses = ["10.0.14.7", "10.0.14.8"], Ipv6Addresses = ["2600:1f14:abc::7"] }],
        });
        (await NetworkAsync(node, "interface", "add", "ens6")).Expect(0);
        var file = node.Read($"{Networks}/70-eks-ens6.network");
        Assert.Contains("RouteMetric=713\n", file, StringComparison.Ordinal);
        foreach (var address in new[] { "10.0.14.7", "10.0.14.8", "2600:1f14:abc::7" })
        {
            Assert.Contains($"[RoutingPolicyRule]\nFrom={address}\nTable=10201\nPriority=32765\n", file, StringComparison.Ordinal);
        }

        Assert.False(node.Has($"{Networks}/80-ec2.network.d/10-eks-disable.conf"));
    }

    [Fact]
    public async Task An_interface_without_IPv4_is_routed_by_its_IPv6_addresses()
    {
        await using var node = await WithInterfacesAsync(new SimulatorOptions
        {
            SecondaryInterfaces = [new SecondaryInterface(SecondMac, 1, 0) { Ipv6Addresses = ["2600:1f14:abc::7"] }],
        });
        (await NetworkAsync(node, "interface", "add", "ens6")).Expect(0);
        var rules = node.Read($"{Networks}/70-eks-ens6.network").Split("[RoutingPolicyRule]\n")[1..];
        Assert.Equal("From=2600:1f14:abc::7\nTable=10001\nPriority=32765\n", Assert.Single(rules));
    }

    [Fact]
    public async Task An_interface_that_is_attached_to_a_running_node_is_the_pods_and_stays_theirs()
    {
        await using var node = await WithInterfacesAsync(Two());
        node.Write("run/nodeadm/init", "");
        (await NetworkAsync(node, "interface", "add", "ens6")).Expect(0);
        Assert.Equal("cni", node.Read($"{Decisions}/ens6"));
        Assert.False(node.Has($"{Networks}/70-eks-ens6.network"));

        // After a reboot it is there from the beginning, and the decision still stands.
        File.Delete(Path.Combine(node.Root, "run/nodeadm/init"));
        (await NetworkAsync(node, "interface", "add", "ens6")).Expect(0);
        Assert.False(node.Has($"{Networks}/70-eks-ens6.network"));
    }

    [Fact]
    public async Task A_decision_for_networkd_outlasts_the_start_of_the_node()
    {
        await using var node = await WithInterfacesAsync(Two());
        node.Write("run/nodeadm/init", "");
        node.Write($"{Decisions}/ens6", "io.systemd.Network\n");
        (await NetworkAsync(node, "interface", "add", "ens6")).Expect(0);
        Assert.True(node.Has($"{Networks}/70-eks-ens6.network"));
    }

    [Fact]
    public async Task An_image_made_from_a_node_does_not_inherit_its_decisions()
    {
        await using var node = await WithInterfacesAsync(Two());
        node.Write("etc/eks/nodeadm/udev-net-manager/i-0ffffffffffffffff/ens6", "cni");
        (await NetworkAsync(node, "interface", "add", "ens6")).Expect(0);
        Assert.Equal("io.systemd.Network", node.Read($"{Decisions}/ens6"));
        Assert.True(node.Has($"{Networks}/70-eks-ens6.network"));
    }

    [Fact]
    public async Task What_IMDS_does_not_know_yet_is_asked_for_again()
    {
        await using var node = await WithInterfacesAsync(Two() with { Faults = ["imds:mac=status:404*3", "imds:identity=status:404*2", "imds:macs/device-number=status:404*4"] });
        (await NetworkAsync(node, "interface", "add", "ens6")).Expect(0);
        Assert.Contains("From=10.0.14.7\n", node.Read($"{Networks}/70-eks-ens6.network"), StringComparison.Ordinal);
        Assert.Equal(5, node.Simulator.Calls.All.Count(c => c.Name == "imds:macs/device-number"));
    }

    [Fact]
    public async Task Without_IMDS_it_fails_with_a_reason_and_writes_nothing()
    {
        await using var node = await WithInterfacesAsync(new SimulatorOptions { ImdsMode = ImdsMode.Disabled });
        var failed = (await NetworkAsync(node, "interface", "add", "ens5")).Expect(1);
        Assert.Contains("IMDS is turned off for this instance", failed.Stderr, StringComparison.Ordinal);
        Assert.False(node.Has($"{Networks}/70-eks-ens5.network"));
        Assert.False(Directory.Exists(Path.Combine(node.Root, "etc/eks/nodeadm")));
    }

    [Fact]
    public async Task The_file_of_an_interface_that_is_gone_is_removed_and_that_of_one_that_is_there_is_not()
    {
        await using var node = await WithInterfacesAsync(Two());
        (await NetworkAsync(node, "interface", "add", "ens6")).Expect(0);
        (await NetworkAsync(node, "interface", "remove", "ens6")).Expect(0);
        Assert.True(node.Has($"{Networks}/70-eks-ens6.network"));

        Directory.Delete(Path.Combine(node.Root, "sys/class/net/ens6"), recursive: true);
        (await NetworkAsync(node, "interface", "remove", "ens6")).Expect(0);
        Assert.False(node.Has($"{Networks}/70-eks-ens6.network"));
        Assert.Null(new FileInfo(Path.Combine(node.Root, Networks, "70-eks-ens6.network.d")).LinkTarget);
        (await NetworkAsync(node, "interface", "remove", "ens6")).Expect(0);
    }

    [Theory]
    [InlineData("../../etc/passwd", 2)]
    [InlineData("a/b", 2)]
    [InlineData("ens5\n", 2)]
    [InlineData("..", 2)]
    [InlineData("name-of-20-character", 2)]
    [InlineData("ens99", 1)]
    public async Task A_name_that_is_none_or_is_not_there_ends_with_a_diagnostic(string name, int exitCode)
    {
        await using var node = await WithInterfacesAsync(new SimulatorOptions());
        var result = (await NetworkAsync(node, "interface", "add", name)).Expect(exitCode);
        Assert.Contains(exitCode == 2 ? "EKN0001" : "EKN0980", result.Stderr, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(node.Root, Networks)));
    }

    [Fact]
    public async Task The_wait_ends_when_the_links_are_as_they_will_stay()
    {
        await using var node = await WithInterfacesAsync(Two());
        node.Write($"{Decisions}/ens6", "io.systemd.Network");
        State(node, 1, "unmanaged");
        State(node, 2, "configuring");
        State(node, 3, "configured");
        await using var process = EksNodeProcess.Start(["network", "wait", "--root", node.Root, "--log-level", "info", "--output", "json"], node.Environment);
        await process.SaysAsync("ens5 is configuring");
        State(node, 2, "configured");
        var result = (await process.EndAsync()).Expect(0);
        Assert.Equal(["ens5", "ens6"], result.Json.GetProperty("required").EnumerateArray().Select(e => e.GetString()!));
    }

    [Fact]
    public async Task An_interface_that_was_detached_is_not_waited_for()
    {
        await using var node = await WithInterfacesAsync(Two());
        node.Write($"{Decisions}/ens7", "io.systemd.Network");
        State(node, 1, "unmanaged");
        State(node, 2, "configured");
        State(node, 3, "unmanaged");
        var result = (await NetworkAsync(node, "wait", "--output", "json")).Expect(0);
        Assert.Equal(["ens5"], result.Json.GetProperty("required").EnumerateArray().Select(e => e.GetString()!));
    }

    [Fact]
    public async Task A_machine_without_the_primary_interface_says_which_ones_there_are()
    {
        await using var node = await WithInterfacesAsync(new SimulatorOptions { Mac = "06:00:00:00:00:01" });
        var failed = (await NetworkAsync(node, "wait")).Expect(1);
        Assert.Contains("06:00:00:00:00:01", failed.Stderr, StringComparison.Ordinal);
        Assert.Contains("ens5, ens6, lo", failed.Stderr, StringComparison.Ordinal);
    }

    private static SimulatorOptions Two() => new()
    {
        SecondaryInterfaces = [new SecondaryInterface(SecondMac, 1, 0) { Ipv4Addresses = ["10.0.14.7"] }],
    };

    private static async Task<SimulatedNode> WithInterfacesAsync(SimulatorOptions options)
    {
        var node = await SimulatedNode.StartAsync(options);
        foreach (var (name, index, mac) in new[] { ("lo", 1, "00:00:00:00:00:00"), ("ens5", 2, PrimaryMac), ("ens6", 3, SecondMac) })
        {
            node.Write($"sys/class/net/{name}/ifindex", $"{index}\n");
            node.Write($"sys/class/net/{name}/address", $"{mac}\n");
        }

        // A file among the folders, as the bonding driver makes it.
        node.Write("sys/class/net/bonding_masters", "\n");
        return node;
    }

    private static void State(SimulatedNode node, int index, string state)
    {
        // Renamed into place, as systemd-networkd does it.
        var path = Path.Combine("run/systemd/netif/links", index.ToString(System.Globalization.CultureInfo.InvariantCulture));
        node.Write(path + ".new", $"# This is private data. Do not parse.\nADMIN_STATE={state}\nOPER_STATE=routable\nNETWORK_FILE=/run/systemd/network/70-eks-x.network\n");
        File.Move(Path.Combine(node.Root, path + ".new"), Path.Combine(node.Root, path), overwrite: true);
    }

    private static async Task<ProcessResult> NetworkAsync(SimulatedNode node, params string[] arguments)
    {
        await using var process = EksNodeProcess.Start(["network", .. arguments, "--root", node.Root], node.Environment);
        return await process.EndAsync();
    }
}
