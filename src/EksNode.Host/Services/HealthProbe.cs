namespace EksNode.Host.Services;

/// <summary>What a service answered.</summary>
/// <param name="IsHealthy">Whether it works.</param>
/// <param name="Why">Why not, as a clause without a full stop: <c>connection refused</c>.</param>
public readonly record struct Health(bool IsHealthy, string Why)
{
    /// <summary>It works.</summary>
    public static Health Good { get; } = new(true, "");

    /// <summary>It does not, or not yet.</summary>
    public static Health Bad(string why) => new(false, why);
}

/// <summary>
/// Asks a service once whether it works. It is bounded by itself, and never throws for what the service does: only for what no
/// service can do anything about.
/// </summary>
/// <param name="cancellation">Ends the question.</param>
public delegate Task<Health> HealthProbe(CancellationToken cancellation);

/// <summary>Reads the last lines that a unit logged, oldest first; none when there are none or they cannot be read.</summary>
/// <param name="unit">The unit.</param>
/// <param name="cancellation">Ends the reading.</param>
public delegate Task<IReadOnlyList<string>> UnitLogReader(string unit, CancellationToken cancellation);
