namespace EksNode.Planning.Plans;

/// <summary>
/// A module of the kernel that must be loaded when services start. It is no file below a root folder: only the running machine has
/// it. <see cref="Resource.Path"/> is where the kernel shows it.
/// </summary>
public sealed record KernelModuleResource : Resource
{
    /// <inheritdoc/>
    public override string NotBaked => "only the running kernel has it";

    /// <inheritdoc/>
    public override string Id => "kernel-module:" + Name;

    /// <summary>The name of the module: <c>nvidia</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Which build of it, where the image keeps several: <c>nvidia-open</c>; empty for a module of which there is one.</summary>
    public required string Build { get; init; }
}
