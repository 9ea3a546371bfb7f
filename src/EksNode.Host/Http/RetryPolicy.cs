namespace EksNode.Host.Http;

/// <summary>What to do after an attempt.</summary>
public enum RetryVerdict
{
    /// <summary>The outcome stands.</summary>
    Final,

    /// <summary>Try again after a wait.</summary>
    Retry,

    /// <summary>Try again at once: the next attempt differs (a fresh token, a corrected clock).</summary>
    RetryNow,
}

/// <summary>How an operation with its retries ended.</summary>
/// <param name="Outcome">The last outcome.</param>
/// <param name="Attempts">How many attempts there were.</param>
/// <param name="Elapsed">How long it took in all.</param>
/// <param name="GaveUp">Whether another attempt was due when attempts or time ran out.</param>
public sealed record Retried(HttpOutcome Outcome, int Attempts, TimeSpan Elapsed, bool GaveUp);

/// <summary>Repeats calls until they succeed, fail for good, or attempts or time run out.</summary>
public sealed class RetryPolicy
{
    /// <summary>The most attempts, the first included.</summary>
    public required int Attempts { get; init; }

    /// <summary>The waits between attempts.</summary>
    public required Backoff Backoff { get; init; }

    /// <summary>The longest time for one attempt.</summary>
    public required TimeSpan AttemptTimeout { get; init; }

    /// <summary>
    /// Whether an outcome is worth another attempt whoever answers: no connection, no or a broken answer, 429 and 5xx other than
    /// 501 and 505. Not: a certificate that is not trusted, a redirect that is not followed.
    /// </summary>
    public static bool IsTransient(HttpOutcome outcome) => outcome switch
    {
        HttpFault fault => fault.Kind is not (HttpFaultKind.Tls or HttpFaultKind.TooLarge or HttpFaultKind.Redirect),
        HttpAnswer answer => answer.Status is 408 or 429 || (answer.Status >= 500 && answer.Status is not (501 or 505)),
        _ => false,
    };

    /// <summary>Runs the operation.</summary>
    /// <param name="attempt">Makes one attempt within the time it is given.</param>
    /// <param name="judge">Says what to do with its outcome; the number is that of the attempt, from 1.</param>
    /// <param name="deadline">When all of it ends.</param>
    /// <param name="cancellation">Cancels it.</param>
    public async Task<Retried> RunAsync(
        Func<TimeSpan, CancellationToken, Task<HttpOutcome>> attempt,
        Func<HttpOutcome, int, RetryVerdict> judge,
        Deadline deadline,
        CancellationToken cancellation)
    {
        HttpOutcome? before = null;
        for (var number = 1; ; number++)
        {
            var limit = deadline.Left < AttemptTimeout ? deadline.Left : AttemptTimeout;
            var outcome = limit > TimeSpan.Zero
                ? await attempt(limit, cancellation).ConfigureAwait(false)
                : new HttpFault(HttpFaultKind.Timeout, "the time for it was over before it began");
            if (before is not null
                && limit < AttemptTimeout
                && outcome is HttpFault { Kind: HttpFaultKind.Timeout or HttpFaultKind.ConnectTimeout })
            {
                // The deadline cut this attempt short: why the one before it failed says more.
                return new Retried(before, number - 1, deadline.Elapsed, GaveUp: true);
            }

            before = outcome;
            var verdict = judge(outcome, number);
            if (verdict == RetryVerdict.Final)
            {
                return new Retried(outcome, number, deadline.Elapsed, GaveUp: false);
            }

            var wait = verdict == RetryVerdict.RetryNow ? TimeSpan.Zero : Backoff.Delay(number);
            if (number >= Attempts || wait >= deadline.Left)
            {
                return new Retried(outcome, number, deadline.Elapsed, GaveUp: true);
            }

            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, deadline.Clock, cancellation).ConfigureAwait(false);
            }
        }
    }
}
