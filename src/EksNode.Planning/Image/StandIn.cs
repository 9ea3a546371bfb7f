using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Image;

/// <summary>
/// An instance that nobody has: what an image does not know of the node that starts from it has a value all the same, so that a node can be planned. Two of
/// them that differ in every such value show what of a plan follows from an instance.
/// </summary>
public sealed class StandIn
{
    private static readonly Origin Unknown = Origin.Default("no image knows it");

    private readonly NodeConfig said;
    private readonly NodeFacts known;

    private StandIn(NodeConfig said, NodeFacts known, NodeConfig config, NodeFacts facts) =>
        (this.said, this.known, Config, Facts) = (said, known, config, facts);

    /// <summary>What no image knows, by the names of a facts file; settings that only a node can follow by their own.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        "cluster.name", "cluster.endpoint", "cluster.certificateAuthority", "cluster.serviceCidr", "cluster.id", "cluster.onOutpost", "cluster.endpointAddresses",
        "instance.id", "instance.type", "instance.region", "instance.availabilityZone", "instance.mac", "instance.localIpv4", "instance.ipv6", "instance.vpcCidrs",
        "instance.privateDnsName", "instance.lifecycle", "instance.placementGroup", "instance.partition", "instance.tags",
        "instanceType", "host.cpuCount", "host.memoryBytes", "host.kernelRelease", "host.cgroupVersion", "host.pciDevices", "host.blockDevices", "host.nvidiaOpenDevices",
        "image.containerdVersion", "spec.kubelet.configFile", "spec.containerd.configFile", "spec.containerd.dropIns",
    ];

    /// <summary>The configuration, with a cluster.</summary>
    public NodeConfig Config { get; }

    /// <summary>The facts.</summary>
    public NodeFacts Facts { get; }

    /// <summary>One instance: large, without accelerators.</summary>
    /// <param name="said">The image's part of the configuration.</param>
    /// <param name="known">The facts that the image knows: its own, and which programs it has.</param>
    public static StandIn Of(NodeConfig said, NodeFacts known)
    {
        var cluster = said.Cluster;
        var config = said with
        {
            Cluster = cluster with
            {
                Name = cluster.Name ?? Text("one"),
                ApiServerEndpoint = cluster.ApiServerEndpoint ?? Text("https://one.invalid"),
                CertificateAuthority = cluster.CertificateAuthority ?? new Sourced<ImmutableArray<byte>>([1], Unknown),
                Cidr = cluster.Cidr ?? Text("10.100.0.0/16"),
                Id = cluster.Id ?? Text("one"),
            },
        };
        var facts = known with
        {
            Instance = new InstanceFacts
            {
                Id = "i-0123456789abcdef0",
                Type = "m6i.4xlarge",
                Region = "us-west-2",
                AvailabilityZone = "us-west-2a",
                Mac = "02:00:00:00:00:01",
                LocalIpv4 = "10.0.0.10",
                Ipv6 = ["fd00::1"],
                VpcCidrs = ["10.0.0.0/16"],
                PrivateDnsName = "ip-10-0-0-10.us-west-2.compute.internal",
                Lifecycle = "on-demand",
                PlacementGroup = "one",
                Partition = 1,
                Tags = Tags(said, "one"),
            },
            Cluster = new ClusterFacts { EndpointAddresses = ["10.0.1.1"] },
            Host = known.Host with
            {
                CpuCount = 16,
                MemoryBytes = 64L << 30,
                KernelRelease = "6.12.1",
                CgroupVersion = 2,
                PciDevices = [],
                BlockDevices = [],
            },
            Image = known.Image with { ContainerdVersion = known.Image.ContainerdVersion ?? "2.1.4" },
        };
        return new StandIn(said, known, config, facts);
    }

    /// <summary>The same instance with another value of one thing.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    public StandIn With(string name) => new(said, known, Configured(name), Observed(name));

    /// <summary>An instance that has another value of everything.</summary>
    public StandIn Other()
    {
        var other = this;
        foreach (var name in Names)
        {
            other = other.With(name);
        }

        return other;
    }

    // What the image's part says is so for every node.
    private NodeConfig Configured(string name)
    {
        var cluster = Config.Cluster;
        return name switch
        {
            "cluster.name" when said.Cluster.Name is null => Config with { Cluster = cluster with { Name = Text("other") } },
            "cluster.endpoint" when said.Cluster.ApiServerEndpoint is null => Config with { Cluster = cluster with { ApiServerEndpoint = Text("https://other.invalid") } },
            "cluster.certificateAuthority" when said.Cluster.CertificateAuthority is null =>
                Config with { Cluster = cluster with { CertificateAuthority = new Sourced<ImmutableArray<byte>>([2], Unknown) } },
            "cluster.serviceCidr" when said.Cluster.Cidr is null => Config with { Cluster = cluster with { Cidr = Text("fd00:10:96::/108") } },
            "cluster.id" when said.Cluster.Id is null => Config with { Cluster = cluster with { Id = Text("other") } },
            "spec.kubelet.configFile" when said.Kubelet.ConfigFile is not null => Config with { Kubelet = Config.Kubelet with { Config = TreeMerge.MergeOptional(Content("registryBurst"), Config.Kubelet.Config) } },
            "spec.containerd.configFile" when said.Containerd.ConfigFile is not null => WithLayer("oom_score"),
            "spec.containerd.dropIns" when said.Containerd.DropIns is not null => WithLayer("oom_score"),
            _ => Config,
        };
    }

    private NodeConfig WithLayer(string key) => Config with { Containerd = Config.Containerd with { Layers = [.. Config.Containerd.Layers, Content(key)] } };

    private NodeFacts Observed(string name)
    {
        var (instance, cluster, host) = (Facts.Instance, Facts.Cluster, Facts.Host);
        return name switch
        {
            "cluster.onOutpost" => Facts with { Cluster = cluster with { OnOutpost = true } },
            "cluster.endpointAddresses" => Facts with { Cluster = cluster with { EndpointAddresses = ["10.0.1.2"] } },
            "instance.id" => Facts with { Instance = instance with { Id = "i-0fedcba9876543210" } },
            "instance.type" => Facts with { Instance = instance with { Type = "g5.xlarge" } },
            "instance.region" => Facts with { Instance = instance with { Region = "cn-north-1" } },
            "instance.availabilityZone" => Facts with { Instance = instance with { AvailabilityZone = "cn-north-1b" } },
            "instance.mac" => Facts with { Instance = instance with { Mac = "02:00:00:00:00:02" } },
            "instance.localIpv4" => Facts with { Instance = instance with { LocalIpv4 = "10.1.0.20" } },
            "instance.ipv6" => Facts with { Instance = instance with { Ipv6 = ["fd00::2"] } },
            "instance.vpcCidrs" => Facts with { Instance = instance with { VpcCidrs = ["10.1.0.0/16"] } },
            "instance.privateDnsName" => Facts with { Instance = instance with { PrivateDnsName = "ip-10-1-0-20.cn-north-1.compute.internal" } },
            "instance.lifecycle" => Facts with { Instance = instance with { Lifecycle = "spot" } },
            "instance.placementGroup" => Facts with { Instance = instance with { PlacementGroup = "other" } },
            "instance.partition" => Facts with { Instance = instance with { Partition = 2 } },
            "instance.tags" => Facts with { Instance = instance with { Tags = Tags(said, "other") } },
            "instanceType" => Facts with { InstanceType = new InstanceTypeFacts(3, 7) },
            "host.cpuCount" => Facts with { Host = host with { CpuCount = 2 } },
            "host.memoryBytes" => Facts with { Host = host with { MemoryBytes = 4L << 30 } },
            "host.kernelRelease" => Facts with { Host = host with { KernelRelease = "6.1.1" } },
            "host.cgroupVersion" => Facts with { Host = host with { CgroupVersion = 1 } },
            "host.pciDevices" => Facts with { Host = host with { PciDevices = [new PciDevice("0000:00:1e.0", "10de", "2237", "030200")] } },
            "host.blockDevices" => Facts with { Host = host with { BlockDevices = [new BlockDevice("nvme1n1", 1L << 40, "Amazon EC2 NVMe Instance Storage", "AWS1")] } },
            "host.nvidiaOpenDevices" => Facts with { Host = host with { NvidiaOpenDevices = ["2237"] } },
            "image.containerdVersion" when known.Image.ContainerdVersion is null => Facts with { Image = Facts.Image with { ContainerdVersion = "1.7.27" } },
            _ => Facts,
        };
    }

    private static SortedMap<string> Tags(NodeConfig config, string value)
    {
        var tags = SortedMap.Empty<string>();
        foreach (var fact in FactNeeds.Of(config).Named)
        {
            if (Template.TagOf(fact) is { } tag)
            {
                tags = tags.SetItem(tag, value);
            }
        }

        return tags;
    }

    private static TreeMap Content(string key) => new([new TreeEntry(key, Unknown, TreeScalar.Of(99, Unknown))], Unknown);

    private static Sourced<string> Text(string text) => new(text, Unknown);
}
