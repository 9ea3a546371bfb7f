using EksNode.Configuration.Collections;
using System.Collections.Immutable;
using System.Reflection;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Tests.Facts;

/// <summary>Facts in which everything is known, and what the records can hold.</summary>
internal static class FullFacts
{
    public static NodeFacts Value { get; } = new()
    {
        Instance = new InstanceFacts
        {
            Id = "i-0123456789abcdef0",
            Type = "m6i.large",
            Region = "eu-west-1",
            AvailabilityZone = "eu-west-1a",
            Mac = "02:00:00:00:00:01",
            LocalIpv4 = "10.0.0.5",
            VpcCidrs = ["10.0.0.0/16", "2001:db8::/56"],
            Ipv6 = ["2001:db8::5", "2001:db8::6"],
            PrivateDnsName = "ip-10-0-0-5.eu-west-1.compute.internal",
            Lifecycle = "spot",
            PlacementGroup = "training",
            Partition = 3,
            Tags = SortedMap.Empty<string>().Add("team", "storage"),
        },
        InstanceType = new InstanceTypeFacts(3, 10),
        Cluster = new ClusterFacts
        {
            Endpoint = "https://example.eks.amazonaws.com",
            CertificateAuthority = "QUJD",
            ServiceCidr = "10.100.0.0/16",
            Id = "cluster-id",
            OnOutpost = true,
            EndpointAddresses = ["10.0.0.9"],
            EndpointUnresolved = "no such host",
        },
        Host = new HostFacts
        {
            CpuCount = 2,
            MemoryBytes = 8L << 30,
            Architecture = "amd64",
            KernelRelease = "6.12.37",
            CgroupVersion = 2,
            PciDevices = [new PciDevice("0000:00:1e.0", "10de", "2330", "030200", "16c1")],
            BlockDevices = [new BlockDevice("nvme0n1", 21474836480, "Amazon Elastic Block Store", "vol1"), new BlockDevice("xvda", 1, null, null)],
            NvidiaContainerRuntime = true,
            ImageCredentialProvider = "/opt/bin/ecr-credential-provider",
            NvidiaOpenDevices = ["2330", "27b8"],
        },
        Image = new ImageFacts { KubeletVersion = "1.33.4", ContainerdVersion = "2.1.9", Variant = "standard", Profile = "cis-l1", Fips = true, PauseImage = true },
        Sources = SortedMap.Empty<string>().Add("instance.type", "IMDS \"v2\""),
    };

    /// <summary>The names of all properties of all records of facts, in camel case.</summary>
    public static IEnumerable<string> PropertyNames() => Records().SelectMany(Properties).Select(p => CamelCase(p.Name)).Distinct();

    /// <summary>The records that a facts file holds.</summary>
    public static IEnumerable<Type> Records() =>
    [
        typeof(NodeFacts), typeof(InstanceFacts), typeof(InstanceTypeFacts), typeof(ClusterFacts), typeof(HostFacts), typeof(PciDevice),
        typeof(BlockDevice), typeof(ImageFacts),
    ];

    /// <summary>The properties of a record that hold facts.</summary>
    public static IEnumerable<PropertyInfo> Properties(Type record) =>
        record.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.SetMethod is not null);

    public static string CamelCase(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    /// <summary>Fails when a property is null or an empty list: then it is not in the file, and nothing tests it.</summary>
    public static void AssertNothingIsUnset(object record)
    {
        foreach (var property in Properties(record.GetType()))
        {
            var value = property.GetValue(record);
            Assert.True(value is not null && value is not System.Collections.ICollection { Count: 0 }, $"{record.GetType().Name}.{property.Name}");
            if (Records().Contains(value.GetType()))
            {
                AssertNothingIsUnset(value);
            }
        }
    }
}
