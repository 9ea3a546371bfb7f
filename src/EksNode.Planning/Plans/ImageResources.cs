using System.Collections.Immutable;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Values;

namespace EksNode.Planning.Plans;

/// <summary>What is in an image alone and is no file that a plan has the bytes of: the build of an image brings it about, each kind in its own way.</summary>
public abstract record ImageResource : Resource;

/// <summary>A package of the distribution. <see cref="Resource.Path"/> is the root, into which it is installed.</summary>
public sealed record PackageResource : ImageResource
{
    /// <inheritdoc/>
    public override string Id => "package:" + Name;

    /// <inheritdoc/>
    public override bool OwnsPath => false;

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Which versions may be installed; null: it must not be installed.</summary>
    public required VersionConstraint? Version { get; init; }
}

/// <summary>A file of an archive that is installed.</summary>
/// <param name="Member">Its name in the archive, or <c>*</c> for every file in it.</param>
/// <param name="Path">Where it is installed; a folder, with a slash at its end, for <c>*</c>.</param>
public sealed record InstalledFile(string Member, string Path);

/// <summary>
/// Programs that are downloaded from their publisher, whose checksum is verified before any of them is installed. <see cref="Resource.Path"/> is that of
/// the first, or the folder of all.
/// </summary>
public sealed record BinaryResource : ImageResource
{
    /// <inheritdoc/>
    public override string Id => "binary:" + Name;

    /// <inheritdoc/>
    public override bool OwnsPath => !Files[0].Path.EndsWith('/');

    /// <summary>The name of the component.</summary>
    public required string Name { get; init; }

    /// <summary>Its version; null where a document names a URL and no version.</summary>
    public required SemanticVersion? Version { get; init; }

    /// <summary>Where it is downloaded from.</summary>
    public required string Url { get; init; }

    /// <summary>The SHA-256 of what is downloaded, in hexadecimal digits; null: not known, and nothing is installed.</summary>
    public required string? Sha256 { get; init; }

    /// <summary>Whether what is downloaded is a tar.gz archive, or the program itself.</summary>
    public required bool IsArchive { get; init; }

    /// <summary>What is installed.</summary>
    public required ImmutableArray<InstalledFile> Files { get; init; }

    /// <summary>How the publisher signs it: <c>cosign</c>, <c>openpgp</c>; empty when it is not signed, or its place is not the publisher's.</summary>
    public string Signature { get; init; } = "";

    /// <summary>Who must have signed it.</summary>
    public string Signer { get; init; } = "";

    /// <summary>Where the public keys of the signature are; empty: none are needed. They count only when they are the signer's.</summary>
    public string SignerKeys { get; init; } = "";
}

/// <summary>eksnode itself: the executable that builds the image is copied into it.</summary>
public sealed record OwnProgramResource : ImageResource
{
    /// <inheritdoc/>
    public override string Id => "program:" + Path;
}

/// <summary>A container image that is in the image of the node, unpacked and pinned. <see cref="Resource.Path"/> is containerd's folder.</summary>
public sealed record ContainerImageResource : ImageResource
{
    /// <inheritdoc/>
    public override string Id => "image:" + Name;

    /// <inheritdoc/>
    public override bool OwnsPath => false;

    /// <summary>Its name, with registry and tag or digest.</summary>
    public required string Name { get; init; }

    /// <summary>Other names under which the node looks for it: that of the pause image in containerd's configuration.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];
}

/// <summary>Whether a unit starts at boot. <see cref="Resource.Path"/> is the folder of the administrator's units.</summary>
public sealed record UnitStateResource : ImageResource
{
    /// <inheritdoc/>
    public override string Id => "unit:" + Name;

    /// <inheritdoc/>
    public override bool OwnsPath => false;

    /// <summary>The unit, with its suffix.</summary>
    public required string Name { get; init; }

    /// <summary>What becomes of it.</summary>
    public required UnitState State { get; init; }

    /// <summary>Whether no node joins without the unit.</summary>
    public bool IsNeeded { get; init; }
}

/// <summary>
/// Permission bits and owner of a file or folder that something else makes: a package, or the base. One that is not there, and a link, stay as they are.
/// </summary>
public sealed record PermissionsResource : Resource
{
    /// <summary>What its id begins with.</summary>
    public const string Prefix = "permissions:";

    /// <inheritdoc/>
    public override string Id => Prefix + Path;

    /// <summary>The most permission bits that it may have. Others are taken away, and it becomes root's own.</summary>
    public required int Mode { get; init; }
}

/// <summary>A word on the command line of the kernel, in every boot entry and for those that are added later. <see cref="Resource.Path"/> is <c>/boot</c>.</summary>
public sealed record KernelArgumentResource : ImageResource
{
    /// <summary>The word that turns FIPS mode on.</summary>
    public const string Fips = "fips=1";

    /// <inheritdoc/>
    public override string Id => "kernel-argument:" + Argument;

    /// <inheritdoc/>
    public override bool OwnsPath => false;

    /// <summary>The word: <c>audit=1</c>.</summary>
    public required string Argument { get; init; }
}
