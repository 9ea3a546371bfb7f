using EksNode.Configuration.Values;

namespace EksNode.Planning.Containerd;

/// <summary>A schema of containerd's configuration file; the number is the one of its <c>version</c> key.</summary>
public enum ContainerdSchema
{
    /// <summary>containerd 1.x: the CRI plugin is one plugin, <c>io.containerd.grpc.v1.cri</c>.</summary>
    Two = 2,

    /// <summary>containerd 2.0 and later: the CRI plugin is split into images, runtime and server.</summary>
    Three = 3,

    /// <summary>
    /// containerd 2.3 and later, which still read schema 3: the sockets of the server moved into plugins. It is written only
    /// where a user's configuration declares it.
    /// </summary>
    Four = 4,
}

/// <summary>Which schema which containerd speaks.</summary>
/// <remarks>Source: <c>version.ConfigVersion</c> of the containerd releases 1.7.0, 2.0.0, 2.1.0, 2.2.0 and 2.3.0.</remarks>
public static class ContainerdSchemas
{
    /// <summary>The release whose keys <c>data/containerd-config-keys.tsv</c> lists for schema 3: what a later one adds is not known here.</summary>
    public static readonly SemanticVersion NewestKnown = new(2, 1, 0);

    /// <summary>The schema that eksnode writes for a containerd: 3 for 2.0 and everything later (3.x too), 2 before.</summary>
    public static ContainerdSchema Of(SemanticVersion containerd) =>
        containerd.Major >= 2 ? ContainerdSchema.Three : ContainerdSchema.Two;

    /// <summary>The newest schema that a containerd reads.</summary>
    public static ContainerdSchema Newest(SemanticVersion containerd) =>
        containerd.AtLeast(2, 3) ? ContainerdSchema.Four : Of(containerd);

    /// <summary>Whether a containerd has settings that eksnode's table of keys cannot know.</summary>
    public static bool IsNewerThanTable(SemanticVersion containerd) =>
        containerd.AtLeast(NewestKnown.Major, NewestKnown.Minor + 1);
}
