using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Planning.Containerd;

/// <summary>What became of a setting that the other schema does not have at its place.</summary>
public enum ConversionOutcome
{
    /// <summary>It stands at its place in the other schema.</summary>
    Moved,

    /// <summary>
    /// Its own schema does not know it. It was taken along to where containerd's migration takes it, and containerd will
    /// ignore it.
    /// </summary>
    Unknown,

    /// <summary>The other schema has no place for it. It was left out.</summary>
    NoPlace,

    /// <summary>Its place in the other schema is taken by a setting that was written there. It was left out.</summary>
    Taken,
}

/// <summary>What became of one setting.</summary>
/// <param name="Leaf">The setting as the user wrote it.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Place">Its place in the other schema, when it has one.</param>
/// <param name="Help">For a setting without a place: what to write instead, as a sentence.</param>
public sealed record ConversionStep(
    TreeLeaf Leaf, ConversionOutcome Outcome, ImmutableArray<string>? Place = null, string? Help = null);

/// <summary>A converted configuration.</summary>
/// <param name="Tree">The configuration in the schema asked for, without its <c>version</c>.</param>
/// <param name="Steps">What became of every setting that could not stay where it was, in the order of the document.</param>
public sealed record ContainerdConversion(TreeMap Tree, ImmutableArray<ConversionStep> Steps)
{
    /// <summary>
    /// A user's configuration for a containerd that speaks schema 3. Settings of schema 3 stay; those of schema 2 go where
    /// containerd's own migration takes them. The names of plugins to disable or require are converted too, which that
    /// migration leaves out.
    /// </summary>
    /// <param name="user">The configuration; its <c>version</c> is ignored.</param>
    /// <param name="containerd">The release: some places exist only from one on.</param>
    public static ContainerdConversion ToSchema3(TreeMap user, SemanticVersion containerd) =>
        Convert(user, leaf => Forward(leaf, containerd));

    /// <summary>A user's configuration for a containerd that speaks schema 2.</summary>
    /// <param name="user">The configuration; its <c>version</c> is ignored.</param>
    public static ContainerdConversion ToSchema2(TreeMap user) => Convert(user, Backward);

    private static ContainerdConversion Convert(TreeMap user, Func<TreeLeaf, Placement> place)
    {
        var placements = TreeLeaves.Of(user.Without("version")).Select(place).ToList();
        var tree = new TreeMap([], user.Origin);

        // What was written in the asked schema counts before what is converted to it.
        foreach (var placement in placements.Where(p => p.Step is null && p.Value is not null))
        {
            tree = TreeLeaves.Add(tree, placement.Place.AsSpan(), placement.KeyOrigin, placement.Value!) ?? tree;
        }

        var steps = new List<ConversionStep>();
        foreach (var placement in placements)
        {
            if (placement.Step is not { } step)
            {
                continue;
            }

            if (placement.Value is { } value)
            {
                var added = TreeLeaves.Add(tree, placement.Place.AsSpan(), placement.KeyOrigin, value);
                tree = added ?? tree;
                step = added is null ? step with { Outcome = ConversionOutcome.Taken } : step;
            }

            steps.Add(step);
        }

        return new ContainerdConversion(tree, steps.ToImmutable());
    }

    private static Placement Forward(TreeLeaf leaf, SemanticVersion containerd)
    {
        if (PluginNames(leaf, ContainerdSchema.Three, ConversionRules.RenameForward) is { } names)
        {
            return names;
        }

        var rule = ConversionRules.Forward.Deepest(leaf.Path, r => r.Since is not { } since || containerd >= since);
        if (rule is null)
        {
            return Placement.Stays(leaf);
        }

        if (rule.Change == ConversionChange.Removed)
        {
            return Placement.Dropped(leaf, IsInert(leaf.Value) ? null : new ConversionStep(leaf, ConversionOutcome.NoPlace, Help: rule.Help));
        }

        var place = rule.Target(leaf.Path);
        if (place.AsSpan().SequenceEqual(leaf.Path.AsSpan()))
        {
            return Placement.Stays(leaf);
        }

        var known = ContainerdKeys.Ask(ContainerdSchema.Two, leaf.Path).Finding != ContainerdKeyFinding.Unknown;
        var origin = leaf.Value.Origin.Because($"schema 2 has it at {TomlPath.Format(leaf.Path)}");
        var value = rule.Change switch
        {
            ConversionChange.Wrap when leaf.Value is TreeScalar scalar => new TreeList([scalar], origin),
            ConversionChange.SchedCore => SchedCoreEntry(leaf.Value, origin),
            _ => WithOrigin(leaf.Value, origin),
        };
        return value is null
            ? Placement.Dropped(leaf, IsInert(leaf.Value) ? null : new ConversionStep(leaf, ConversionOutcome.NoPlace, Help: "Write `true` or `false`."))
            : Placement.Moves(leaf, place, value, known ? ConversionOutcome.Moved : ConversionOutcome.Unknown);
    }

