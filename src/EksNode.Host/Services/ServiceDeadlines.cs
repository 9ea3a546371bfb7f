namespace EksNode.Host.Services;

/// <summary>How far a join waits for the node.</summary>
public enum WaitFor
{
    /// <summary>The kubelet answers that it is healthy.</summary>
    Kubelet,

    /// <summary>containerd answers, and the kubelet is started.</summary>
    None,

    /// <summary>The Node is Ready at the API server.</summary>
    Ready,
}

/// <summary>How long services may take, from the request to systemd until they are healthy.</summary>
public sealed record ServiceDeadlines
{
    /// <summary>containerd, until its CRI answers.</summary>
    public static readonly TimeSpan Containerd = TimeSpan.FromSeconds(60);

    /// <summary>The kubelet, until its health endpoint answers.</summary>
    public static readonly TimeSpan Kubelet = TimeSpan.FromMinutes(2);

    /// <summary>
    /// The Node, until it is Ready. That needs the cluster's network plugin, whose images are pulled first: minutes on a small
    /// instance, so that twice what is usual has room.
    /// </summary>
    public static readonly TimeSpan Ready = TimeSpan.FromMinutes(10);

    /// <summary>Any other unit, until its job is done.</summary>
    public static readonly TimeSpan Other = TimeSpan.FromSeconds(60);

    /// <summary>systemd, until it has read its files again: it runs all generators then, for which it has a limit of 90 s itself.</summary>
    public static readonly TimeSpan Reload = TimeSpan.FromMinutes(2);

    /// <summary>Any single question to systemd: it answers in milliseconds unless it is stuck.</summary>
    public static readonly TimeSpan Question = TimeSpan.FromSeconds(25);

    /// <summary>All of it together, in place of the others; null: each has its own.</summary>
    public TimeSpan? Whole { get; init; }
}

/// <summary>A point in time that a wait ends at.</summary>
public sealed class Deadline
{
    private readonly TimeProvider clock;
    private readonly long began;

    /// <summary>A deadline from now.</summary>
    public Deadline(TimeSpan length, TimeProvider clock)
        : this(length, clock, TextOf(length))
    {
    }

    private Deadline(TimeSpan length, TimeProvider clock, string text)
    {
        this.clock = clock;
        Length = length;
        Text = text;
        began = clock.GetTimestamp();
    }

    /// <summary>How long it was in the beginning.</summary>
    public TimeSpan Length { get; }

    /// <summary>How much of it has passed.</summary>
    public TimeSpan Elapsed => clock.GetElapsedTime(began);

    /// <summary>How much is left; never negative.</summary>
    public TimeSpan Left => Elapsed < Length ? Length - Elapsed : TimeSpan.Zero;

    /// <summary>Whether it has passed.</summary>
    public bool HasPassed => Left == TimeSpan.Zero;

    /// <summary>The limit as it was set, for people: <c>60 s</c>, <c>2 min</c>, or <c>the 10 min that everything may take</c>.</summary>
    public string Text { get; }

    /// <summary>What is left of this one, as a deadline from now: it is told as the limit that was set, and not as what happens to be left.</summary>
    public Deadline Rest() => new(Left, clock, $"the {TextOf(Length)} that everything may take");

    /// <summary>A length for people.</summary>
    public static string TextOf(TimeSpan length) => length.TotalMinutes >= 2 && length.Seconds == 0
        ? FormattableString.Invariant($"{length.TotalMinutes:0} min")
        : FormattableString.Invariant($"{length.TotalSeconds:0.###} s");
}

/// <summary>A token that is cancelled when a deadline passes, by the clock in use, or when the caller gives up.</summary>
internal sealed class TimeLimit : IDisposable
{
    private readonly CancellationTokenSource timer;
    private readonly CancellationTokenSource either;

    public TimeLimit(Deadline deadline, TimeProvider clock, CancellationToken cancellation)
    {
        // A timer of no length never ends.
        timer = new CancellationTokenSource(deadline.HasPassed ? TimeSpan.FromMilliseconds(1) : deadline.Left, clock);
        either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
    }

    public CancellationToken Token => either.Token;

    public void Dispose()
    {
        either.Dispose();
        timer.Dispose();
    }
}
