namespace EksNode.Host.Imaging;

/// <summary>What an entry of an archive is.</summary>
internal enum TarKind
{
    /// <summary>A regular file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A hard link or a symbolic link.</summary>
    Link,

    /// <summary>A device, a named pipe, or something that no archive of programs has.</summary>
    Special,
}

/// <summary>An entry of a tar archive.</summary>
internal sealed class TarEntry
{
    /// <summary>Its name without a leading <c>./</c>; it may be absolute or climb with <c>..</c>: see <see cref="StaysBelow"/>.</summary>
    public required string Name { get; init; }

    /// <summary>What it is.</summary>
    public required TarKind Kind { get; init; }

    /// <summary>The bytes of its content.</summary>
    public required long Size { get; init; }

    /// <summary>Whether the name stays below the folder that it is unpacked in.</summary>
    public bool StaysBelow
    {
        get
        {
            foreach (var part in Name.Split('/'))
            {
                // Empty: it begins with a slash, has two, or is the folder itself.
                if (part is "" or "." or "..")
                {
                    return false;
                }
            }

            return true;
        }
    }
}
