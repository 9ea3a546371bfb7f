namespace EksNode.Host.Inventory;

/// <summary>What a component of a node is.</summary>
public enum ComponentKind
{
    /// <summary>A program that tells its version.</summary>
    Program,

    /// <summary>A kernel.</summary>
    Kernel,

    /// <summary>A module of a kernel that has a version of its own.</summary>
    KernelModule,

    /// <summary>A container image.</summary>
    ContainerImage,

    /// <summary>A package of the distribution.</summary>
    Package,
}

/// <summary>A component of a node or an image, with its version.</summary>
public sealed class NodeComponent
{
    /// <summary>What it is.</summary>
    public required ComponentKind Kind { get; init; }

    /// <summary>Its name; of a container image with registry and without tag.</summary>
    public required string Name { get; init; }

    /// <summary>Its version; of a container image its tag, or its digest when it has none. Null: it is there and tells none.</summary>
    public required string? Version { get; init; }

    /// <summary>Where it is; null for what has no path of its own.</summary>
    public string? Path { get; init; }

    /// <summary>
    /// What told the version: <c>rpm</c>, <c>dpkg</c>, <c>manifest</c>, <c>program</c>, <c>containerd</c>, <c>running</c> (the kernel that runs), <c>installed</c> (a kernel
    /// that does not), <c>modinfo</c>.
    /// </summary>
    public required string Source { get; init; }

    /// <summary>The processor of a package, as its package manager names it; null for everything else.</summary>
    public string? Architecture { get; init; }

    /// <summary>The digest of a container image, <c>sha256:…</c>; null: not known.</summary>
    public string? Digest { get; init; }
}
