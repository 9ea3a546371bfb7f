using EksNode.Configuration.Text;
using EksNode.Host.Processes;

namespace EksNode.Host.Packages;

/// <summary>What a failure of dnf comes to. dnf has one exit code for all of them, so it is read from what dnf says, in the C locale.</summary>
internal static class DnfFailures
{
    // Another dnf holds the lock, with `exit_on_lock`.
    private const int LockedExitCode = 200;

    private const string Problem = "Problem";

    /// <summary>What dnf says of who holds its lock; null: that is not why it ended.</summary>
    public static string? Locked(ProgramResult result) => result.ExitCode == LockedExitCode ? LineWith(result.Error, "locked by") ?? "dnf does not say which" : null;

    /// <summary>The failure.</summary>
    /// <param name="result">How dnf ended.</param>
    /// <param name="root">Its root, for messages.</param>
    public static DiagnosticException From(ProgramResult result, string root)
    {
        var error = result.Error;
        if (Between(error, "Failed to download metadata for repo '", "'") is { } repository)
        {
            return Metadata(error, repository);
        }

        if (LineWith(error, "has incorrect checksum") is { } checksum && LineWith(error, "Error opening") is null)
        {
            return NotTrusted($"A package is not what its repository says: {checksum}.", "Ask whoever keeps the repository to mend its metadata (`createrepo_c`).");
        }

        if (LineWith(result.Output, "checksum doesn't match") is { } mirror)
        {
            return NotTrusted($"A package is not what its repository says: {mirror}.", "Look whether the mirror, or a proxy on the way to it, changes files.");
        }

        if (error.Contains("You have enabled checking of packages via GPG keys", StringComparison.Ordinal))
        {
            return NotTrusted(
                "A repository has its packages checked, and no key is known that could have signed them.",
                $"Name the publisher's key as `gpgkey=` in the repository's file in {Below(root, "/etc/yum.repos.d")}, or import it with `rpm --import`.");
        }

        if (error.Contains("GPG check FAILED", StringComparison.Ordinal))
        {
            var which = PackageProblems.LineWithAny(error, "is not signed", "Public key for", "Problem opening package") ?? "the check failed";
            return NotTrusted(
                $"A package is not signed as its repository demands: {which}.",
                $"See that `gpgkey=` in {Below(root, "/etc/yum.repos.d")} names the key of whoever signs the packages; eksnode never installs without the check.");
        }

        if (PackageProblems.LineWithAny(error, "No space left on device", "more space needed on", "database or disk is full") is { } space)
        {
            return PackageProblems.DiskFull(space, root);
        }

        if (PackageProblems.LineWithAny(result.Output + error, "Status code:", "Curl error", "Error opening", "annot download") is { } download)
        {
            return PackageProblems.RepositoryUnreadable($"A package or a key cannot be downloaded: {download}.");
        }

        if (LineWith(error, "no enabled repositories") is { } none)
        {
            return NoRepositories(root, none);
        }

        return error.Contains(Problem, StringComparison.Ordinal) || error.Contains("protected packages", StringComparison.Ordinal)
            ? PackageProblems.Conflict(Reasons(error))
            : PackageProblems.Failed("dnf", Last(error) ?? result.Describe());
    }

    /// <summary>What dnf says of the first script of a package that failed though the transaction did not; null: none did.</summary>
    public static string? Script(ProgramResult result) => LineWith(result.Error, "scriptlet in rpm package") ?? LineWith(result.Output, "scriptlet in rpm package");

    /// <summary>dnf knows no repository.</summary>
    public static DiagnosticException NoRepositories(string root, string what) => new(
        DiagnosticCatalogue.RepositoryUnreadable,
        $"dnf has no repositories for {root}: {what.TrimEnd('.')}.",
        $"Install the distribution's release package into {root} first, or put a repository file into {Below(root, "/etc/yum.repos.d")}.");

    private static DiagnosticException Metadata(string error, string repository)
    {
        var why = PackageProblems.LineWithAny(error, "Curl error", "Status code:", "Failed to download metadata")!;
        return error.Contains("GPG", StringComparison.Ordinal)
            ? NotTrusted($"The metadata of the repository {repository} is not signed as it must be: {why}.", "Ask whoever keeps the repository, or correct its `gpgkey=`.")
            : PackageProblems.RepositoryUnreadable($"The repository {repository} cannot be read: {why}.");
    }

    private static DiagnosticException NotTrusted(string message, string help) => new(DiagnosticCatalogue.PackageNotTrusted, message, help);

    // The solver's reasons, without the headings.
    private static string Reasons(string error)
    {
        List<string> reasons = [];
        foreach (var line in error.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var text = line.StartsWith("Error:", StringComparison.Ordinal) ? line["Error:".Length..] : line;
            if (text.StartsWith(Problem, StringComparison.Ordinal))
            {
                text = text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..];
            }

            text = text.TrimStart('-', ' ');
            if (text.Length > 0)
            {
                reasons.Add(text);
            }
        }

        return string.Join("; ", reasons);
    }

    // Python's own failures end with a line that says what it was; dnf's begin with `Error:`.
    private static string? Last(string error)
    {
        var line = LineWith(error, "Error:") is { Length: > 6 } named ? named : PackageProblems.LastLine(error);
        return line is not null && line.StartsWith("Error:", StringComparison.Ordinal) ? line["Error:".Length..].Trim() : line;
    }

    private static string? LineWith(string text, string what) => PackageProblems.LineWith(text, what);

    private static string? Between(string text, string before, string after)
    {
        var start = text.IndexOf(before, StringComparison.Ordinal);
        if (start < 0)
        {
            return null;
        }

        start += before.Length;
        var end = text.IndexOf(after, start, StringComparison.Ordinal);
        return end < 0 ? null : text[start..end];
    }

    private static string Below(string root, string path) => root == "/" ? path : root + path;
}
