using System.Collections.Immutable;

namespace EksNode.Tools.Catalog;

/// <summary>One line of the table.</summary>
/// <param name="Cells">The cells in the order of <see cref="Columns"/>; empty: not known.</param>
public sealed record CatalogRow(ImmutableArray<string> Cells)
{
    /// <summary>The columns; <c>data/README.md</c> describes them.</summary>
    public static ImmutableArray<string> Columns { get; } =
    [
        "instance_type", "arch", "vcpus", "cores", "threads_per_core", "memory_mib", "hypervisor", "bare_metal",
        "default_card_max_enis", "total_max_enis", "network_cards", "ipv4_per_eni", "ipv6_per_eni", "efa_max_interfaces",
        "accelerator_kind", "accelerator_name", "accelerator_count", "accelerator_memory_mib",
        "instance_store_disks", "instance_store_disk_gb", "instance_store_kind",
    ];

    /// <summary>The name of the type.</summary>
    public string InstanceType => Cells[0];

    /// <summary>The line without its end.</summary>
    public override string ToString() => string.Join('\t', Cells);
}
