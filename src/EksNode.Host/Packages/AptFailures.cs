using EksNode.Configuration.Text;
using EksNode.Host.Processes;

namespace EksNode.Host.Packages;

/// <summary>What a failure of apt or dpkg comes to. They have one exit code for all of them, so it is read from what they say, in the C locale.</summary>
internal static class AptFailures
{
    private const string DpkgError = "dpkg: error processing ";
    private const string Unmet = "unmet dependencies:";

    /// <summary>The line that says that somebody else has a lock; null: that is not the trouble.</summary>
    public static string? Locked(ProgramResult result) =>
        Line(result.Error, "Could not get lock", "dpkg frontend lock", "locked by another process");

    /// <summary>The failure.</summary>
    /// <param name="result">How the program ended.</param>
    /// <param name="root">Its root, for messages.</param>
    public static DiagnosticException From(ProgramResult result, string root)
    {
        var error = result.Error;
        if (PackageProblems.LineWith(error, "unshare:") is { } entering)
        {
            return NotEntered(entering, root);
        }

        if (Line(error, "NO_PUBKEY", "BADSIG", "GPG error", "is not signed", "cannot be authenticated", "were not authenticated") is { } signature)
        {
            return new DiagnosticException(
                DiagnosticCatalogue.PackageNotTrusted,
                $"A repository is not signed as it must be: {signature}.",
                "Name the publisher's key ring as `signed-by=` in the root's list of sources; eksnode installs nothing that is not signed.");
        }

        if (Line(error, "Hash Sum mismatch", "unexpected size", "does not match") is { } hash)
        {
            return new DiagnosticException(
                DiagnosticCatalogue.PackageNotTrusted,
                $"A package is not what its repository says: {hash}.",
                "Look whether the mirror, or a proxy on the way to it, changes files; a mirror that is being updated is right again later.");
        }

        if (Line(error, "No space left on device", "enough free space") is { } space)
        {
            return PackageProblems.DiskFull(space, root);
        }

        if (Line(error, "Failed to fetch", "does not have a Release file", "Unable to fetch") is { } fetch)
        {
            return PackageProblems.RepositoryUnreadable($"A repository cannot be read: {fetch}.");
        }

        return result.Output.Contains(Unmet, StringComparison.Ordinal) || error.Contains("held broken packages", StringComparison.Ordinal)
            ? PackageProblems.Conflict(Reasons(result.Output))
            : PackageProblems.Failed("apt", Script(error) ?? Line(error, "E:") ?? PackageProblems.LastLine(error) ?? result.Describe());
    }

    private static DiagnosticException NotEntered(string line, string root) =>
        line.Contains("Exec format error", StringComparison.Ordinal) ? new DiagnosticException(
            DiagnosticCatalogue.RootNotRunnable,
            $"The programs of {root} are for another processor: {line}.",
            "Build the image on a machine of its architecture, or register an emulator for its programs (the package qemu-user-static).")
        : line.Contains("No such file", StringComparison.Ordinal) ? new DiagnosticException(
            DiagnosticCatalogue.PackageManagerMissing,
            $"{root} has no apt: {line}.",
            "Give `--root` a Debian or Ubuntu root, as mmdebstrap or debootstrap make it, or set `spec.base.distribution`.")
        : PackageProblems.Failed("apt", line);

    // What dpkg says of a package is two lines: which, and why.
    private static string? Script(string error)
    {
        var at = error.IndexOf(DpkgError, StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        var lines = error[(at + DpkgError.Length)..].Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return lines.Length > 1 ? $"{lines[0]} {lines[1]}" : lines[0];
    }

    private static string Reasons(string output)
    {
        List<string> reasons = [];
        var start = output.IndexOf(Unmet, StringComparison.Ordinal);
        foreach (var line in output[Math.Max(0, start)..].Split('\n')[1..])
        {
            if (!line.StartsWith(' '))
            {
                break;
            }

            reasons.Add(line.Trim());
        }

        return reasons.Count == 0 ? "apt holds packages back" : string.Join("; ", reasons);
    }

    private static string? Line(string text, params ReadOnlySpan<string> any) => PackageProblems.LineWithAny(text, any)?.TrimStart('E', 'W', ':', ' ');
}
