using EksNode.Configuration.Text;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Decisions;

/// <summary>How large the machine is: as the host tells, else as the catalog knows the instance type.</summary>
/// <param name="Cpus">Logical CPUs; null when nothing tells.</param>
/// <param name="MemoryBytes">Memory in bytes; null when nothing tells.</param>
internal sealed record MachineSize(Sourced<int>? Cpus, Sourced<long>? MemoryBytes)
{
    private const long Mebibyte = 1024 * 1024;

    /// <summary>The size of the machine.</summary>
    public static MachineSize Of(NodeFacts facts)
    {
        var type = facts.Instance.Type is { } name ? InstanceCatalog.Find(name) : null;
        var catalog = Origin.Fact("instance.type", $"the catalog's entry for {facts.Instance.Type}");
        return new MachineSize(
            facts.Host.CpuCount is { } cpus
                ? new Sourced<int>(cpus, facts.OriginOf("host.cpuCount"))
                : type?.Vcpus is { } vcpus ? new Sourced<int>(vcpus, catalog) : null,
            facts.Host.MemoryBytes is { } memory
                ? new Sourced<long>(memory, facts.OriginOf("host.memoryBytes"))
                : type?.MemoryMib is { } mebibytes ? new Sourced<long>(mebibytes * Mebibyte, catalog) : null);
    }
}
