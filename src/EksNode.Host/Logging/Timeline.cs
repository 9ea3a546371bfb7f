using System.Collections.Immutable;

namespace EksNode.Host.Logging;

/// <summary>A stretch of time with a name.</summary>
/// <param name="Name">What was done: <c>facts</c>, <c>imds token</c>.</param>
/// <param name="Start">When it began, from the beginning of the run.</param>
/// <param name="Duration">How long it took.</param>
public sealed record TimelineSpan(string Name, TimeSpan Start, TimeSpan Duration);

/// <summary>Records how long the steps of a run took. Safe for concurrent use.</summary>
/// <param name="clock">The clock.</param>
public sealed class Timeline(TimeProvider clock)
{
    private readonly long began = clock.GetTimestamp();
    private readonly List<TimelineSpan> spans = [];
    private readonly Lock gate = new();

    /// <summary>When it began, in microseconds of the monotonic clock.</summary>
    public long Began => (long)(began * (1_000_000.0 / clock.TimestampFrequency));

    /// <summary>How long ago that was.</summary>
    public TimeSpan Elapsed => clock.GetElapsedTime(began);

    /// <summary>The finished steps in the order of their start.</summary>
    public ImmutableArray<TimelineSpan> Spans
    {
        get
        {
            lock (gate)
            {
                return [.. spans.OrderBy(s => s.Start)];
            }
        }
    }

    /// <summary>Begins a step; disposing the answer ends it.</summary>
    public IDisposable Begin(string name) => new Step(this, name);

    /// <summary>Adds a step that has just ended and was measured by somebody else.</summary>
    /// <param name="name">What was done.</param>
    /// <param name="duration">How long it took.</param>
    public void Add(string name, TimeSpan duration)
    {
        lock (gate)
        {
            spans.Add(new TimelineSpan(name, clock.GetElapsedTime(began) - duration, duration));
        }
    }

    private sealed class Step(Timeline timeline, string name) : IDisposable
    {
        private readonly long start = timeline.clock.GetTimestamp();

        private readonly TimeProvider clock = timeline.clock;

        public void Dispose()
        {
            var span = new TimelineSpan(name, clock.GetElapsedTime(timeline.began, start), clock.GetElapsedTime(start));
            lock (timeline.gate)
            {
                timeline.spans.Add(span);
            }
        }
    }

    private readonly TimeProvider clock = clock;
}
