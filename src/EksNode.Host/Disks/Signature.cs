using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Disks;

/// <summary>What kind of thing is on a device.</summary>
internal enum SignatureKind
{
    /// <summary>Nothing that anybody knows.</summary>
    Blank,

    /// <summary>A file system.</summary>
    FileSystem,

    /// <summary>A member of a Linux software array.</summary>
    ArrayMember,

    /// <summary>Anything else: partition table, LVM, LUKS, swap, several things at once.</summary>
    Other,
}

/// <summary>What is on a device.</summary>
/// <param name="Kind">What kind.</param>
/// <param name="Type">The type as blkid names it: <c>xfs</c>, <c>linux_raid_member</c>, <c>LVM2_member</c>, <c>gpt</c>.</param>
/// <param name="Label">Its label; of an array's member the array's name.</param>
/// <param name="Uuid">Its UUID; of an array's member the array's.</param>
internal sealed record Signature(SignatureKind Kind, string Type = "", string? Label = null, string? Uuid = null)
{
    /// <summary>Nothing.</summary>
    public static Signature None { get; } = new(SignatureKind.Blank);

    /// <summary>Whether it is a file system that eksnode made.</summary>
    public bool IsOurs => Kind == SignatureKind.FileSystem && Label is not null && Label.StartsWith(FilesystemResource.LabelPrefix, StringComparison.Ordinal);

    /// <summary>The array's name without the host that made it: <c>any:kubernetes</c> is <c>kubernetes</c>.</summary>
    public string? ArrayName => Kind == SignatureKind.ArrayMember ? Label?[(Label.IndexOf(':', StringComparison.Ordinal) + 1)..] : null;

    /// <summary>For messages: <c>a partition table (gpt)</c>.</summary>
    public string Describe() => Kind switch
    {
        SignatureKind.Blank => "nothing",
        SignatureKind.FileSystem => $"a file system ({Type}{(Label is { Length: > 0 } ? $", labelled {Label}" : "")})",
        SignatureKind.ArrayMember => $"a member of the array {Label ?? Uuid}",
        _ => Type switch
        {
            "LVM2_member" or "LVM1_member" => $"an LVM physical volume ({Type})",
            "crypto_LUKS" => "an encrypted volume (LUKS)",
            "dos" or "gpt" or "mac" or "sun" or "bsd" or "sgi" or "atari" => $"a partition table ({Type})",
            "swap" => "swap space",
            _ => Type,
        },
    };
}

/// <summary>Finds out what is on a device, with <c>blkid -p</c>: from the device itself, never from a cache.</summary>
/// <param name="root">The machine.</param>
/// <param name="programs">Runs blkid.</param>
internal sealed class SignatureProbe(HostRoot root, DiskPrograms programs)
{
    // blkid(8).
    private const int Found = 0;
    private const int NothingFound = 2;
    private const int SeveralFound = 8;
    private const int Beginning = 4096;

    /// <summary>What is on a device.</summary>
    /// <param name="disk">The device.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiagnosticException">It cannot be read: what cannot be read is not blank.</exception>
    public async Task<Signature> ReadAsync(Disk disk, CancellationToken cancellation)
    {
        // blkid answers the same for a device that it cannot read as for a blank one.
        ReadBeginning(disk.Path);
        var result = await programs.TryAsync("blkid", ["-p", "-o", "export", disk.Path], cancellation).ConfigureAwait(false);
        return result.ExitCode switch
        {
            Found => Parse(result.Output),
            NothingFound => disk.Partitions.IsEmpty ? Signature.None : new Signature(SignatureKind.Other, "partitions"),
            SeveralFound => new Signature(SignatureKind.Other, "several signatures at once"),
            _ => throw DiskPrograms.Failed("blkid", $"Looking at what is on {disk.Path}", result),
        };
    }

    /// <summary>Reads what <c>blkid -o export</c> prints.</summary>
    public static Signature Parse(string output)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in output.Split('\n'))
        {
            var at = line.IndexOf('=', StringComparison.Ordinal);
            if (at > 0)
            {
                values[line[..at]] = Plain(line[(at + 1)..]);
            }
        }

        var (type, table) = (values.GetValueOrDefault("TYPE"), values.GetValueOrDefault("PTTYPE"));
        var (label, uuid) = (values.GetValueOrDefault("LABEL"), values.GetValueOrDefault("UUID"));
        return (type, table, values.GetValueOrDefault("USAGE")) switch
        {
            (null, null, _) => Signature.None,
            (null, { } partitions, _) => new Signature(SignatureKind.Other, partitions),
            ({ } both, { } partitions, _) => new Signature(SignatureKind.Other, $"{both} and a partition table ({partitions})"),
            ("linux_raid_member", _, _) => new Signature(SignatureKind.ArrayMember, "linux_raid_member", label, uuid),
            ({ } system, _, "filesystem") => new Signature(SignatureKind.FileSystem, system, label, uuid),
            ({ } other, _, _) => new Signature(SignatureKind.Other, other, label, uuid),
        };
    }

    // Special characters have a backslash before them.
    private static string Plain(string value)
    {
        var text = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            text.Append(value[i] == '\\' && i + 1 < value.Length ? value[++i] : value[i]);
        }

        return text.ToString();
    }

    private void ReadBeginning(string path)
    {
        using var device = root.OpenOrNull(path, Libc.ReadOnly | Libc.NonBlocking, follow: true, "read")
            ?? throw Errno.Failure(Errno.NoEntry, "read", path);
        if (Libc.Read(device, new byte[Beginning]) < 0)
        {
            throw Errno.Failure(Libc.LastError, "read", path);
        }
    }
}
