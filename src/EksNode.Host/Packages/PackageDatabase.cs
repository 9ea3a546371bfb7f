using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Host.Facts;
using EksNode.Host.Files;
using EksNode.Host.Processes;

namespace EksNode.Host.Packages;

/// <summary>A package in the database of a root.</summary>
public sealed class PackageRecord
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The whole version: <c>1:2.2.4-1.amzn2023</c>, with an epoch only where there is one.</summary>
    public required string Version { get; init; }

    /// <summary>As the package manager names it: <c>x86_64</c>, <c>noarch</c>, <c>amd64</c>, <c>all</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Its license in the packager's words; null: the database does not tell.</summary>
    public string? License { get; init; }

    /// <summary>Who made the package; null: the database does not tell.</summary>
    public string? Supplier { get; init; }
}

/// <summary>The packages of a root.</summary>
/// <param name="kind"><c>rpm</c> or <c>dpkg</c>.</param>
/// <param name="packages">The packages, sorted by name, then architecture and version.</param>
public sealed class PackageList(string kind, ImmutableArray<PackageRecord> packages)
{
    /// <summary><c>rpm</c> or <c>dpkg</c>.</summary>
    public string Kind => kind;

    /// <summary>The packages, sorted by name, then architecture and version.</summary>
    public ImmutableArray<PackageRecord> Packages => packages;
}

/// <summary>
/// Lists what is installed in a root, without its package manager: dpkg's database is text; rpm's is read by <c>rpm</c> of this machine, which
/// runs nothing of the root. So a root for another processor is listed as well.
/// </summary>
/// <param name="root">The root.</param>
/// <param name="programs">Runs programs.</param>
public sealed class PackageDatabase(HostRoot root, ProgramRunner programs)
{
    private const string DpkgStatus = "/var/lib/dpkg/status";
    private const string Rpm = "/usr/bin/rpm";
    private const string NoValue = "(none)"; // what rpm writes for a tag that a package lacks

    // dpkg keeps a paragraph of about a kilobyte for each package; rpm tells a line of about 150 bytes. A node has some 500.
    private const int DpkgLimit = 64 << 20;
    private const int RpmLimit = 16 << 20;

    private const string RpmFormat = @"%{NAME}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\t%{ARCH}\t%{LICENSE}\t%{VENDOR}\n";

    private static readonly TimeSpan RpmDeadline = TimeSpan.FromMinutes(2);

    private static readonly string[] RpmFolders = ["/usr/lib/sysimage/rpm", "/var/lib/rpm"];
    private static readonly string[] RpmFiles = ["rpmdb.sqlite", "Packages.db", "Packages"];

    /// <summary>What is installed; null when the root has no database of packages.</summary>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiagnosticException">The database is there and cannot be read.</exception>
    public async Task<PackageList?> ReadAsync(CancellationToken cancellation)
    {
        if (root.ReadFile(DpkgStatus, DpkgLimit) is { } status)
        {
            return new PackageList("dpkg", OfDpkg(Encoding.UTF8.GetString(status)));
        }

        foreach (var folder in RpmFolders)
        {
            foreach (var file in RpmFiles)
            {
                if (root.Status($"{folder}/{file}", followLink: true) is { Kind: FileKind.File })
                {
                    return new PackageList("rpm", await OfRpmAsync(folder, cancellation).ConfigureAwait(false));
                }
            }
        }

        return null;
    }

    /// <summary>The packages of dpkg's status file (deb-control(5), dpkg(1)) that are installed.</summary>
    internal static ImmutableArray<PackageRecord> OfDpkg(string text)
    {
        var packages = new List<PackageRecord>();
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n'))
        {
            if (line.Length == 0)
            {
                AddDpkg(fields, packages);
                fields.Clear();
            }
            else if (line[0] is not (' ' or '\t') && line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            {
                fields[line[..colon]] = line[(colon + 1)..].Trim();
            }
        }

        AddDpkg(fields, packages);
        return Sorted(packages);
    }

    private static void AddDpkg(Dictionary<string, string> fields, List<PackageRecord> packages)
    {
        // Its files are there and unpacked, whatever of other packages is still to be told to it.
        var state = fields.GetValueOrDefault("Status")?.Split(' ')[^1];
        if (state is "installed" or "triggers-awaited" or "triggers-pending" && fields.TryGetValue("Package", out var name) && fields.TryGetValue("Version", out var version))
        {
            packages.Add(new PackageRecord
            {
                Name = name,
                Version = version,
                Architecture = fields.GetValueOrDefault("Architecture", ""),
                Supplier = Known(fields.GetValueOrDefault("Maintainer", "")),
            });
        }
    }

    private async Task<ImmutableArray<PackageRecord>> OfRpmAsync(string folder, CancellationToken cancellation)
    {
        var database = ProgramLocation.Find(root, folder) ?? throw Unlisted("/proc is not mounted", "Mount it.");
        var call = new ProgramCall(Rpm, ["--dbpath", database, "--query", "--all", "--queryformat", RpmFormat], RpmDeadline, RpmLimit);
        var result = await programs.RunAsync(call, cancellation).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            throw Unlisted(
                $"`{Rpm}` {result.Describe()}",
                result.End == ProgramEnd.NotStarted ? "Install rpm on this machine: only it reads its database." : "Look whether the rpm of this machine is as new as that of the root.");
        }

        var packages = new List<PackageRecord>();
        foreach (var line in result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split('\t') is not [var name, var version, var architecture, var license, var vendor])
            {
                throw Unlisted($"`{Rpm}` wrote a line that is no package: {Quoted.Text(line)}", "Look whether the database is damaged (`rpm --verifydb`).");
            }

            // A key that signatures are checked with stands among the packages, and is none.
            if (architecture != NoValue)
            {
                packages.Add(new PackageRecord { Name = name, Version = version, Architecture = architecture, License = Known(license), Supplier = Known(vendor) });
            }
        }

        return Sorted(packages);
    }

    private static string? Known(string value) => value is NoValue or "" ? null : value;

    private DiagnosticException Unlisted(string why, string help) => new(
        DiagnosticCatalogue.PackagesUnlisted, $"The packages of {root.Path} cannot be listed: {why}.", help);

    private static ImmutableArray<PackageRecord> Sorted(List<PackageRecord> packages)
    {
        packages.OrderInPlace(static (a, b) =>
        {
            var order = string.CompareOrdinal(a.Name, b.Name);
            order = order != 0 ? order : string.CompareOrdinal(a.Architecture, b.Architecture);
            return order != 0 ? order : string.CompareOrdinal(a.Version, b.Version);
        });
        return [.. packages];
    }
}
