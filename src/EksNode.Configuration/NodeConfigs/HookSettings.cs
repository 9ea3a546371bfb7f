using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>A program of the user's that runs during a join.</summary>
public sealed class Hook
{
    /// <summary>How long a hook may run unless it says otherwise.</summary>
    public const string DefaultTimeout = "5m";

    /// <summary>The absolute path of the program and its arguments, which no shell reads.</summary>
    public required ImmutableArray<string> Command { get; init; }

    /// <summary>After this time the hook and all that it started are killed.</summary>
    public required Sourced<GoDuration> Timeout { get; init; }

    /// <summary>Whether the join goes on after a failure.</summary>
    public bool ContinuesOnFailure { get; init; }

    /// <summary>Variables beside those that eksnode gives.</summary>
    public SortedMap<Sourced<Secret>> Environment { get; init; } = SortedMap.Empty<Sourced<Secret>>();
}

/// <summary><c>spec.hooks</c>.</summary>
public sealed class HookSettings
{
    /// <summary>The stages, in the order in which they come.</summary>
    public static ImmutableArray<string> Stages { get; } = ["preConfigure", "preStart", "postStart"];

    /// <summary>The hooks of the stages that have any.</summary>
    public SortedMap<ImmutableArray<Sourced<Hook>>> ByStage { get; init; } = SortedMap.Empty<ImmutableArray<Sourced<Hook>>>();

    /// <summary>The hooks of a stage, in order.</summary>
    /// <param name="stage">One of <see cref="Stages"/>.</param>
    public ImmutableArray<Sourced<Hook>> Of(string stage) => ByStage.TryGetValue(stage, out var hooks) ? hooks : [];

    /// <summary>The later settings over the earlier ones: the list of a stage is replaced.</summary>
    public static HookSettings Merge(HookSettings earlier, HookSettings later) =>
        later.ByStage.IsEmpty ? earlier : new HookSettings { ByStage = earlier.ByStage.With(later.ByStage) };
}
