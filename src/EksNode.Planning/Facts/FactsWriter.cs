using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Facts;

/// <summary>Turns facts into the document of a facts file. What is not known, and parts of which nothing is known, are left out.</summary>
internal static class FactsWriter
{
    private static readonly Origin Here = Origin.Default("a fact");

    /// <summary>The document.</summary>
    public static TreeMap Tree(NodeFacts facts) => Map(
        ("schemaVersion", TreeScalar.Of(FactsFile.SchemaVersion, Here)),
        ("instance", Part(
            ("id", Text(facts.Instance.Id)),
            ("type", Text(facts.Instance.Type)),
            ("region", Text(facts.Instance.Region)),
            ("availabilityZone", Text(facts.Instance.AvailabilityZone)),
            ("mac", Text(facts.Instance.Mac)),
            ("localIpv4", Text(facts.Instance.LocalIpv4)),
            ("ipv6", Texts(facts.Instance.Ipv6)),
            ("vpcCidrs", Texts(facts.Instance.VpcCidrs)),
            ("privateDnsName", Text(facts.Instance.PrivateDnsName)),
            ("lifecycle", Text(facts.Instance.Lifecycle)),
            ("placementGroup", Text(facts.Instance.PlacementGroup)),
            ("partition", Number(facts.Instance.Partition)),
            ("tags", Part([.. facts.Instance.Tags.Select(t => (t.Key, Text(t.Value)))])))),
        ("instanceType", facts.InstanceType is not { } type
            ? null
            : Part(("defaultCardEnis", Number(type.DefaultCardEnis)), ("ipv4PerEni", Number(type.Ipv4PerEni)))),
        ("cluster", Part(
            ("endpoint", Text(facts.Cluster.Endpoint)),
            ("certificateAuthority", Text(facts.Cluster.CertificateAuthority)),
            ("serviceCidr", Text(facts.Cluster.ServiceCidr)),
            ("id", Text(facts.Cluster.Id)),
            ("onOutpost", Boolean(facts.Cluster.OnOutpost)),
            ("endpointAddresses", Texts(facts.Cluster.EndpointAddresses)),
            ("endpointUnresolved", Text(facts.Cluster.EndpointUnresolved)))),
        ("host", Part(
            ("cpuCount", Number(facts.Host.CpuCount)),
            ("memoryBytes", Number(facts.Host.MemoryBytes)),
            ("architecture", Text(facts.Host.Architecture)),
            ("kernelRelease", Text(facts.Host.KernelRelease)),
            ("cgroupVersion", Number(facts.Host.CgroupVersion)),
            ("pciDevices", List(facts.Host.PciDevices, d => Map(
                ("address", Text(d.Address)), ("vendor", Text(d.Vendor)), ("device", Text(d.Device)), ("class", Text(d.Class)),
                ("subsystemDevice", Text(d.SubsystemDevice))))),
            ("blockDevices", List(facts.Host.BlockDevices, d => Map(
                ("name", Text(d.Name)), ("sizeBytes", Number(d.SizeBytes)), ("model", Text(d.Model)), ("serial", Text(d.Serial))))),
            ("nvidiaContainerRuntime", Boolean(facts.Host.NvidiaContainerRuntime)),
            ("imageCredentialProvider", Text(facts.Host.ImageCredentialProvider)),
            ("nvidiaOpenDevices", Texts(facts.Host.NvidiaOpenDevices ?? [])))),
        ("image", Part(
            ("kubeletVersion", Text(facts.Image.KubeletVersion)),
            ("containerdVersion", Text(facts.Image.ContainerdVersion)),
            ("variant", Text(facts.Image.Variant)),
            ("profile", Text(facts.Image.Profile)),
            ("fips", Boolean(facts.Image.Fips)),
            ("pauseImage", Boolean(facts.Image.PauseImage)))),
        ("sources", Part([.. facts.Sources.Select(s => (s.Key, Text(s.Value)))])));

    private static TreeMap Map(params ReadOnlySpan<(string Key, TreeNode? Value)> entries)
    {
        var known = new List<TreeEntry>();
        foreach (var (key, value) in entries)
        {
            if (value is not null)
            {
                known.Add(new TreeEntry(key, Here, value));
            }
        }

        return new TreeMap(known, Here);
    }

    private static TreeMap? Part(params ReadOnlySpan<(string Key, TreeNode? Value)> entries) =>
        Map(entries) is { Entries.IsEmpty: false } map ? map : null;

    private static TreeScalar? Text(string? value) => string.IsNullOrEmpty(value) ? null : TreeScalar.Of(value, Here);

    private static TreeScalar? Number(long? value) => value is { } number ? TreeScalar.Of(number, Here) : null;

    private static TreeScalar? Boolean(bool? value) => value is { } boolean ? TreeScalar.Of(boolean, Here) : null;

    private static TreeList? Texts(ImmutableArray<string> values) =>
        values.IsDefaultOrEmpty ? null : new TreeList([.. values.Select(v => TreeScalar.Of(v, Here))], Here);

    private static TreeList? List<T>(ImmutableArray<T>? values, Func<T, TreeNode> item) =>
        values is { IsDefault: false } known ? new TreeList([.. known.Select(item)], Here) : null;
}
