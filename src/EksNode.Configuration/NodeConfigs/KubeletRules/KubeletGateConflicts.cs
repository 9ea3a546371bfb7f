using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs.KubeletRules;

/// <summary>Checks fields against the feature gates that they need, and gates against each other.</summary>
internal sealed class KubeletGateConflicts
{
    private readonly TreeMap config;
    private readonly TreeMap? generated;
    private readonly KubeletRun run;
    private readonly string path;
    private readonly int minor;

    private KubeletGateConflicts(TreeMap config, TreeMap? generated, KubeletRun run, string path, int minor)
    {
        this.config = config;
        this.generated = generated;
        this.run = run;
        this.path = path;
        this.minor = minor;
    }

    /// <summary>Checks the document; of a kubelet whose version is not known, or newer than the tables, nothing is said.</summary>
    public static void Check(TreeMap config, TreeMap? generated, KubeletRun run, string path)
    {
        if (run.Minor is { } minor && !run.IsNewer)
        {
            var conflicts = new KubeletGateConflicts(config, generated, run, path, minor);
            conflicts.Fields();
            conflicts.Defaults();
            conflicts.Gates();
        }
    }

    private void Fields()
    {
        foreach (var (name, argument) in KubeletFieldValues.Of("gate"))
        {
            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            var (gate, free) = equals < 0 ? (argument, null) : (argument[..equals], argument[(equals + 1)..]);
            var (own, ownPath) = Find(config, name);
            var value = own is not null ? own.Value : generated is null ? null : Find(generated, name).Entry?.Value;
            if (KubeletFields.Find(name) is not { } field || minor < field.First || value is null || !IsSet(value, free) || IsOn(gate))
            {
                continue;
            }

            var place = own ?? Setter(gate);
            if (place is not null)
            {
                run.Report(
                    DiagnosticCatalogue.KubeletFieldNeedsGate,
                    $"`{name}` needs the feature gate `{gate}`, which is off {(Setter(gate) is { } off ? $"by `{off.Key}: false`" : $"in {run.Name}")}: {(Setter(gate) is null ? "it" : run.Name)} refuses the field.",
                    own is null ? $"Leave `{gate}` on: eksnode sets `{name}`." : $"Set `featureGates: {{{gate}: true}}` beside it, or leave the field out.",
                    place.KeyOrigin,
                    own is not null ? ownPath : GatePath(place.Key));
            }
        }
    }

    // A kubelet sets some fields itself while their gate is on by default, and then refuses the field when the gate is switched off.
    private void Defaults()
    {
        foreach (var (name, gate) in KubeletFieldValues.Of("default-of"))
        {
            if (KubeletGates.IsOn(gate, minor) && !IsOn(gate) && Setter(gate) is { } setter && Find(config, name).Entry is null)
            {
                run.Report(
                    DiagnosticCatalogue.KubeletFieldNeedsGate,
                    $"With `{setter.Key}: {((TreeScalar)setter.Value).Text}` {run.Name} refuses its own default of `{name}`, which needs `{gate}`.",
                    $"Leave `{gate}` on.",
                    setter.KeyOrigin,
                    GatePath(setter.Key));
            }
        }
    }

    private void Gates()
    {
        foreach (var (gate, needed) in KubeletGates.Needs(minor))
        {
            if (IsOn(gate) && !IsOn(needed) && (Setter(needed) ?? Setter(gate)) is { } setter)
            {
                run.Report(
                    DiagnosticCatalogue.KubeletFieldConflict,
                    $"The feature gate `{gate}` is on and needs `{needed}`, which is off: {run.Name} refuses to start.",
                    $"Set `{needed}: true`, or `{gate}: false`.",
                    setter.KeyOrigin,
                    GatePath(setter.Key));
            }
        }
    }

    private string GatePath(string gate) => SettingPath.Child(SettingPath.Child(path, "featureGates"), gate);

    // The user's entry that decides a gate: its own, or that of its stage.
    private TreeEntry? Setter(string gate)
    {
        var gates = config["featureGates"] as TreeMap;
        return gates?.Find(gate) is { } own && own.Value is TreeScalar { Kind: ScalarKind.Bool } ? own
            : KubeletGates.GroupOf(gate, minor) is { } group && gates?.Find(group) is { } all && all.Value is TreeScalar { Kind: ScalarKind.Bool } ? all
            : null;
    }

    private bool IsOn(string gate)
    {
        var gates = config["featureGates"] as TreeMap;
        var set = gates?[gate] as TreeScalar ?? (generated?["featureGates"] as TreeMap)?[gate] as TreeScalar ?? Setter(gate)?.Value as TreeScalar;
        return set is { Kind: ScalarKind.Bool } ? set.Text == "true" : KubeletGates.IsOn(gate, minor);
    }

    private (TreeEntry? Entry, string Path) Find(TreeMap map, string name)
    {
        var at = path;
        TreeEntry? entry = null;
        foreach (var part in name.Split('.'))
        {
            var parent = entry is null ? map : entry.Value as TreeMap;
            entry = parent?.Find(part);
            if (entry is null)
            {
                return (null, at);
            }

            at = SettingPath.Child(at, part);
        }

        return (entry, at);
    }

    // Whether a value is more than the zero that needs no gate.
    private static bool IsSet(TreeNode value, string? free) => value switch
    {
        TreeMap => true,
        TreeList list => !list.Items.IsEmpty,
        TreeScalar { Kind: ScalarKind.Null } => false,
        TreeScalar scalar => scalar.Text.Length > 0 && scalar.Text != free && !(free is not null && SameAmount(scalar.Text, free)),
        _ => false,
    };

    private static bool SameAmount(string text, string free) =>
        (GoDuration.Parse(free).TryGet(out var nothing, out _) && GoDuration.Parse(text).TryGet(out var duration, out _) && duration.Nanoseconds == nothing.Nanoseconds)
        || (Quantity.Parse(free).TryGet(out var none, out _) && Quantity.Parse(text).TryGet(out var amount, out _) && amount.Value == none.Value);
}
