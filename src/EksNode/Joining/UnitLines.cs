using EksNode.Host.Processes;

namespace EksNode.Joining;

/// <summary>The last lines of a unit's log in this boot, for a failure: journald's own reader is asked only then.</summary>
internal static class UnitLines
{
    private const string Program = "/usr/bin/journalctl";
    private static readonly TimeSpan deadline = TimeSpan.FromSeconds(10);

    /// <summary>Reads them, as a <see cref="Host.Services.UnitLogReader"/>.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(string unit, CancellationToken cancellation)
    {
        var call = new ProgramCall(Program, ["--unit", unit, "--boot", "--lines", "10", "--output", "cat", "--no-pager", "--quiet"], deadline);
        var result = await new ProgramRunner().RunAsync(call, cancellation);
        return result.Succeeded
            ? result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            : [$"(journalctl {result.Describe()})"];
    }
}
