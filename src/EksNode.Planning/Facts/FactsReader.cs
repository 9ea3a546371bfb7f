using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Facts;

/// <summary>Reads the parts of a facts file. Every key is the name of a property of the records, in camel case.</summary>
internal static class FactsReader
{
    private const int MostPerType = 10_000;

    /// <summary>The facts of a document.</summary>
    public static NodeFacts Read(TreeMapReader root)
    {
        var facts = new NodeFacts
        {
            Instance = Part(root, "instance", Instance) ?? new(),
            InstanceType = Part(root, "instanceType", InstanceType),
            Cluster = Part(root, "cluster", Cluster) ?? new(),
            Host = Part(root, "host", Host) ?? new(),
            Image = Part(root, "image", Image) ?? new(),
            Sources = Texts(root, "sources"),
        };
        root.ReportUnknown(DiagnosticCatalogue.FactUnknown, "fact");
        return facts;
    }

    private static T? Part<T>(TreeMapReader parent, string key, Func<TreeMapReader, T?> read)
        where T : class => parent.Map(key) is { } part ? Item(part, read) : null;

    private static T? Item<T>(TreeMapReader part, Func<TreeMapReader, T?> read)
        where T : class
    {
        var value = read(part);
        part.ReportUnknown(DiagnosticCatalogue.FactUnknown, "fact");
        return value;
    }

    private static InstanceFacts Instance(TreeMapReader map) => new()
    {
        Id = map.Text("id"),
        Type = map.Text("type"),
        Region = map.Text("region"),
        AvailabilityZone = map.Text("availabilityZone"),
        Mac = map.Text("mac"),
        LocalIpv4 = map.Text("localIpv4"),
        Ipv6 = map.Texts("ipv6") ?? [],
        VpcCidrs = map.Texts("vpcCidrs") ?? [],
        PrivateDnsName = map.Text("privateDnsName"),
        Lifecycle = map.Text("lifecycle"),
        PlacementGroup = map.Text("placementGroup"),
        Partition = (int?)map.Integer("partition", 1, MostPerType),
        Tags = Texts(map, "tags"),
    };

    private static InstanceTypeFacts? InstanceType(TreeMapReader map)
    {
        map.Missing("defaultCardEnis");
        map.Missing("ipv4PerEni");
        var enis = map.Integer("defaultCardEnis", 1, MostPerType);
        var addresses = map.Integer("ipv4PerEni", 1, MostPerType);
        return enis is null || addresses is null ? null : new InstanceTypeFacts((int)enis, (int)addresses);
    }

    private static ClusterFacts Cluster(TreeMapReader map) => new()
    {
        Endpoint = map.Text("endpoint"),
        CertificateAuthority = map.Text("certificateAuthority"),
        ServiceCidr = map.Text("serviceCidr"),
        Id = map.Text("id"),
        OnOutpost = map.Boolean("onOutpost"),
        EndpointAddresses = map.Texts("endpointAddresses") ?? [],
        EndpointUnresolved = map.Text("endpointUnresolved"),
    };

    private static HostFacts Host(TreeMapReader map) => new()
    {
        CpuCount = (int?)map.Integer("cpuCount", 1, 1_000_000),
        MemoryBytes = map.Integer("memoryBytes", 1, long.MaxValue),
        Architecture = map.Text("architecture", a => a is "amd64" or "arm64", "amd64 or arm64"),
        KernelRelease = map.Text("kernelRelease"),
        CgroupVersion = (int?)map.Integer("cgroupVersion", 1, 2),
        PciDevices = Items(map, "pciDevices", PciDevice),
        BlockDevices = Items(map, "blockDevices", BlockDevice),
        NvidiaContainerRuntime = map.Boolean("nvidiaContainerRuntime"),
        ImageCredentialProvider = map.Text("imageCredentialProvider", NodePaths.IsProgram, "the absolute path of a program"),
        NvidiaOpenDevices = map.Texts("nvidiaOpenDevices"),
    };

    private static ImmutableArray<T>? Items<T>(TreeMapReader parent, string key, Func<TreeMapReader, T?> read)
        where T : class
    {
        if (parent.Maps(key) is not { } maps)
        {
            return null;
        }

        var items = new List<T>();
        foreach (var map in maps)
        {
            if (Item(map, read) is { } item)
            {
                items.Add(item);
            }
        }

        return items.ToImmutable();
    }

    private static PciDevice? PciDevice(TreeMapReader map)
    {
        foreach (var key in (string[])["address", "vendor", "device", "class"])
        {
            map.Missing(key);
        }

        return map.Text("address") is { } address
            && map.Text("vendor", t => IsHexadecimal(t, 4), "four lower-case hexadecimal digits, as in 10de") is { } vendor
            && map.Text("device", t => IsHexadecimal(t, 4), "four lower-case hexadecimal digits, as in 10de") is { } device
            && map.Text("class", t => IsHexadecimal(t, 6), "six lower-case hexadecimal digits, as in 030200") is { } type
            ? new PciDevice(
                address, vendor, device, type, map.Text("subsystemDevice", t => IsHexadecimal(t, 4), "four lower-case hexadecimal digits, as in 1733"))
            : null;
    }

    private static BlockDevice? BlockDevice(TreeMapReader map)
    {
        map.Missing("name");
        map.Missing("sizeBytes");
        var (name, size) = (map.Text("name"), map.Integer("sizeBytes", 0, long.MaxValue));
        var (model, serial) = (map.Text("model"), map.Text("serial"));
        return name is null || size is null ? null : new BlockDevice(name, size.Value, model, serial);
    }

    private static bool IsHexadecimal(string text, int digits) =>
        text.Length == digits && text.All(char.IsAsciiHexDigitLower);

    private static ImageFacts Image(TreeMapReader map) => new()
    {
        KubeletVersion = map.Text("kubeletVersion"),
        ContainerdVersion = map.Text("containerdVersion"),
        Variant = map.Text("variant"),
        Profile = map.Text("profile"),
        Fips = map.Boolean("fips"),
        PauseImage = map.Boolean("pauseImage"),
    };

    private static SortedMap<string> Texts(TreeMapReader parent, string key)
    {
        var texts = SortedMap.CreateBuilder<string>();
        if (parent.RawMap(key) is { } raw && parent.Map(key) is { } map)
        {
            foreach (var entry in raw.Entries)
            {
                if (map.Text(entry.Key) is { } text)
                {
                    texts[entry.Key] = text;
                }
            }
        }

        return texts.ToImmutable();
    }
}
