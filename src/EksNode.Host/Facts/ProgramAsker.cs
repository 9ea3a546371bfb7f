using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Processes;

namespace EksNode.Host.Facts;

/// <summary>What a program answered when it was asked for its version.</summary>
/// <param name="version">The version; null: it told none, which was reported.</param>
/// <param name="isRemembered">Whether it told so before, and its file is still the same.</param>
internal sealed class ProgramAnswer(string? version, bool isRemembered)
{
    /// <summary>The version; null: it told none, which was reported.</summary>
    public string? Version => version;

    /// <summary>Whether it told so before, and its file is still the same.</summary>
    public bool IsRemembered => isRemembered;
}

/// <summary>Asks programs below a root for their version. An answer counts as long as the file keeps its size and time.</summary>
/// <param name="root">The root.</param>
/// <param name="programs">Runs programs.</param>
/// <param name="diagnostics">Where to report.</param>
internal sealed class ProgramAsker(HostRoot root, ProgramRunner programs, DiagnosticBag diagnostics)
{
    // A cold start of a program on a volume that is restored from a snapshot takes seconds.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private RememberedVersions? remembered;

    /// <summary>Asks a program, unless its answer is known.</summary>
    /// <param name="path">Its path, inside the root.</param>
    /// <param name="status">What is there.</param>
    /// <param name="argument">What it is asked with; empty: it tells when it is called without arguments.</param>
    /// <param name="help">What to do when it tells none.</param>
    /// <param name="cancellation">Kills the program.</param>
    public async Task<ProgramAnswer> AskAsync(string path, FileStatus status, string argument, string help, CancellationToken cancellation)
    {
        remembered ??= RememberedVersions.Read(root, diagnostics);
        if (remembered.Find(path, status) is { } known)
        {
            return new ProgramAnswer(known, isRemembered: true);
        }

        ImmutableArray<string> arguments = argument.Length == 0 ? [] : [argument];
        var result = ProgramLocation.Find(root, path) is { } program
            ? await programs.RunAsync(new ProgramCall(program, arguments, Deadline), cancellation).ConfigureAwait(false)
            : new ProgramResult(ProgramEnd.NotStarted, null, "", "/proc is not mounted");

        // CNI plugins write it to standard error.
        var version = result.Succeeded ? ComponentVersion.Find(result.Output) ?? (argument.Length == 0 ? ComponentVersion.Find(result.Error) : null) : null;
        if (version is null)
        {
            diagnostics.Report(
                DiagnosticCatalogue.ComponentSilent,
                $"`{path}{(argument.Length == 0 ? "" : " " + argument)}` {(result.Succeeded ? "told no version" : result.Describe())}.",
                help,
                path: path);
            return new ProgramAnswer(null, isRemembered: false);
        }

        remembered.Add(path, status, version);
        return new ProgramAnswer(version, isRemembered: false);
    }

    /// <summary>Keeps what programs told for the next boot.</summary>
    public void Remember() => remembered?.Write(root, diagnostics);
}
