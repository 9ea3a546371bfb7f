using System.Collections.Immutable;
using System.Net;
using EksNode.Simulation.Kubernetes;

namespace EksNode.Simulation;

/// <summary>The instance, the cluster and the faults that a <see cref="Simulator"/> shows. The defaults are a healthy m6i.large.</summary>
public sealed record SimulatorOptions
{
    public string InstanceId { get; init; } = "i-0abc123def4567890";

    public string InstanceType { get; init; } = "m6i.large";

    public string Region { get; init; } = "us-west-2";

    /// <summary>The region's first zone unless told otherwise.</summary>
    public string? AvailabilityZone { get; init; }

    /// <summary>How it was bought: <c>on-demand</c>, <c>spot</c>.</summary>
    public string Lifecycle { get; init; } = "on-demand";

    /// <summary>The placement group; null: none.</summary>
    public string? PlacementGroup { get; init; }

    /// <summary>The partition of the placement group; null: it has none.</summary>
    public int? PlacementPartition { get; init; }

    public string AccountId { get; init; } = "111122223333";

    public string ImageId { get; init; } = "ami-0123456789abcdef0";

    public string Mac { get; init; } = "06:5f:2b:8c:1d:3e";

    public string LocalIpv4 { get; init; } = "10.0.12.34";

    public ImmutableArray<string> Ipv6Addresses { get; init; } = [];

    public string VpcCidr { get; init; } = "10.0.0.0/16";

    /// <summary>The IPv6 networks of the VPC; without any IMDS has no such key.</summary>
    public ImmutableArray<string> VpcIpv6Cidrs { get; init; } = [];

    public string SubnetCidr { get; init; } = "10.0.0.0/19";

    /// <summary>Interfaces beside the primary one.</summary>
    public ImmutableArray<SecondaryInterface> SecondaryInterfaces { get; init; } = [];

    /// <summary>
    /// What EC2 DescribeInstances calls the instance; <c>ip-A-B-C-D.REGION.compute.internal</c> unless told otherwise. A node
    /// registers under this name.
    /// </summary>
    public string? PrivateDnsName { get; init; }

    /// <summary>What DHCP calls it: the name in a custom DHCP domain, deliberately not the private DNS name.</summary>
    public string? LocalHostname { get; init; }

    /// <summary>The DNS suffix of AWS services in this partition.</summary>
    public string ServicesDomain { get; init; } = "amazonaws.com";

    /// <summary>The role of the instance profile; null when the instance has none.</summary>
    public string? RoleName { get; init; } = "KarpenterNodeRole-demo";

    /// <summary>What STS AssumeRole wants as external id; null: nothing.</summary>
    public string? ExternalId { get; init; }

    /// <summary>How long each set of credentials of the instance profile is valid.</summary>
    public TimeSpan CredentialLifetime { get; init; } = TimeSpan.FromHours(6);

