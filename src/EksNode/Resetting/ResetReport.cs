using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Disks;
using EksNode.Host.Engine;

namespace EksNode.Resetting;

/// <summary>What a reset did, or would do.</summary>
public sealed class ResetReport
{
    /// <summary>Whether it was done, and not only looked at.</summary>
    public required bool IsDone { get; init; }

    /// <summary>What becomes of files.</summary>
    public required Changes Changes { get; init; }

    /// <summary>The services that were stopped, or would be.</summary>
    public ImmutableArray<string> Stopped { get; init; } = [];

    /// <summary>The mounts that were unmounted, or would be.</summary>
    public ImmutableArray<OwnMount> Unmounted { get; init; } = [];

    /// <summary>What stays behind and why: each is among the diagnostics of the run, too.</summary>
    public ImmutableArray<Diagnostic> Left { get; init; } = [];

    /// <summary>Whether there is anything to undo.</summary>
    public required bool HasWork { get; init; }
}
