using CsCheck;
using EksNode.Host.Http;

namespace EksNode.Host.Tests.Http;

public sealed class RetryPolicyTests
{
    private static readonly HttpAnswer Ok = new(200, [], default);
    private static readonly HttpAnswer Busy = new(503, [], default);

    [Fact]
    public void A_wait_is_random_and_never_longer_than_it_may_be() =>
        Gen.Select(Gen.Int[1, 80], Gen.Int).Sample((retry, seed) =>
        {
            var wait = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20), new Random(seed)).Delay(retry);
            return wait >= TimeSpan.Zero && wait.TotalSeconds <= Math.Min(20, Math.Pow(2, Math.Min(retry, 30) - 1));
        });

    [Fact]
    public void Waits_grow_until_the_cap()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20), new AlwaysLongest());

        Assert.Equal([1, 2, 4, 8, 16, 20, 20], Enumerable.Range(1, 7).Select(retry => (int)Math.Round(backoff.Delay(retry).TotalSeconds)));
    }

    [Fact]
    public async Task Repeats_until_an_outcome_stands()
    {
        var clock = new JumpingClock();
        var outcomes = new Queue<HttpOutcome>([Busy, Busy, Ok]);

        var result = await RunAsync(clock, outcomes.Dequeue);

        Assert.Equal((3, false), (result.Attempts, result.GaveUp));
        Assert.Same(Ok, result.Outcome);
    }

    [Fact]
    public async Task Ends_with_the_last_attempt()
    {
        var result = await RunAsync(new JumpingClock(), () => Busy, attempts: 4);

        Assert.Equal((4, true), (result.Attempts, result.GaveUp));
        Assert.Same(Busy, result.Outcome);
    }

    [Fact]
    public async Task Ends_before_the_deadline_and_not_after_another_wait()
    {
        var clock = new JumpingClock();

        var result = await RunAsync(clock, () => Busy, deadline: TimeSpan.FromSeconds(10));

        Assert.True(result.GaveUp);
        Assert.InRange(result.Elapsed.TotalSeconds, 5, 10);
        Assert.Equal(4, result.Attempts); // waits of 1, 2 and 4 s fit, 8 s more do not
    }

    [Fact]
    public async Task An_attempt_that_the_deadline_cut_short_does_not_hide_the_reason()
    {
        var clock = new JumpingClock();
        var attempts = 0;

        var result = await RunAsync(clock, () => ++attempts == 1 ? Busy : new HttpFault(HttpFaultKind.Timeout, "no answer"), deadline: TimeSpan.FromSeconds(3));

        Assert.Same(Busy, result.Outcome);
    }

    [Fact]
    public async Task Repeats_at_once_when_told_so()
    {
        var clock = new JumpingClock();
        var outcomes = new Queue<HttpOutcome>([Busy, Ok]);
        var policy = Policy(int.MaxValue);

        var result = await policy.RunAsync(
            (_, _) => Task.FromResult(outcomes.Dequeue()),
            (o, _) => ReferenceEquals(o, Ok) ? RetryVerdict.Final : RetryVerdict.RetryNow,
            new Deadline(TimeSpan.FromMinutes(1), clock),
            TestContext.Current.CancellationToken);

        Assert.Equal((2, TimeSpan.Zero), (result.Attempts, result.Elapsed));
    }

    [Theory]
    [InlineData(200, false)]
    [InlineData(400, false)]
    [InlineData(403, false)]
    [InlineData(404, false)]
    [InlineData(408, true)]
    [InlineData(429, true)]
    [InlineData(500, true)]
    [InlineData(501, false)]
    [InlineData(503, true)]
    [InlineData(505, false)]
    public void Knows_which_answers_may_change(int status, bool isTransient) => Assert.Equal(isTransient, RetryPolicy.IsTransient(new HttpAnswer(status, [], default)));

    [Theory]
    [InlineData(HttpFaultKind.Refused, true)]
    [InlineData(HttpFaultKind.Timeout, true)]
    [InlineData(HttpFaultKind.Garbage, true)]
    [InlineData(HttpFaultKind.Tls, false)]
    [InlineData(HttpFaultKind.TooLarge, false)]
    public void Knows_which_faults_may_pass(HttpFaultKind kind, bool isTransient) => Assert.Equal(isTransient, RetryPolicy.IsTransient(new HttpFault(kind, "")));

    private static RetryPolicy Policy(int attempts) => new()
    {
        Attempts = attempts,
        Backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20), new AlwaysLongest()),
        AttemptTimeout = TimeSpan.FromSeconds(5),
    };

    private static Task<Retried> RunAsync(JumpingClock clock, Func<HttpOutcome> next, int attempts = int.MaxValue, TimeSpan? deadline = null) =>
        Policy(attempts).RunAsync(
            (_, _) => Task.FromResult(next()),
            (o, _) => RetryPolicy.IsTransient(o) ? RetryVerdict.Retry : RetryVerdict.Final,
            new Deadline(deadline ?? TimeSpan.FromHours(1), clock),
            TestContext.Current.CancellationToken);

    private sealed class AlwaysLongest : Random
    {
        public override double NextDouble() => 0.999999;
    }

    /// <summary>A clock on which every wait is over at once and has taken its time.</summary>
    private sealed class JumpingClock : TimeProvider
    {
        private long now;

        public override long GetTimestamp() => Interlocked.Read(ref now);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Add(ref now, dueTime.Ticks);
            return System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
