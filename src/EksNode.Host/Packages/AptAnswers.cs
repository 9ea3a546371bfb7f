using System.Collections.Immutable;

namespace EksNode.Host.Packages;

/// <summary>A version of a package that apt knows.</summary>
internal sealed class AptVersion
{
    /// <summary>The whole version.</summary>
    public required string Version { get; init; }

    /// <summary>Its priority by the root's preferences; a negative one is never installed.</summary>
    public required int Priority { get; init; }

    /// <summary>Whether it is the installed one.</summary>
    public required bool IsInstalled { get; init; }

    /// <summary>Whether a repository has it; otherwise it is only installed.</summary>
    public bool IsAvailable { get; set; }
}

/// <summary>What <c>apt-cache policy</c> says of a package.</summary>
internal sealed class AptPolicy
{
    /// <summary>The name of the package.</summary>
    public required string Name { get; init; }

    /// <summary>What apt itself would take; null: nothing.</summary>
    public string? Candidate { get; set; }

    /// <summary>All versions, the newest first.</summary>
    public List<AptVersion> Versions { get; } = [];
}

/// <summary>What apt would do.</summary>
internal sealed class AptTransaction
{
    /// <summary>Packages that would be installed, in whatever way.</summary>
    public required ImmutableArray<InstalledPackage> Installed { get; init; }

    /// <summary>The names of packages that would be removed.</summary>
    public required ImmutableArray<string> Removed { get; init; }
}

/// <summary>Where a package is downloaded from.</summary>
internal sealed class AptFile
{
    /// <summary>The name that its file gets: <c>NAME_VERSION_ARCHITECTURE.deb</c>, with <c>%3a</c> for a colon.</summary>
    public required string File { get; init; }

    /// <summary>The URL.</summary>
    public required string Url { get; init; }

    /// <summary>The SHA-256, when the repository tells it.</summary>
    public required string? Sha256 { get; init; }
}

/// <summary>Reads the answers of apt and dpkg.</summary>
internal static class AptAnswers
{
    /// <summary>The format of dpkg-query.</summary>
    public const string InstalledFormat = @"${Package}\t${Version}\t${Architecture}\t${db:Status-Status}\n";

    private const string Status = "/var/lib/dpkg/status";
    private const int VersionColumn = 5;

    /// <summary>The packages of a root, a foreign one with its architecture in its name, as apt has it.</summary>
    /// <param name="output">An answer in <see cref="InstalledFormat"/>.</param>
    /// <param name="native">The architecture of the root.</param>
    public static List<InstalledPackage> Installed(string output, string native)
    {
        List<InstalledPackage> packages = [];
        foreach (var line in output.Split('\n'))
        {
            if (line.Split('\t') is [var name, var version, var architecture, "installed"])
            {
                packages.Add(new InstalledPackage(architecture == native || architecture == "all" ? name : $"{name}:{architecture}", version, architecture));
            }
        }

        return packages;
    }

    /// <summary>Whether the same answer has a package that a run which was killed left unpacked, or with triggers that did not run (dpkg(1), "Package states").</summary>
    public static bool HasHalfDone(string output)
    {
        foreach (var line in output.Split('\n'))
        {
            if (line.Split('\t') is [_, _, _, not ("installed" or "config-files" or "not-installed")])
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The answer of <c>apt-cache policy NAME…</c>: nothing about a name that is not known.</summary>
    public static List<AptPolicy> Policies(string output)
    {
        List<AptPolicy> policies = [];
        foreach (var line in output.Split('\n'))
        {
            if (line.Length > 1 && line[0] != ' ')
            {
                policies.Add(new AptPolicy { Name = line.TrimEnd(':') });
            }
            else if (policies is [.., var policy])
            {
                Add(line, policy);
            }
        }

        return policies;
    }

    /// <summary>The answer of <c>apt-get install --simulate</c>: <c>Inst NAME [OLD] (NEW SOURCE [ARCHITECTURE])</c>, <c>Remv NAME [OLD]</c>.</summary>
    public static AptTransaction Transaction(string output)
    {
        List<InstalledPackage> installed = [];
        List<string> removed = [];
        foreach (var line in output.Split('\n'))
        {
            var words = line.Split(' ');
            if (words[0] == "Remv" && words.Length > 1)
            {
                removed.Add(words[1]);
            }

            var (open, close) = (line.IndexOf('(', StringComparison.Ordinal), line.IndexOf(')', StringComparison.Ordinal));
            if (words[0] == "Inst" && open > 0 && close > open)
            {
                var what = line[(open + 1)..close].Split(' ');
                installed.Add(new InstalledPackage(words[1], what[0], what[^1].Trim('[', ']')));
            }
        }

        return new AptTransaction { Installed = [.. installed], Removed = [.. removed] };
    }

    /// <summary>The answer of <c>apt-get download --print-uris</c>: <c>'URL' FILE SIZE SHA256:SUM</c>.</summary>
    public static List<AptFile> Files(string output)
    {
        const string Kind = "SHA256:";
        List<AptFile> files = [];
        foreach (var line in output.Split('\n'))
        {
            if (line.Split(' ') is [var url, var file, _, var sum] && url is ['\'', .., '\''])
            {
                files.Add(new AptFile { File = file, Url = PackageLists.Normal(url.Trim('\'')), Sha256 = sum.StartsWith(Kind, StringComparison.Ordinal) ? sum[Kind.Length..] : null });
            }
        }

        return files;
    }

    /// <summary>The name of a package's file.</summary>
    public static string FileName(string name, string version, string architecture) =>
        $"{(name.IndexOf(':', StringComparison.Ordinal) is var colon and >= 0 ? name[..colon] : name)}_{version.Replace(":", "%3a", StringComparison.Ordinal)}_{architecture}.deb";

    // `  Candidate: 2.0`; ` *** 2.0 500` or `     2.0 500`: a version; `        500 http://…`: where it is from.
    private static void Add(string line, AptPolicy policy)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is ["Candidate:", var candidate])
        {
            policy.Candidate = candidate == "(none)" ? null : candidate;
        }
        else if (line.Length > VersionColumn && line[VersionColumn] != ' ' && line[VersionColumn - 1] == ' ')
        {
            var isInstalled = words[0] == "***";
            if (words.Length > (isInstalled ? 2 : 1) && int.TryParse(words[isInstalled ? 2 : 1], out var priority))
            {
                policy.Versions.Add(new AptVersion { Version = words[isInstalled ? 1 : 0], Priority = priority, IsInstalled = isInstalled });
            }
        }
        else if (words.Length > 1 && policy.Versions is [.., var version])
        {
            version.IsAvailable |= words[1] != Status;
        }
    }
}
