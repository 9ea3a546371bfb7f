namespace EksNode.Host.Http;

/// <summary>
/// Exponential backoff with full jitter: before retry n (from 1) a random time up to <c>base × 2^(n-1)</c>, never more than the
/// cap. Full jitter spreads the retries of many nodes that start at once best.
/// </summary>
/// <param name="first">The longest wait before the first retry.</param>
/// <param name="cap">The longest wait before any retry.</param>
/// <param name="random">The source of randomness; may be used by several callers at once.</param>
/// <remarks>Formula: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.</remarks>
public sealed class Backoff(TimeSpan first, TimeSpan cap, Random random)
{
    /// <summary>The wait before a retry.</summary>
    /// <param name="retry">1 for the first retry.</param>
    public TimeSpan Delay(int retry)
    {
        var longest = Math.Min(cap.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(retry, 32) - 1));
        lock (random)
        {
            return TimeSpan.FromMilliseconds(random.NextDouble() * longest);
        }
    }
}

/// <summary>A time by which something must have ended, on a given clock.</summary>
public sealed class Deadline
{
    private readonly TimeProvider clock;
    private readonly long start;

    /// <summary>A deadline this far from now.</summary>
    public Deadline(TimeSpan length, TimeProvider clock) => (Length, this.clock, start) = (length, clock, clock.GetTimestamp());

    /// <summary>How long it was at the beginning.</summary>
    public TimeSpan Length { get; }

    /// <summary>The clock it runs on.</summary>
    public TimeProvider Clock => clock;

    /// <summary>The time since the beginning.</summary>
    public TimeSpan Elapsed => clock.GetElapsedTime(start);

    /// <summary>The time left; zero when it is over.</summary>
    public TimeSpan Left => Length > Elapsed ? Length - Elapsed : TimeSpan.Zero;

    /// <summary>Whether it is over.</summary>
    public bool IsOver => Elapsed >= Length;
}
