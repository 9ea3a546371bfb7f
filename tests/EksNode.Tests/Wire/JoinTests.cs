using System.Text.Json;
using EksNode.Simulation;
using EksNode.Simulation.Scenarios;

namespace EksNode.Tests.Wire;

/// <summary>The published executable joins the simulated instance.</summary>
public sealed class JoinTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Readable = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const string KubeletConfig = "etc/kubernetes/kubelet/config.json";
    private const string KubeletDropIn = "etc/kubernetes/kubelet/config.json.d/40-nodeadm.conf";
    private const string KubeletEnvironment = "etc/eks/kubelet/environment";
    private const string ClusterCa = "etc/kubernetes/pki/ca.crt";
    private const string Kubeconfig = "var/lib/kubelet/kubeconfig";

    [Theory]
    [InlineData("managed node group", "eks.amazonaws.com/nodegroup=workers")]
    [InlineData("karpenter", "karpenter.sh/nodepool=default")]
    [InlineData("eksctl", "alpha.eksctl.io/nodegroup-name=ng-1")]
    public async Task User_data_of_every_producer_leaves_every_file_that_a_node_needs(string producer, string label)
    {
        var options = new UserDataOptions { Taints = [new Taint("dedicated", "build", "NoSchedule")] };
        var userData = producer switch
        {
            "karpenter" => UserData.Karpenter(options),
            "eksctl" => UserData.Eksctl(options),
            _ => UserData.ManagedNodeGroup(options),
        };
        await using var node = await SimulatedNode.StartAsync(userData);
        (await node.JoinAsync()).Expect(0);

        using var kubelet = JsonDocument.Parse(node.Read(KubeletConfig));
        var config = kubelet.RootElement;
        Assert.Equal("172.20.0.10", config.GetProperty("clusterDNS")[0].GetString());
        Assert.Equal(29, config.GetProperty("maxPods").GetInt32());
        Assert.Equal("70m", config.GetProperty("kubeReserved").GetProperty("cpu").GetString());
        Assert.Equal("574Mi", config.GetProperty("kubeReserved").GetProperty("memory").GetString());
        Assert.Equal("aws:///us-west-2a/i-0abc123def4567890", config.GetProperty("providerID").GetString());

        using var dropIn = JsonDocument.Parse(node.Read(KubeletDropIn));
        Assert.Equal(29, dropIn.RootElement.GetProperty("maxPods").GetInt32());
        var environment = node.Read(KubeletEnvironment);
        Assert.Contains("--hostname-override=ip-10-0-12-34.us-west-2.compute.internal", environment, StringComparison.Ordinal);
        Assert.Contains("--node-ip=10.0.12.34", environment, StringComparison.Ordinal);
        Assert.Contains(label, environment, StringComparison.Ordinal);
        if (producer == "karpenter")
        {
            Assert.Equal("dedicated", dropIn.RootElement.GetProperty("registerWithTaints")[0].GetProperty("key").GetString());
        }
        else
        {
            Assert.Contains("--register-with-taints=dedicated=build:NoSchedule", environment, StringComparison.Ordinal);
        }

        Assert.Equal(ClusterCertificate.Pem, node.Read(ClusterCa));
        Assert.Contains("https://0123456789ABCDEF0123456789ABCDEF.gr7.us-west-2.eks.amazonaws.com", node.Read(Kubeconfig), StringComparison.Ordinal);
        Assert.Contains("version = 3", node.Read("etc/containerd/config.toml"), StringComparison.Ordinal);
        Assert.True(node.Has("etc/containerd/base-runtime-spec.json"));
        Assert.True(node.Has("etc/eks/image-credential-provider/config.json"));
    }

    [Fact]
    public async Task What_can_hold_a_secret_only_root_can_read()
    {
        await using var node = await SimulatedNode.StartAsync(UserData.Karpenter());
        (await node.JoinAsync()).Expect(0);

        Assert.Equal(Readable, node.ModeOf(ClusterCa));
        Assert.Equal(Readable, node.ModeOf(KubeletConfig));
        foreach (var path in new[] { KubeletEnvironment, KubeletDropIn, Kubeconfig, "etc/containerd/config.toml", "etc/eks/image-credential-provider/config.json" })
        {
            Assert.True(node.ModeOf(path) == OwnerOnly, $"{path} has mode {node.ModeOf(path)}");
        }
    }

    [Fact]
    public async Task A_second_run_changes_nothing_and_writes_nothing()
    {
        await using var node = await SimulatedNode.StartAsync(UserData.Karpenter());
        (await node.JoinAsync()).Expect(0);
        var before = node.Snapshot(times: true);

        (await node.JoinAsync()).Expect(0);

        Assert.Equal(before, node.Snapshot(times: true));
        var plan = (await node.RunAsync("plan", "--output", "json")).Expect(0).Json;
        Assert.Empty(plan.GetProperty("changes").EnumerateArray());
        Assert.True(plan.GetProperty("unchanged").GetInt32() > 5);
    }

    [Fact]
    public async Task Plan_and_dry_run_show_what_join_does_and_touch_nothing()
    {
        await using var node = await SimulatedNode.StartAsync(UserData.Karpenter());
        var before = node.Snapshot(times: true);

        var plan = (await node.RunAsync("plan", "--output", "json")).Expect(3).Json;
        (await node.JoinAsync("--dry-run")).Expect(0);
        Assert.Equal(before, node.Snapshot(times: true));

        (await node.JoinAsync()).Expect(0);
        var planned = plan.GetProperty("changes").EnumerateArray()
            .Select(change => change.GetProperty("resource").GetString()!)
            .Where(resource => resource.StartsWith("file:/", StringComparison.Ordinal))
            .Select(resource => resource["file:/".Length..])
            .Order(StringComparer.Ordinal);
        var written = node.Snapshot(state: false)
            .Where(entry => !entry.Value.EndsWith("folder", StringComparison.Ordinal) && !before.ContainsKey(entry.Key))
            .Select(entry => entry.Key);
        Assert.Equal(planned, written);
    }

    [Fact]
    public async Task Custom_parts_come_first_and_the_producer_wins()
    {
        const string custom = "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  kubelet:\n    config:\n      maxPods: 7\n      podPidsLimit: 4096\n    flags: [--v=3]\n";
        await using var node = await SimulatedNode.StartAsync(UserData.Karpenter(new()
        {
            CustomParts = [MimePart.Shell("#!/bin/bash\necho before"), MimePart.NodeConfig(custom)],
            MaxPods = 20,
        }));
        (await node.JoinAsync()).Expect(0);

        using var dropIn = JsonDocument.Parse(node.Read(KubeletDropIn));
        Assert.Equal(20, dropIn.RootElement.GetProperty("maxPods").GetInt32());
        Assert.Equal(4096, dropIn.RootElement.GetProperty("podPidsLimit").GetInt32());
        Assert.Contains("--v=3", node.Read(KubeletEnvironment), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Under_a_custom_DHCP_domain_the_node_has_the_name_that_EC2_knows()
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions
        {
            UserData = UserData.Bytes(UserData.ManagedNodeGroup()),
            LocalHostname = "worker-7.corp.example.com",
            PrivateDnsName = "ip-10-0-12-34.us-west-2.compute.internal",
        });
        (await node.JoinAsync()).Expect(0);

        Assert.Contains("--hostname-override=ip-10-0-12-34.us-west-2.compute.internal", node.Read(KubeletEnvironment), StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(node.Root, "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain("corp.example.com", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_IPv6_cluster_gets_the_first_IPv6_address()
    {
        await using var node = await SimulatedNode.StartAsync(new SimulatorOptions
        {
            UserData = UserData.Bytes(UserData.Eksctl(new() { ServiceCidr = "fd40:6404:f93b::/108", ClusterDns = "fd40:6404:f93b::a" })),
            Ipv6Addresses = ["2600:1f13:abc::1", "2600:1f13:abc::2"],
        });
        (await node.JoinAsync()).Expect(0);

        var environment = node.Read(KubeletEnvironment);
        Assert.Contains("--node-ip=2600:1f13:abc::1", environment, StringComparison.Ordinal);
        Assert.DoesNotContain("2600:1f13:abc::2", environment, StringComparison.Ordinal);
        using var kubelet = JsonDocument.Parse(node.Read(KubeletConfig));
        Assert.Equal("fd40:6404:f93b::a", kubelet.RootElement.GetProperty("clusterDNS")[0].GetString());
    }

    [Fact]
    public async Task A_facts_file_replays_the_node_without_a_call()
    {
        await using var node = await SimulatedNode.StartAsync(UserData.Karpenter());
        var facts = node.WriteOutside("facts.json", (await node.RunAsync("facts")).Expect(0).Stdout);
        var userData = node.WriteOutside("user-data", UserData.Karpenter());
        (await node.JoinAsync("-c", "file://" + userData)).Expect(0);
        node.Simulator.Calls.Clear();

        var plan = (await node.RunAsync("plan", "--facts", facts, "-c", "file://" + userData, "--output", "json")).Expect(0).Json;

        Assert.Empty(plan.GetProperty("changes").EnumerateArray());
        Assert.Empty(node.Simulator.Calls.All);
    }
}
