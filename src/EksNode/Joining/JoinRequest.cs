using EksNode.Host.Engine;
using EksNode.Host.Services;

namespace EksNode.Joining;

/// <summary>A stage of join.</summary>
[Flags]
public enum JoinStages
{
    /// <summary>Write what the node needs.</summary>
    Configure = 1,

    /// <summary>Bring it up to date once more and start the services.</summary>
    Start = 2,
}

/// <summary>What a join is asked for.</summary>
/// <param name="Stages">The stages to run, in their order.</param>
/// <param name="Policy">What becomes of files changed by hand.</param>
public sealed record JoinRequest(JoinStages Stages, ApplyPolicy Policy)
{
    /// <summary>How far a start waits for the node; null: as the configuration says.</summary>
    public WaitFor? Wait { get; init; }

    /// <summary>How long services may take.</summary>
    public ServiceDeadlines Deadlines { get; init; } = new();
}
