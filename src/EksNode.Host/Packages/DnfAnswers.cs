using System.Globalization;

namespace EksNode.Host.Packages;

/// <summary>A package that a repository has.</summary>
internal sealed class DnfPackage
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its whole version, without an epoch of 0.</summary>
    public required string Version { get; init; }

    /// <summary>Its architecture.</summary>
    public required string Architecture { get; init; }

    /// <summary>Where it is in its repository.</summary>
    public required string Location { get; init; }

    /// <summary>The SHA-256 of its file, when its repository tells that.</summary>
    public required string? Sha256 { get; init; }
}

/// <summary>What <c>dnf repoquery</c> and <c>rpm -qa</c> answer.</summary>
internal static class DnfAnswers
{
    /// <summary>The format of repoquery. dnf writes a checksum as the pair of Python that it is to it: <c>(2, b'\xb5…')</c>; it is last, as it may hold anything.</summary>
    public const string RepositoryFormat = "%{name}\t%{epoch}\t%{version}-%{release}\t%{arch}\t%{location}\t%{chksum}";

    /// <summary>The format of rpm.</summary>
    public const string InstalledFormat = @"%{NAME}\t%{EPOCHNUM}\t%{VERSION}-%{RELEASE}\t%{ARCH}\n";

    /// <summary>The format of rpm that lists the names of packages with scripts that run when they are installed, and an empty text for others.</summary>
    public const string ScriptedFormat = @"%|PREINPROG?{%{NAME}\n}:{%|POSTINPROG?{%{NAME}\n}:{%|POSTTRANSPROG?{%{NAME}\n}|}|}|";

    private const int Sha256Length = 32;

    /// <summary>The packages of repositories.</summary>
    /// <param name="output">An answer in <see cref="RepositoryFormat"/>.</param>
    public static List<DnfPackage> Repository(string output)
    {
        List<DnfPackage> packages = [];
        foreach (var line in output.Split('\n'))
        {
            if (line.Split('\t', 6) is [var name, var epoch, var version, var architecture, var location, var checksum])
            {
                packages.Add(new DnfPackage
                {
                    Name = name,
                    Version = Whole(epoch, version),
                    Architecture = architecture,
                    Location = location,
                    Sha256 = Sha256(checksum),
                });
            }
        }

        return packages;
    }

    /// <summary>The packages of a root; keys, which rpm keeps among them, are none.</summary>
    /// <param name="output">An answer in <see cref="InstalledFormat"/>.</param>
    public static List<InstalledPackage> Installed(string output)
    {
        List<InstalledPackage> packages = [];
        foreach (var line in output.Split('\n'))
        {
            if (line.Split('\t') is [var name, var epoch, var version, var architecture] && name != "gpg-pubkey")
            {
                packages.Add(new InstalledPackage(name, Whole(epoch, version), architecture));
            }
        }

        return packages;
    }

    /// <summary>A package as dnf takes it for exactly that one.</summary>
    public static string Nevra(string name, string version, string architecture) =>
        $"{name}-{(version.Contains(':', StringComparison.Ordinal) ? "" : "0:")}{version}.{architecture}";

    private static string Whole(string epoch, string version) => epoch is "0" or "(none)" ? version : $"{epoch}:{version}";

    // Python's form of bytes: characters of ASCII are themselves, others `\n`, `\t`, `\r`, `\\`, `\'` or `\x00`.
    private static string? Sha256(string pair)
    {
        var at = pair.IndexOf(", b", StringComparison.Ordinal) + 4;
        if (at < 4 || pair.Length < at + 2)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[Sha256Length];
        var count = 0;
        for (var end = pair.Length - 2; at < end; count++)
        {
            if (count == Sha256Length)
            {
                return null;
            }

            var value = pair[at++];
            if (value == '\\')
            {
                value = pair[at++];
                if (value == 'x')
                {
                    if (!byte.TryParse(pair.AsSpan(at, Math.Min(2, pair.Length - at)), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[count]))
                    {
                        return null;
                    }

                    at += 2;
                    continue;
                }

                value = value switch
                {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    _ => value,
                };
            }

            bytes[count] = (byte)value;
        }

        return count == Sha256Length ? Convert.ToHexStringLower(bytes) : null;
    }
}
