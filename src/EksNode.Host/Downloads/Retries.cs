using System.Globalization;
using EksNode.Host.Http;

namespace EksNode.Host.Downloads;

/// <summary>The attempts for one file: bounded, with waits between them.</summary>
internal sealed class Retries(DownloaderOptions options, TimeProvider clock)
{
    /// <summary>The number of the attempt, from 1.</summary>
    public int Attempt { get; private set; } = 1;

    /// <summary>Whether another attempt is worth it; when it is, it is due when this returns.</summary>
    /// <param name="outcome">How the last one ended.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<bool> WaitAsync(HttpOutcome outcome, CancellationToken cancellation)
    {
        if (!RetryPolicy.IsTransient(outcome) || !Count())
        {
            return false;
        }

        var wait = options.Backoff.Delay(Attempt - 1);
        if (Asked(outcome) is var asked && asked > wait)
        {
            wait = asked < options.LongestRetryAfter ? asked : options.LongestRetryAfter;
        }

        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, clock, cancellation).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Counts another attempt that differs from the last and needs no wait; false: there were enough.</summary>
    public bool Count() => Attempt < options.Attempts && ++Attempt > 1;

    // Retry-After: seconds, or a time (RFC 9110, 10.2.3).
    private TimeSpan Asked(HttpOutcome outcome) =>
        (outcome as HttpAnswer)?.Header("Retry-After") is not { } text ? TimeSpan.Zero
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds)
        : DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time - clock.GetUtcNow()
        : TimeSpan.Zero;
}
