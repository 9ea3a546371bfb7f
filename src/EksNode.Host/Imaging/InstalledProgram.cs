using System.Collections.Immutable;

namespace EksNode.Host.Imaging;

/// <summary>A file that was installed from a download.</summary>
public sealed class InstalledProgram
{
    /// <summary>Its name in the archive, without a leading <c>./</c>; of a download that is the program itself, the name that the plan gives it.</summary>
    public required string Member { get; init; }

    /// <summary>Where it is, inside the root.</summary>
    public required string Path { get; init; }

    /// <summary>Its size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Its SHA-256, in lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>When its content was written, in nanoseconds since 1970.</summary>
    public required long Modified { get; init; }
}

/// <summary>What was installed from one download: what <see cref="BinaryInstaller.IsInstalled"/> compares a root with in the next run.</summary>
public sealed class InstalledBinary
{
    /// <summary>The name of the component.</summary>
    public required string Name { get; init; }

    /// <summary>Where it was downloaded from.</summary>
    public required string Url { get; init; }

    /// <summary>The SHA-256 of what was downloaded, in lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The installed files, by path in ordinal order.</summary>
    public required ImmutableArray<InstalledProgram> Files { get; init; }
}
