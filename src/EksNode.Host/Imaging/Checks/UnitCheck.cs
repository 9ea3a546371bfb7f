using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Text;
using EksNode.Host.Processes;
using EksNode.Planning.Plans;

namespace EksNode.Host.Imaging.Checks;

/// <summary>Which units start at boot, as <c>systemctl --root</c> of this machine says: it runs nothing of the root.</summary>
internal sealed class UnitCheck : ImageCheck
{
    private const string Systemctl = "/usr/bin/systemctl";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    // Words of systemctl(1), "is-enabled". A static unit has no part that could be enabled: something else starts it.
    private static readonly string[] On = ["enabled", "alias"];
    private static readonly string[] Off = ["disabled", "static", "indirect", "linked"];

    /// <inheritdoc/>
    public override string Name => "unit";

    /// <inheritdoc/>
    public override async Task RunAsync(CheckContext context, List<CheckFinding> findings, CancellationToken cancellation)
    {
        foreach (var resource in context.Resources)
        {
            if (resource is UnitStateResource unit)
            {
                findings.Add(Of(unit, await StateAsync(unit.Name, context, cancellation).ConfigureAwait(false)));
            }
        }
    }

    // Null: there is no such unit.
    private static async Task<string?> StateAsync(string unit, CheckContext context, CancellationToken cancellation)
    {
        var call = new ProgramCall(Systemctl, ["--root=" + Path.GetFullPath(context.Root.Path), "is-enabled", unit], Deadline);
        var result = await context.Programs.RunAsync(call, cancellation).ConfigureAwait(false);
        var state = result.Output.Trim();
        if (state is "not-found" || (state.Length == 0 && result.Error.Contains("No such file or directory", StringComparison.Ordinal)))
        {
            return null;
        }

        return result.End == ProgramEnd.Exited && state.Length > 0 ? state : throw new DiagnosticException(
            DiagnosticCatalogue.CheckImpossible,
            $"Whether {unit} starts at boot cannot be told: `{call}` {result.Describe()}.",
            result.End == ProgramEnd.NotStarted ? "Run it on a machine that has systemd." : "Look at the unit's files.");
    }

    private CheckFinding Of(UnitStateResource unit, string? state)
    {
        var (wanted, isGood) = unit.State switch
        {
            UnitState.Enabled => ("enabled", state is not null && Array.IndexOf(On, state) >= 0),
            UnitState.Disabled => ("disabled", state is null || Array.IndexOf(Off, state) >= 0),
            _ => ("masked", state == "masked"),
        };
        return isGood ? Good(unit.Id, state is null ? "there is no such unit" : null)
            : Bad(unit.Id, state is null ? CheckStatus.Missing : CheckStatus.Different, wanted, state);
    }
}
