using System.Globalization;
using System.Text;

namespace EksNode.Host.Files;

/// <summary>
/// The names of files that are not in place yet: <c>.config.toml.eksnode-0001~</c>. No drop-in directory reads one: it begins
/// with a dot and ends in a tilde, not in a suffix such as <c>.conf</c>.
/// </summary>
internal static class TemporaryFiles
{
    // NAME_MAX is 255 bytes; a name of up to 4 bytes a character leaves room for what is added.
    private const int MostCharacters = 58;
    private const int NumberLength = 4;

    private static ReadOnlySpan<byte> Mark => ".eksnode-"u8;

    /// <summary>A temporary name for a file.</summary>
    /// <param name="name">The name that it will have.</param>
    /// <param name="number">Tells it from others in the same directory.</param>
    public static string NameFor(string name, int number) => string.Create(
        CultureInfo.InvariantCulture, $".{(name.Length > MostCharacters ? name[..MostCharacters] : name)}.eksnode-{number:x4}~");

    /// <summary>Whether a name is one that <see cref="NameFor"/> made.</summary>
    public static bool IsTemporary(string name) => IsTemporary(Encoding.UTF8.GetBytes(name));

    /// <summary>Whether a name is one that <see cref="NameFor"/> made.</summary>
    public static bool IsTemporary(ReadOnlySpan<byte> name)
    {
        if (name.Length < Mark.Length + NumberLength + 2 || name[0] != '.' || name[^1] != '~')
        {
            return false;
        }

        var number = name[^(NumberLength + 1)..^1];
        foreach (var digit in number)
        {
            if (!char.IsAsciiHexDigitLower((char)digit))
            {
                return false;
            }
        }

        return name[..^(NumberLength + 1)].EndsWith(Mark);
    }

    /// <summary>
    /// Removes what a killed run left in a directory. The caller holds the lock of the root, so that nothing of a run that is
    /// still alive is taken.
    /// </summary>
    /// <returns>The paths of what was removed.</returns>
    public static IReadOnlyList<string> Sweep(HostRoot root, string directoryPath)
    {
        using var directory = root.OpenOrNull(directoryPath, Libc.ReadOnly | Libc.DirectoryOnly, follow: true, "list");
        if (directory is null)
        {
            return [];
        }

        List<string> leftovers = [];
        HostRoot.ForEachEntry(directory, directoryPath, leftovers, static (leftovers, name) =>
        {
            if (IsTemporary(name))
            {
                leftovers.Add(Encoding.UTF8.GetString(name));
            }
        });
        for (var i = 0; i < leftovers.Count; i++)
        {
            var path = $"{directoryPath.TrimEnd('/')}/{leftovers[i]}";
            root.Steps?.Before("sweep", path);
            if (Libc.UnlinkAt(directory, leftovers[i], 0) != 0 && Libc.LastError != Errno.NoEntry)
            {
                throw Errno.Failure(Libc.LastError, "remove", path);
            }

            leftovers[i] = path;
        }

        return leftovers;
    }
}
