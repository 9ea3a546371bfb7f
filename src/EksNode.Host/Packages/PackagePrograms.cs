using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Host.Logging;
using EksNode.Host.Processes;

namespace EksNode.Host.Packages;

/// <summary>Runs the programs of a package manager: with deadlines, with what they say in the log, and not beside another run of it.</summary>
/// <param name="programs">Runs them.</param>
/// <param name="log">Where each call is told at debug level, and each line of one that changes something at info level.</param>
/// <param name="lockWait">How long another run of the package manager is waited for.</param>
/// <param name="holder">What a program says of who holds the package manager's lock; null: that is not why it ended.</param>
internal sealed class PackagePrograms(ProgramRunner programs, ILog log, TimeSpan lockWait, Func<ProgramResult, string?> holder)
{
    // The metadata of all repositories over a slow line, or a solver on a small machine.
    private static readonly TimeSpan QueryDeadline = TimeSpan.FromMinutes(10);

    // The driver of a GPU is compiled while it is installed.
    private static readonly TimeSpan ChangeDeadline = TimeSpan.FromHours(1);

    private static readonly TimeSpan LockPause = TimeSpan.FromSeconds(2);

    // All packages of a distribution by name are some megabytes.
    private const int MostOutput = 64 << 20;

    /// <summary>Variables for all of them.</summary>
    public ImmutableArray<string> Environment { get; init; } = [];

    /// <summary>Asks something.</summary>
    /// <param name="program">The path of the program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellation">Kills it.</param>
    /// <exception cref="DiagnosticException">It is not installed, did not end in time, or somebody else holds the lock.</exception>
    public Task<ProgramResult> AskAsync(string program, ImmutableArray<string> arguments, CancellationToken cancellation) =>
        RunAsync(new ProgramCall(program, arguments, QueryDeadline, MostOutput) { Environment = Environment }, cancellation);

    /// <summary>Changes something. What it says meanwhile goes to the log.</summary>
    /// <inheritdoc cref="AskAsync"/>
    public Task<ProgramResult> ChangeAsync(string program, ImmutableArray<string> arguments, CancellationToken cancellation)
    {
        ProgramCall call = new(program, arguments, ChangeDeadline, MostOutput)
        {
            Environment = Environment,
            OnLine = line => log.Write(LogLevel.Info, line),
        };
        return RunAsync(call, cancellation);
    }

    // A lock is waited for by asking again: the package managers' own waiting has no deadline.
    private async Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancellation)
    {
        for (var waited = TimeSpan.Zero; ; waited += LockPause)
        {
            var result = await programs.RunAsync(call, cancellation).ConfigureAwait(false);
            log.Write(LogLevel.Debug, "ran a program for packages", ("command", call.ToString()), ("result", result.Describe()));
            if (result.End != ProgramEnd.Exited)
            {
                throw NotEnded(call, result);
            }

            if (result.Succeeded || holder(result) is not { } whose)
            {
                return result;
            }

            if (waited >= lockWait)
            {
                throw PackageProblems.Busy(whose);
            }

            log.Write(LogLevel.Info, "waiting for another run of the package manager", ("lock", whose));
            await Task.Delay(LockPause, cancellation).ConfigureAwait(false);
        }
    }

    private static DiagnosticException NotEnded(ProgramCall call, ProgramResult result) => result.End == ProgramEnd.NotStarted
        ? new DiagnosticException(
            DiagnosticCatalogue.PackageManagerMissing,
            $"{call.Path} {result.Describe()}.",
            $"Install {call.Path[(call.Path.LastIndexOf('/') + 1)..]} on this machine; `spec.base.distribution` decides which package manager is used (al2023: dnf and rpm; debian and ubuntu: apt and dpkg).")
        : new DiagnosticException(
            DiagnosticCatalogue.PackageManagerFailed,
            string.Create(CultureInfo.InvariantCulture, $"`{call}` did not end in {call.Deadline.TotalMinutes} minutes and was killed."),
            "The log has what it did last; run again when the repositories answer, or remove what it waits for.");
}
