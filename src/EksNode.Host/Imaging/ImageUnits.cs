using System.Collections.Immutable;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Host.Imaging;

/// <summary>
/// Which units of an image start at boot. systemd's own program does it, with the root as an argument: it knows aliases, presets and what a unit's
/// <c>[Install]</c> section wants. It is asked once for all units, and called once for each change that some of them need.
/// </summary>
/// <param name="programs">Runs it.</param>
public sealed class ImageUnits(RootPrograms programs)
{
    // Only from these can a unit be enabled (systemctl(1), "is-enabled"); of the others the file says when they start, or a generator.
    private static readonly string[] Enableable = ["disabled", "linked", "linked-runtime", "enabled-runtime"];

    private static readonly string[] On = ["enabled", "enabled-runtime", "linked", "linked-runtime"];

    private readonly UnitFileStates units = new(programs);

    /// <summary>Brings all units to their planned state.</summary>
    /// <param name="planned">The units.</param>
    /// <param name="diagnostics">Takes those that are missing.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The units that were changed, sorted.</returns>
    /// <exception cref="DiagnosticException">systemctl is not there, or failed.</exception>
    public async Task<ImmutableArray<string>> ApplyAsync(ImmutableArray<UnitStateResource> planned, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        if (planned.IsEmpty)
        {
            return [];
        }

        var states = await units.ReadAsync(planned.Select(u => u.Name), cancellation).ConfigureAwait(false);
        List<string> unmasked = [], enabled = [], disabled = [], masked = [];
        foreach (var unit in planned)
        {
            var state = states.GetValueOrDefault(unit.Name);
            if (state is "masked" or "masked-runtime" && unit.State != UnitState.Masked)
            {
                // What is below the mask shows once it is gone.
                unmasked.Add(unit.Name);
                (unit.State == UnitState.Enabled ? enabled : disabled).Add(unit.Name);
                continue;
            }

            switch (unit.State)
            {
                case UnitState.Masked when state != "masked":
                    masked.Add(unit.Name);
                    break;
                case UnitState.Disabled when state is not null && Array.IndexOf(On, state) >= 0:
                    disabled.Add(unit.Name);
                    break;
                case UnitState.Enabled when state is not null && Array.IndexOf(Enableable, state) >= 0:
                    enabled.Add(unit.Name);
                    break;
                default:
                    Judge(unit, state, diagnostics);
                    break;
            }
        }

        await CallAsync("unmask", unmasked, cancellation).ConfigureAwait(false);
        await CallAsync("enable", enabled, cancellation).ConfigureAwait(false);
        await CallAsync("disable", disabled, cancellation).ConfigureAwait(false);
        await CallAsync("mask", masked, cancellation).ConfigureAwait(false);
        return [.. enabled.Concat(disabled).Concat(masked).Order(StringComparer.Ordinal)];
    }

    private static void Judge(UnitStateResource unit, string? state, DiagnosticBag diagnostics)
    {
        var origin = unit.Reasons.IsEmpty ? null : unit.Reasons[0].Origin;
        if (state is null && (unit.State == UnitState.Enabled || unit.IsNeeded))
        {
            diagnostics.Report(
                DiagnosticCatalogue.ImageUnitMissing,
                $"The unit `{unit.Name}` is not in the image{(unit.IsNeeded ? ", and no node joins without it" : "")}.",
                "Install the package that has it under `spec.packages`, or write its file under `spec.files`.",
                origin,
                SettingPath.Child("spec.units", unit.Name));
        }
        else if (state is not (null or "enabled" or "masked") && unit.State == UnitState.Enabled)
        {
            diagnostics.Report(
                DiagnosticCatalogue.ImageUnitStatic,
                $"The unit `{unit.Name}` cannot be enabled: systemd calls it {state}.",
                state == "static" ? "It has no [Install] section: something else starts it. Remove it from `spec.units`." : "Name the unit that it belongs to instead.",
                origin,
                SettingPath.Child("spec.units", unit.Name));
        }
    }

    private async Task CallAsync(string verb, List<string> names, CancellationToken cancellation)
    {
        if (names.Count > 0)
        {
            RootPrograms.Succeeded(
                await units.RunAsync([verb, .. names], cancellation).ConfigureAwait(false), $"`systemctl {verb} {string.Join(' ', names)}` for the image", UnitFileStates.Program);
        }
    }
}
