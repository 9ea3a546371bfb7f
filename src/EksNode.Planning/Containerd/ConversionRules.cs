using System.Collections.Immutable;
using EksNode.Configuration.Values;

namespace EksNode.Planning.Containerd;

/// <summary>How a value changes on its way from schema 2 to schema 3.</summary>
internal enum ConversionChange
{
    /// <summary>It does not.</summary>
    Move,

    /// <summary>One value becomes a list of one.</summary>
    Wrap,

    /// <summary><c>true</c> becomes an entry of the shims' environment.</summary>
    SchedCore,

    /// <summary>Schema 3 has no place for it.</summary>
    Removed,
}

/// <summary>One row of <c>data/containerd-config-conversion.tsv</c>.</summary>
/// <param name="Two">The path in schema 2; <c>*</c> fits any key.</param>
/// <param name="Three">The path in schema 3, with as many <c>*</c>; empty when it was removed.</param>
/// <param name="Change">How the value changes.</param>
/// <param name="Since">The containerd release that has the place in schema 3; null: all.</param>
/// <param name="Help">For a removed setting: what to write instead.</param>
internal sealed record ConversionRule(
    ImmutableArray<string> Two, ImmutableArray<string> Three, ConversionChange Change, SemanticVersion? Since, string Help)
{
    /// <summary>The path in schema 3 of a path that fits <see cref="Two"/> or stands below it.</summary>
    public ImmutableArray<string> Target(ImmutableArray<string> path) => Map(Two, Three, path);

    /// <summary>The path in schema 2 of a path that fits <see cref="Three"/> or stands below it.</summary>
    public ImmutableArray<string> Source(ImmutableArray<string> path) => Map(Three, Two, path);

    private static ImmutableArray<string> Map(ImmutableArray<string> from, ImmutableArray<string> to, ImmutableArray<string> path)
    {
        var any = new Queue<string>();
        for (var i = 0; i < from.Length; i++)
        {
            if (from[i] == "*")
            {
                any.Enqueue(path[i]);
            }
        }

        return [.. to.Select(key => key == "*" ? any.Dequeue() : key), .. path[from.Length..]];
    }
}

/// <summary>The table of conversions, by the paths of either schema.</summary>
internal static class ConversionRules
{
    /// <summary>The entry of the shims' environment that <c>sched_core = true</c> became.</summary>
    public const string SchedCoreVariable = "SCHED_CORE=1";

    private static readonly Lazy<(PathTree<ConversionRule> Forward, PathTree<ConversionRule> Backward)> Tables = new(Read);

    /// <summary>The rules by their path in schema 2.</summary>
    public static PathTree<ConversionRule> Forward => Tables.Value.Forward;

    /// <summary>The rules that have a place in schema 3, by that place.</summary>
    public static PathTree<ConversionRule> Backward => Tables.Value.Backward;

    /// <summary>A plugin's id in schema 3; empty when containerd 2 lacks it; null when it has no rule.</summary>
    public static string? RenameForward(string plugin) => Plugin(Forward, plugin) is { } rule
        ? rule.Change == ConversionChange.Removed ? "" : rule.Three[^1]
        : null;

    /// <summary>A plugin's id in schema 2; null when it has no rule.</summary>
    public static string? RenameBackward(string plugin) => Plugin(Backward, plugin)?.Two[^1];

    private static ConversionRule? Plugin(PathTree<ConversionRule> rules, string plugin) => rules.Child("plugins")?.Child(plugin)?.Value;

    private static (PathTree<ConversionRule> Forward, PathTree<ConversionRule> Backward) Read()
    {
        var (forward, backward) = (new PathTree<ConversionRule>(), new PathTree<ConversionRule>());
        foreach (var row in DataTable.Rows("containerd-config-conversion.tsv"))
        {
            var rule = new ConversionRule(
                TomlPath.Parse(row[0]),
                TomlPath.Parse(row[1]),
                Change(row[2]),
                row[3].Length == 0 ? null : SemanticVersion.Find(row[3] + ".0"),
                row[4]);
            forward.Add(rule.Two, rule);
            if (rule.Change != ConversionChange.Removed)
            {
                backward.Add(rule.Three, rule);
            }
        }

        return (forward, backward);
    }

    private static ConversionChange Change(string name) => name switch
    {
        "move" => ConversionChange.Move,
        "wrap" => ConversionChange.Wrap,
        "schedCore" => ConversionChange.SchedCore,
        "removed" => ConversionChange.Removed,
        _ => throw new InvalidOperationException($"The table of conversions has an unknown change {name}."),
    };
}
