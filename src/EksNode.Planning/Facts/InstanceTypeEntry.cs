namespace EksNode.Planning.Facts;

/// <summary>What the catalog knows of an instance type. Null is not known; the columns are described in <c>data/README.md</c>.</summary>
public sealed record InstanceTypeEntry
{
    /// <summary>The name, <c>m6i.large</c>.</summary>
    public required string InstanceType { get; init; }

    /// <summary>The architectures as EC2 names them, the usual one last: <c>x86_64</c>, <c>arm64</c>, <c>i386|x86_64</c>.</summary>
    public string? Architectures { get; init; }

    /// <summary>Logical CPUs.</summary>
    public int? Vcpus { get; init; }

    /// <summary>Cores.</summary>
    public int? Cores { get; init; }

    /// <summary>Threads of a core.</summary>
    public int? ThreadsPerCore { get; init; }

    /// <summary>Memory in MiB.</summary>
    public long? MemoryMib { get; init; }

    /// <summary><c>nitro</c>, <c>xen</c>; null on bare metal, too.</summary>
    public string? Hypervisor { get; init; }

    /// <summary>Whether there is no hypervisor.</summary>
    public bool? BareMetal { get; init; }

    /// <summary>Network interfaces of the default network card.</summary>
    public required int DefaultCardMaxEnis { get; init; }

    /// <summary>Network interfaces of all network cards.</summary>
    public int? TotalMaxEnis { get; init; }

    /// <summary>Network cards.</summary>
    public int? NetworkCards { get; init; }

    /// <summary>IPv4 addresses of one network interface.</summary>
    public required int Ipv4PerEni { get; init; }

    /// <summary>IPv6 addresses of one network interface; 0 when it has none.</summary>
    public int? Ipv6PerEni { get; init; }

    /// <summary>EFA interfaces.</summary>
    public int? EfaMaxInterfaces { get; init; }

    /// <summary>The maker of the accelerators: <c>NVIDIA</c>, <c>Neuron</c>; null: none.</summary>
    public string? AcceleratorKind { get; init; }

    /// <summary>The accelerators' name: <c>H100</c>, <c>Trainium2</c>; null: none.</summary>
    public string? AcceleratorName { get; init; }

    /// <summary>How many accelerators; 0 with a name is a part of one.</summary>
    public int? AcceleratorCount { get; init; }

    /// <summary>The memory of all accelerators in MiB.</summary>
    public long? AcceleratorMemoryMib { get; init; }

    /// <summary>Instance store disks.</summary>
    public int? InstanceStoreDisks { get; init; }

    /// <summary>The size of one instance store disk in GB (10^9 bytes).</summary>
    public int? InstanceStoreDiskGb { get; init; }

    /// <summary><c>nvme-ssd</c>, <c>nvme-hdd</c>, <c>ssd</c>, <c>hdd</c>; null: none.</summary>
    public string? InstanceStoreKind { get; init; }

    /// <summary>The architecture as Go names it: <c>amd64</c>, <c>arm64</c>.</summary>
    public string? GoArchitecture => Architectures switch
    {
        "arm64" or "arm64_mac" => "arm64",
        "x86_64" or "x86_64_mac" or "i386|x86_64" => "amd64",
        _ => null,
    };
}
