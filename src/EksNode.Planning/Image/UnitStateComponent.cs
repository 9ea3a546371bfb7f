using System.Text;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Image;

/// <summary>Which units start at boot.</summary>
internal sealed class UnitStateComponent : IImageComponent
{
    /// <summary>The folder of the administrator's units.</summary>
    public const string Folder = "/etc/systemd/system";

    /// <summary>The units that a join begins with or begins itself, and how they must be in the image.</summary>
    public static readonly (string Unit, UnitState State, string Why)[] Needed =
    [
        ("containerd.service", UnitState.Disabled, "eksnode-start.service starts it when its configuration is there"),
        ("eksnode-configure.service", UnitState.Enabled, "the first half of a join"),
        ("eksnode-start.service", UnitState.Enabled, "the second half of a join"),
        ("kubelet.service", UnitState.Disabled, "eksnode-start.service starts it when its configuration is there"),
    ];

    /// <summary>What <c>systemctl preset</c> goes by, and so does a first boot that presets all units.</summary>
    public const string PresetPath = "/usr/lib/systemd/system-preset/80-eksnode.preset";

    /// <inheritdoc/>
    public string Name => "units";

    /// <inheritdoc/>
    public string AtBoot => "no: which units start is settled before a join runs";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(ImageContext context)
    {
        var units = new SortedDictionary<string, Sourced<UnitState>>(StringComparer.Ordinal);
        foreach (var (unit, state, why) in Needed)
        {
            units[unit] = new Sourced<UnitState>(state, Origin.Default(why));
        }

        units["sys-fs-bpf.mount"] = new Sourced<UnitState>(UnitState.Enabled, Origin.Default("eBPF network plugins keep their programs there"));

        if (context.Decisions.IsAmazonLinux && context.Decisions.Components.Any(c => c is { Name: "sociSnapshotter", Package: not null }))
        {
            units["soci-snapshotter.socket"] = new Sourced<UnitState>(UnitState.Enabled, Origin.Default("what calls the SOCI snapshotter starts it"));
        }

        foreach (var (unit, state) in context.Config.Units)
        {
            units[unit] = state;
        }

        yield return Preset(units, context);
        foreach (var (unit, state) in units)
        {
            yield return new UnitStateResource
            {
                Path = Folder,
                Name = unit,
                State = state.Value,
                IsNeeded = Array.Exists(Needed, n => n.Unit == unit),
                Reasons = [new Reason("units." + unit, ImageWords.UnitStates.WordOf(state.Value), state.Origin)],
            };
        }
    }

    // The units of a profile are planned by its own part.
    private static FileResource Preset(SortedDictionary<string, Sourced<UnitState>> own, ImageContext context)
    {
        var lines = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var resource in context.Hardening.Resources)
        {
            if (resource is UnitStateResource unit)
            {
                lines[unit.Name] = Verb(unit.State);
            }
        }

        foreach (var (unit, state) in own)
        {
            lines[unit] = Verb(state.Value);
        }

        var text = new StringBuilder("# The units of this image: what `systemctl preset` makes of them is what the image has.\n");
        foreach (var (unit, verb) in lines)
        {
            text.Append(verb).Append(' ').Append(unit).Append('\n');
        }

        return new FileResource
        {
            Path = PresetPath,
            Content = [.. Encoding.UTF8.GetBytes(text.ToString())],
            Reasons = [new Reason("image.files", PresetPath, Origin.Default("a package that presets its units, or all of them, takes nothing back"))],
        };
    }

    // A preset has no word for masks; who masks a unit wants it off.
    private static string Verb(UnitState state) => state == UnitState.Enabled ? "enable" : "disable";
}
