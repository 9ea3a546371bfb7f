namespace EksNode.Simulation;

/// <summary>The real time plus an offset that a test moves: tokens and signatures age without waiting.</summary>
public sealed class SimulatorClock : TimeProvider
{
    private long offsetTicks;

    /// <summary>Moves the clock; a negative duration moves it back.</summary>
    public void Advance(TimeSpan duration) => Interlocked.Add(ref offsetTicks, duration.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref offsetTicks));
}
