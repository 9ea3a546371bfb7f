using System.Globalization;
using EksNode.Host.Files;

namespace EksNode.Host.Engine;

/// <summary>
/// What tells one state of a path from another: for a file its content, mode and owner; for a link what it says. Two equal
/// identities are the same thing to eksnode, whatever time or inode says.
/// </summary>
public sealed record ObjectIdentity
{
    /// <summary>Nothing is there.</summary>
    public static ObjectIdentity Missing { get; } = new() { Kind = FileKind.Missing };

    /// <summary>What is there.</summary>
    public required FileKind Kind { get; init; }

    /// <summary>The permission bits; 0 for a link, which has none.</summary>
    public int Mode { get; init; }

    /// <summary>The owner's number. Of a run without root it is always that of the process, as it could set no other.</summary>
    public int User { get; init; }

    /// <summary>The group's number, as <see cref="User"/>.</summary>
    public int Group { get; init; }

    /// <summary>The SHA-256 of a file's bytes in lower-case hexadecimal; null for everything else.</summary>
    public string? Sha256 { get; init; }

    /// <summary>What a link says; null for everything else.</summary>
    public string? Target { get; init; }

    /// <summary>Whether something is there.</summary>
    public bool Exists => Kind != FileKind.Missing;

    /// <summary>The permission bits as four octal digits: <c>0644</c>.</summary>
    public string ModeText => FormatMode(Mode);

    /// <summary>A file.</summary>
    public static ObjectIdentity File(string sha256, int mode, int user, int group) =>
        new() { Kind = FileKind.File, Sha256 = sha256, Mode = mode, User = user, Group = group };

    /// <summary>A link.</summary>
    public static ObjectIdentity Symlink(string target) => new() { Kind = FileKind.Symlink, Target = target };

    /// <summary>Permission bits as four octal digits.</summary>
    public static string FormatMode(int mode) => Convert.ToString(mode & 0xFFF, 8).PadLeft(4, '0');

    /// <summary>The permission bits of four octal digits, or null when the text has another form.</summary>
    public static int? ParseMode(string? text)
    {
        if (text is not { Length: 4 })
        {
            return null;
        }

        var mode = 0;
        foreach (var digit in text)
        {
            if (digit is < '0' or > '7')
            {
                return null;
            }

            mode = (mode * 8) + (digit - '0');
        }

        return mode;
    }

    /// <summary>The form for logs.</summary>
    public override string ToString() => Kind switch
    {
        FileKind.File => string.Create(CultureInfo.InvariantCulture, $"file {ModeText} {User}:{Group} {Sha256}"),
        FileKind.Symlink => $"link to {Target}",
        FileKind.Missing => "nothing",
        _ => Kind.ToString().ToLowerInvariant(),
    };
}
