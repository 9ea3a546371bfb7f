using System.Collections.Immutable;

namespace EksNode.Planning.Facts;

/// <summary>
/// What is known about the machine, the instance, the image and the cluster. A facts file (<c>--facts</c>) holds exactly
/// this; see <c>docs/facts.md</c>. Every part may be missing: a fact that the plan needs and that is missing is a diagnostic
/// that names it.
/// </summary>
public sealed record NodeFacts
{
    /// <summary>The EC2 instance.</summary>
    public InstanceFacts Instance { get; init; } = new();

    /// <summary>The instance type's limits, when they do not come from the catalog.</summary>
    public InstanceTypeFacts? InstanceType { get; init; }

    /// <summary>The cluster, as EKS describes it; only what the configuration left out was asked.</summary>
    public ClusterFacts Cluster { get; init; } = new();

    /// <summary>The machine.</summary>
    public HostFacts Host { get; init; } = new();

    /// <summary>What the image says of itself.</summary>
    public ImageFacts Image { get; init; } = new();

    /// <summary>
    /// For each fact by its name (<c>instance.privateDnsName</c>), the source it came from and, when that was not the first of
    /// its order, why: <c>EC2 DescribeInstances (IMDS: 404)</c>.
    /// </summary>
    public SortedMap<string> Sources { get; init; } =
        SortedMap.Empty<string>();

    /// <summary>The source of a fact, or <c>facts file</c> when the file does not say.</summary>
    public string SourceOf(string fact) => Sources.TryGetValue(fact, out var source) ? source : "facts file";
}

/// <summary>The EC2 instance.</summary>
public sealed record InstanceFacts
{
    /// <summary>The instance id, <c>i-…</c>.</summary>
    public string? Id { get; init; }

    /// <summary>The instance type, <c>m6i.large</c>.</summary>
    public string? Type { get; init; }

    /// <summary>The region.</summary>
    public string? Region { get; init; }

    /// <summary>The availability zone.</summary>
    public string? AvailabilityZone { get; init; }

    /// <summary>The MAC address of the primary interface, lower case.</summary>
    public string? Mac { get; init; }

    /// <summary>The primary private IPv4 address.</summary>
    public string? LocalIpv4 { get; init; }

    /// <summary>The IPv6 addresses of the primary interface, in the order of IMDS.</summary>
    public ImmutableArray<string> Ipv6 { get; init; } = [];

    /// <summary>The networks of the VPC, IPv4 before IPv6, each in the order of IMDS; asked only when a proxy is set.</summary>
    public ImmutableArray<string> VpcCidrs { get; init; } = [];

    /// <summary>The private DNS name as EC2 DescribeInstances returns it.</summary>
    public string? PrivateDnsName { get; init; }

    /// <summary>How it was bought, as IMDS writes it: <c>on-demand</c>, <c>spot</c>, <c>scheduled</c>, <c>capacity-block</c>; asked only when a template names it.</summary>
    public string? Lifecycle { get; init; }

    /// <summary>The placement group; null: none, or no template names it.</summary>
    public string? PlacementGroup { get; init; }

    /// <summary>The number of the partition in a partition placement group; null: none, or no template names it.</summary>
    public int? Partition { get; init; }

    /// <summary>Tags by key, as IMDS shows them: those that a template names.</summary>
    public SortedMap<string> Tags { get; init; } = SortedMap.Empty<string>();
}

/// <summary>The limits of an instance type that max pods follow from.</summary>
/// <param name="DefaultCardEnis">Network interfaces of the default network card.</param>
/// <param name="Ipv4PerEni">IPv4 addresses of one network interface.</param>
public sealed record InstanceTypeFacts(int DefaultCardEnis, int Ipv4PerEni);

/// <summary>The cluster as EKS DescribeCluster returns it.</summary>
public sealed record ClusterFacts
{
    /// <summary>The API server's URL.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The certificate authority, base64 of PEM, as EKS returns it.</summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>The service CIDR (IPv4 or IPv6).</summary>
    public string? ServiceCidr { get; init; }

    /// <summary>The id of a local cluster on an Outpost.</summary>
    public string? Id { get; init; }

