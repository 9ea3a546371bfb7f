namespace EksNode.Planning.Plans;

/// <summary>
/// A setting of the running kernel. <see cref="Resource.Path"/> is where the kernel shows it, below <c>/proc/sys</c>; a root folder without
/// that folder has no kernel, and there is nothing to set.
/// </summary>
public sealed record SysctlResource : Resource
{
    /// <inheritdoc/>
    public override string NotBaked => "only the running kernel has it";

    /// <inheritdoc/>
    public override string Id => "sysctl:" + Name;

    /// <summary>The name of the setting: <c>net.ipv4.ip_forward</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The value, with single spaces between its parts.</summary>
    public required string Value { get; init; }
}