    public ImmutableSortedDictionary<string, string> Tags { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>Whether IMDS shows the tags (the launch option InstanceMetadataTags).</summary>
    public bool TagsInMetadata { get; init; }

    /// <summary>The bytes of <c>/latest/user-data</c>; null is an instance without user data (404).</summary>
    public ReadOnlyMemory<byte>? UserData { get; init; }

    public ImdsMode ImdsMode { get; init; } = ImdsMode.Enabled;

    /// <summary>Whether IMDS listens on <c>[::1]</c> as well.</summary>
    public bool ImdsOnIpv6 { get; init; }

    /// <summary>Where IMDS listens: loopback, or its real address where that is this machine's own (a network namespace).</summary>
    public IPAddress ImdsAddress { get; init; } = IPAddress.Loopback;

    /// <summary>The port of IMDS; 0 is any free one.</summary>
    public int ImdsPort { get; init; }

    /// <summary>The port of the AWS endpoints; 0 is any free one.</summary>
    public int AwsPort { get; init; }

    /// <summary>What EKS DescribeCluster knows; null when there is no cluster.</summary>
    public ClusterOptions? Cluster { get; init; } = new();

    /// <summary>Types that the table of EC2 instance types lacks, or shows otherwise.</summary>
    public ImmutableArray<InstanceTypeRow> InstanceTypes { get; init; } = [];

    /// <summary>Actions that the role may not call, as <c>ec2:DescribeInstances</c>.</summary>
    public ImmutableHashSet<string> DeniedActions { get; init; } = [];

    /// <summary>Faults, in the language of <see cref="Faults.FaultScript"/>.</summary>
    public ImmutableArray<string> Faults { get; init; } = [];

    /// <summary>The API server side of the cluster: what verifies tokens, and the endpoint; null for none.</summary>
    public KubernetesOptions? Kubernetes { get; init; }

    /// <summary>Whether a forward proxy is started too.</summary>
    public bool Proxy { get; init; }

    /// <summary><c>user:password</c> that the proxy wants; null when it wants none.</summary>
    public string? ProxyCredentials { get; init; }

    internal string Zone => AvailabilityZone ?? Region + "a";

    internal string EffectivePrivateDnsName => PrivateDnsName ?? InternalName;

    internal string EffectiveLocalHostname => LocalHostname ?? $"ip-{LocalIpv4.Replace('.', '-')}.corp.example.com";

    // us-east-1 is the one region whose internal names do not hold the region.
    private string InternalName => $"ip-{LocalIpv4.Replace('.', '-')}." +
        (Region == "us-east-1" ? "ec2.internal" : $"{Region}.compute.internal");
}

/// <summary>How IMDS behaves.</summary>
public enum ImdsMode
{
    /// <summary>Version 2, tokens required.</summary>
    Enabled,

    /// <summary>HttpEndpoint is disabled: every request is refused with 403.</summary>
    Disabled,

    /// <summary>
    /// The response hop limit is 1 and the caller sits one hop away: the connection is made, the answer to the token request
    /// never arrives.
    /// </summary>
    HopLimitReached,
}

/// <summary>A network interface beside the primary one.</summary>
public sealed record SecondaryInterface(string Mac, int DeviceNumber, int NetworkCard)
{
    public ImmutableArray<string> Ipv4Addresses { get; init; } = [];

    public ImmutableArray<string> Ipv6Addresses { get; init; } = [];
}

/// <summary>The limits of one instance type, as DescribeInstanceTypes shows them.</summary>
public sealed record InstanceTypeRow(string Name, string Architecture, int Vcpus, long MemoryMib, int DefaultCardEnis, int Ipv4PerEni)
{
    public int NetworkCards { get; init; } = 1;

    public int TotalEnis { get; init; } = DefaultCardEnis;

    public int Ipv6PerEni { get; init; } = Ipv4PerEni;

    public string Hypervisor { get; init; } = "nitro";

    public bool BareMetal { get; init; }
}

/// <summary>The cluster as EKS shows it.</summary>
public sealed record ClusterOptions
{
    public string Name { get; init; } = "demo";

    public string KubernetesVersion { get; init; } = "1.33";

    public string Endpoint { get; init; } = "https://0123456789ABCDEF0123456789ABCDEF.gr7.us-west-2.eks.amazonaws.com";

    /// <summary>The certificate in PEM; a fresh one unless told otherwise.</summary>
    public string CertificateAuthorityPem { get; init; } = Scenarios.ClusterCertificate.Pem;

    public string? ServiceIpv4Cidr { get; init; } = "172.20.0.0/16";

    /// <summary>Set for a cluster of the IPv6 family.</summary>
    public string? ServiceIpv6Cidr { get; init; }

    /// <summary>The Outpost that a local cluster runs on; null in a region.</summary>
    public string? OutpostArn { get; init; }

    /// <summary>The id of a local cluster; null in a region.</summary>
    public string? Id { get; init; }

    public string Status { get; init; } = "ACTIVE";
}
