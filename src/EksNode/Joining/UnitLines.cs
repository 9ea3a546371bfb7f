using EksNode.Host.Journal;
using EksNode.Host.Processes;

namespace EksNode.Joining;

/// <summary>The last lines of a unit's log in this boot, for a failure: the journal is asked only then.</summary>
internal static class UnitLines
{
    private const int Most = 10;

    /// <summary>Reads them, as a <see cref="Host.Services.UnitLogReader"/>.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(string unit, CancellationToken cancellation)
    {
        var read = await new UnitLog(new ProgramRunner()).LastLinesAsync(unit, Most, null, cancellation);
        return read.Problem is null ? [.. read.Lines.Select(l => l.ToString())] : [$"(the journal cannot be read: {read.Problem})"];
    }
}