    /// <summary>Whether it is a local cluster on an Outpost.</summary>
    public bool? OnOutpost { get; init; }

    /// <summary>
    /// The addresses of the API server's host, from DNS, sorted; asked only for a local cluster on an Outpost and when a proxy is set. Empty with
    /// <see cref="EndpointUnresolved"/> when DNS failed.
    /// </summary>
    public ImmutableArray<string> EndpointAddresses { get; init; } = [];

    /// <summary>Why DNS did not resolve the API server's host; null when it did, or was not asked.</summary>
    public string? EndpointUnresolved { get; init; }
}

/// <summary>The machine.</summary>
public sealed record HostFacts
{
    /// <summary>Logical CPUs that are online.</summary>
    public int? CpuCount { get; init; }

    /// <summary>Memory that is online, in bytes.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>The architecture as Go names it: <c>amd64</c>, <c>arm64</c>.</summary>
    public string? Architecture { get; init; }

    /// <summary>The kernel's release, as <c>uname -r</c> prints it.</summary>
    public string? KernelRelease { get; init; }

    /// <summary>1 or 2.</summary>
    public int? CgroupVersion { get; init; }

    /// <summary>PCI devices; null when they are not known.</summary>
    public ImmutableArray<PciDevice>? PciDevices { get; init; }

    /// <summary>Block devices; null when they are not known.</summary>
    public ImmutableArray<BlockDevice>? BlockDevices { get; init; }

    /// <summary>Whether <c>/usr/bin/nvidia-container-runtime</c> is installed.</summary>
    public bool? NvidiaContainerRuntime { get; init; }

    /// <summary>
    /// The program that gives the kubelet passwords for ECR: the image's own, or <c>/usr/bin/eksnode</c> where it has none; null when
    /// it is not known, which is taken for an image that has its own at the usual place.
    /// </summary>
    public string? ImageCredentialProvider { get; init; }

    /// <summary>
    /// The device ids that NVIDIA's open kernel module supports, four hexadecimal digits each, lower case; null when the image has no
    /// such list or no NVIDIA device is there.
    /// </summary>
    public ImmutableArray<string>? NvidiaOpenDevices { get; init; }
}

/// <summary>A PCI device.</summary>
/// <param name="Address">Its address, <c>0000:00:1e.0</c>.</param>
/// <param name="Vendor">Four hexadecimal digits, lower case: <c>10de</c> (NVIDIA), <c>1d0f</c> (Amazon).</param>
/// <param name="Device">Four hexadecimal digits, lower case.</param>
/// <param name="Class">The class, six hexadecimal digits, lower case.</param>
/// <param name="SubsystemDevice">The device id that the maker of the board gave it, four hexadecimal digits, lower case; null: not known.</param>
public sealed record PciDevice(string Address, string Vendor, string Device, string Class, string? SubsystemDevice = null);

/// <summary>A block device (not a partition).</summary>
/// <param name="Name">The kernel's name, <c>nvme1n1</c>.</param>
/// <param name="SizeBytes">Its size in bytes.</param>
/// <param name="Model">The model, trimmed; null when the device has none.</param>
/// <param name="Serial">The serial number, trimmed; null when the device has none.</param>
public sealed record BlockDevice(string Name, long SizeBytes, string? Model, string? Serial);

/// <summary>What the image says of itself: its manifest, or the version files of an EKS-optimized image, or its programs.</summary>
public sealed record ImageFacts
{
    /// <summary>The kubelet's version without <c>v</c>: <c>1.33.4</c>.</summary>
    public string? KubeletVersion { get; init; }

    /// <summary>containerd's version without <c>v</c>: <c>2.1.9</c>.</summary>
    public string? ContainerdVersion { get; init; }

    /// <summary>The variant, <c>standard</c>.</summary>
    public string? Variant { get; init; }

    /// <summary>The compliance profile, <c>cis-l1</c>; null: none.</summary>
    public string? Profile { get; init; }

    /// <summary>Whether the image runs in FIPS mode; null: not told, which is no.</summary>
    public bool? Fips { get; init; }

    /// <summary>Whether the image carries the pause image, so that no registry is needed to start a pod; null: not known, which is taken for yes.</summary>
    public bool? PauseImage { get; init; }
}
