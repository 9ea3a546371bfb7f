using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Logging;
using EksNode.Host.Processes;

namespace EksNode.Host.Packages;

/// <summary>Runs the programs of a package manager: with deadlines, and with what they say in the log.</summary>
/// <param name="programs">Runs them.</param>
/// <param name="log">Where each call is told at debug level, and each line of one that installs at info level.</param>
internal sealed class PackagePrograms(ProgramRunner programs, ILog log)
{
    // The metadata of all repositories over a slow line, or a solver on a small machine.
    private static readonly TimeSpan QueryDeadline = TimeSpan.FromMinutes(10);

    // The driver of a GPU is compiled while it is installed.
    private static readonly TimeSpan ChangeDeadline = TimeSpan.FromHours(1);

    // All packages of a distribution by name are some megabytes.
    private const int MostOutput = 64 << 20;

    /// <summary>Variables for all of them.</summary>
    public ImmutableArray<string> Environment { get; init; } = [];

    /// <summary>Asks something.</summary>
    /// <param name="program">The path of the program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellation">Kills it.</param>
    /// <exception cref="DiagnosticException">It is not installed, or did not end in time.</exception>
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

    private async Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancellation)
    {
        var result = await programs.RunAsync(call, cancellation).ConfigureAwait(false);
        log.Write(LogLevel.Debug, "ran a program for packages", ("command", call.ToString()), ("result", result.Describe()));
        var name = call.Path[(call.Path.LastIndexOf('/') + 1)..];
        return result.End switch
        {
            ProgramEnd.NotStarted => throw new DiagnosticException(
                DiagnosticCatalogue.PackageManagerMissing,
                $"{call.Path} {result.Describe()}.",
                name is "dnf" or "rpm" ? "Install dnf and rpm on this machine: Amazon Linux 2023 has them; on Debian they are the packages dnf and rpm."
                    : name == "unshare" ? "Install util-linux on this machine."
                    : "Install apt on this machine, or choose an `--root` that is no Debian."),
            ProgramEnd.DeadlinePassed => throw new DiagnosticException(
                DiagnosticCatalogue.PackageManagerFailed,
                string.Create(System.Globalization.CultureInfo.InvariantCulture, $"`{call}` did not end in {call.Deadline.TotalMinutes} minutes and was killed."),
                "The log has what it did last (`--log-level debug`); run again when its repositories answer."),
            _ => result,
        };
    }
}
