using EksNode.Configuration.ImageConfigs;
using EksNode.Host.Logging;
using EksNode.Planning.Plans;

namespace EksNode.Host.Imaging.Checks;

/// <summary>Which units start at boot, as systemctl says.</summary>
internal sealed class UnitCheck : ImageCheck
{
    // Words of systemctl(1), "is-enabled". A static unit has no part that could be enabled: something else starts it.
    private static readonly string[] On = ["enabled", "alias"];
    private static readonly string[] Off = ["disabled", "static", "indirect", "linked"];

    /// <inheritdoc/>
    public override string Name => "unit";

    /// <inheritdoc/>
    public override async Task RunAsync(CheckContext context, List<CheckFinding> findings, CancellationToken cancellation)
    {
        var units = new List<UnitStateResource>();
        foreach (var resource in context.Resources)
        {
            if (resource is UnitStateResource unit)
            {
                units.Add(unit);
            }
        }

        if (units.Count > 0)
        {
            var programs = new RootPrograms(context.Root, context.Programs, NoLog.Instance);
            var states = await new UnitFileStates(programs).ReadAsync(units.Select(u => u.Name), cancellation).ConfigureAwait(false);
            findings.AddRange(units.Select(u => Of(u, states.GetValueOrDefault(u.Name))));
        }
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
