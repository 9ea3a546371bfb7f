namespace EksNode.Planning.Facts;

/// <summary>Facts of the host that follow from the instance type where the machine itself did not tell them.</summary>
public static class HostFactsDefaults
{
    /// <summary>What <see cref="NodeFacts.Sources"/> says of such a fact.</summary>
    public const string Source = "instance catalog";

    private const long Mebibyte = 1024 * 1024;

    /// <summary>
    /// CPU count, memory and architecture from the catalog where they are missing. The memory is that of the instance type: the
    /// firmware and the kernel leave a little less.
    /// </summary>
    public static NodeFacts Fill(NodeFacts facts)
    {
        if (facts.Instance.Type is not { } type || InstanceCatalog.Find(type) is not { } entry)
        {
            return facts;
        }

        var host = facts.Host;
        var sources = facts.Sources.ToBuilder();
        if (host.CpuCount is null && entry.Vcpus is { } cpus)
        {
            host = host with { CpuCount = cpus };
            sources["host.cpuCount"] = Source;
        }

        if (host.MemoryBytes is null && entry.MemoryMib is { } memory)
        {
            host = host with { MemoryBytes = memory * Mebibyte };
            sources["host.memoryBytes"] = Source;
        }

        if (host.Architecture is null && entry.GoArchitecture is { } architecture)
        {
            host = host with { Architecture = architecture };
            sources["host.architecture"] = Source;
        }

        return facts with { Host = host, Sources = sources.ToImmutable() };
    }
}
