using System.Collections.Immutable;
using EksNode.Host.Processes;

namespace EksNode.Host.Imaging;

/// <summary>
/// What systemd calls the state of the units of an image: <c>enabled</c>, <c>masked</c>, <c>static</c> and so on (systemctl(1), "is-enabled"). Its own program is asked,
/// once for all, since it knows aliases and what a unit's <c>[Install]</c> section wants.
/// </summary>
/// <param name="programs">Runs it.</param>
internal sealed class UnitFileStates(RootPrograms programs)
{
    /// <summary>The program.</summary>
    public const string Program = "systemctl";

    /// <summary>The state of every unit file by its name, and that of the instances of templates that are asked for; a unit that the image lacks is not in it.</summary>
    /// <param name="units">The names of the units that are asked for.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="Configuration.Text.DiagnosticException">systemctl is not there, or failed.</exception>
    public async Task<Dictionary<string, string>> ReadAsync(IEnumerable<string> units, CancellationToken cancellation)
    {
        var states = new Dictionary<string, string>(StringComparer.Ordinal);
        var listed = RootPrograms.Succeeded(
            await RunAsync(["list-unit-files", "--full", "--no-legend", "--no-pager"], cancellation).ConfigureAwait(false), "Listing the units of the image", Program);
        foreach (var line in listed.Output.Split('\n'))
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var name, var state, ..])
            {
                states[name] = state;
            }
        }

        foreach (var unit in units)
        {
            if (TemplateOf(unit) is { } template && states.ContainsKey(template) && !states.ContainsKey(unit))
            {
                // It answers with the exit code, too: 1 for every state that is not enabled.
                var asked = await RunAsync(["is-enabled", unit], cancellation).ConfigureAwait(false);
                states[unit] = asked.Output.Trim() is { Length: > 0 } state ? state : "disabled";
            }
        }

        return states;
    }

    /// <summary>Calls systemctl for the image: this machine's own, else the one in the image.</summary>
    /// <param name="arguments">What follows the root.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="Configuration.Text.DiagnosticException">systemctl is not there.</exception>
    public Task<ProgramResult> RunAsync(ImmutableArray<string> arguments, CancellationToken cancellation) =>
        RootPrograms.FindOnMachine(Program) is { } own ? programs.RunAsync(own, ["--root=" + programs.Folder, .. arguments], cancellation)
        : programs.Find(Program) is { } inside ? programs.InsideAsync(inside, ["--root=/", .. arguments], cancellation)
        : throw RootPrograms.Failed(
            "Neither this machine nor the image has a systemctl that runs here, and the image needs units.",
            programs.IsForeign ? "Install systemd on this machine: the image is for another processor." : "Install systemd in the base of the image.");

    private static string? TemplateOf(string unit) =>
        unit.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && unit.LastIndexOf('.') is var dot && dot > at + 1 ? unit[..(at + 1)] + unit[dot..] : null;
}
