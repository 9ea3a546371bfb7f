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

        if (context.Decisions.Components.Any(c => c.Name == "sociSnapshotter"))
        {
            units["soci-snapshotter.socket"] = new Sourced<UnitState>(UnitState.Enabled, Origin.Default("containerd starts the SOCI snapshotter by its socket"));
        }

        foreach (var (unit, state) in context.Config.Units)
        {
            units[unit] = state;
        }

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
}