    private static Placement Backward(TreeLeaf leaf)
    {
        if (PluginNames(leaf, ContainerdSchema.Two, ConversionRules.RenameBackward) is { } names)
        {
            return names;
        }

        if (ContainerdKeys.Ask(ContainerdSchema.Two, leaf.Path).Finding != ContainerdKeyFinding.Unknown)
        {
            return Placement.Stays(leaf);
        }

        var missing = new ConversionStep(leaf, ConversionOutcome.NoPlace);
        if (ConversionRules.Backward.Deepest(leaf.Path, _ => true) is not { } rule)
        {
            return ContainerdKeys.Ask(ContainerdSchema.Three, leaf.Path).Finding == ContainerdKeyFinding.Unknown ? Placement.Stays(leaf)
                : Placement.Dropped(leaf, leaf.Value is TreeMap ? null : missing);
        }

        var place = rule.Source(leaf.Path);
        if (ContainerdKeys.Ask(ContainerdSchema.Two, place).Finding == ContainerdKeyFinding.Unknown)
        {
            return ContainerdKeys.Ask(ContainerdSchema.Three, leaf.Path).Finding == ContainerdKeyFinding.Unknown
                ? Placement.Moves(leaf, place, leaf.Value, ConversionOutcome.Unknown)
                : Placement.Dropped(leaf, missing);
        }

        var origin = leaf.Value.Origin.Because($"schema 3 has it at {TomlPath.Format(leaf.Path)}");
        var value = (rule.Change, leaf.Value) switch
        {
            (ConversionChange.Wrap, TreeList { Items: [TreeScalar only] }) => WithOrigin(only, origin),
            (ConversionChange.Wrap, _) => null,
            (ConversionChange.SchedCore, TreeList { Items: [TreeScalar { Text: ConversionRules.SchedCoreVariable }] }) => TreeScalar.Of(true, origin),
            (ConversionChange.SchedCore, _) => null,
            _ => WithOrigin(leaf.Value, origin),
        };
        return value is null ? Placement.Dropped(leaf, missing) : Placement.Moves(leaf, place, value, ConversionOutcome.Moved);
    }

    // Plugins to disable or require are named by their full id, which differs between the schemas as their tables do.
    private static Placement? PluginNames(TreeLeaf leaf, ContainerdSchema asked, Func<string, string?> rename)
    {
        if (leaf.Path is not ["disabled_plugins" or "required_plugins"] || leaf.Value is not TreeList list)
        {
            return null;
        }

        var changed = false;
        var items = new List<TreeNode>();
        foreach (var item in list.Items)
        {
            if (item is not TreeScalar { Kind: ScalarKind.String } name
                || ContainerdKeys.Ask(asked, ["plugins", name.Text]).Finding == ContainerdKeyFinding.Known
                || rename(name.Text) is not { } renamed)
            {
                items.Add(item);
                continue;
            }

            changed = true;
            if (renamed.Length > 0)
            {
                items.Add(TreeScalar.Of(renamed, item.Origin.Because($"the plugin was called {name.Text}")));
            }
        }

        return changed
            ? Placement.Moves(leaf, leaf.Path, new TreeList(items.ToImmutable(), list.Origin), ConversionOutcome.Moved)
            : null;
    }

    private static TreeList? SchedCoreEntry(TreeNode value, Origin origin) =>
        value is TreeScalar { Kind: ScalarKind.Bool, Text: "true" }
            ? new TreeList([TreeScalar.Of(ConversionRules.SchedCoreVariable, origin)], origin)
            : null;

    // Many configurations are copies of a default one: what a removed setting switches off needs no word.
    private static bool IsInert(TreeNode value) =>
        value is TreeMap { Entries.IsEmpty: true } or TreeList { Items.IsEmpty: true }
            or TreeScalar { Kind: ScalarKind.Bool, Text: "false" } or TreeScalar { Kind: ScalarKind.String, Text: "" };

    private static TreeNode WithOrigin(TreeNode value, Origin origin) => value switch
    {
        TreeScalar scalar => new TreeScalar(scalar.Kind, scalar.Text, origin),
        TreeList list => new TreeList(list.Items, origin),
        TreeMap map => new TreeMap(map.Entries, origin),
        _ => value,
    };

    // Where a leaf goes: a step says that it could not stay; no value says that it is left out.
    private sealed record Placement(ImmutableArray<string> Place, Origin KeyOrigin, TreeNode? Value, ConversionStep? Step)
    {
        public static Placement Stays(TreeLeaf leaf) => new(leaf.Path, leaf.Entries[^1].KeyOrigin, leaf.Value, null);

        public static Placement Moves(TreeLeaf leaf, ImmutableArray<string> place, TreeNode value, ConversionOutcome outcome) =>
            new(place, leaf.Entries[^1].KeyOrigin, value, new ConversionStep(leaf, outcome, place));

        public static Placement Dropped(TreeLeaf leaf, ConversionStep? step) => new(leaf.Path, leaf.Entries[^1].KeyOrigin, null, step);
    }
}
