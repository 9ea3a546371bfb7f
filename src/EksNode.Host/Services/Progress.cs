using System.Globalization;
using EksNode.Host.Logging;

namespace EksNode.Host.Services;

/// <summary>Says what a wait waits for: every ten seconds in the first minute, then every minute.</summary>
/// <param name="what">What is waited for: <c>kubelet.service to be healthy</c>.</param>
/// <param name="log">Where it says so.</param>
/// <param name="deadline">The end of the wait.</param>
internal sealed class Progress(string what, ILog log, Deadline deadline)
{
    private static readonly TimeSpan often = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan seldom = TimeSpan.FromMinutes(1);

    private TimeSpan next = often;

    /// <summary>How long until there is something to say.</summary>
    public TimeSpan UntilNext => next > deadline.Elapsed ? next - deadline.Elapsed : TimeSpan.Zero;

    /// <summary>Says it, when it is time to.</summary>
    /// <param name="why">What it is that is missing, as a clause.</param>
    public void Tell(string why)
    {
        var elapsed = deadline.Elapsed;
        if (elapsed < next)
        {
            return;
        }

        log.Write(
            LogLevel.Info,
            $"waiting for {what}",
            ("because", why),
            ("seconds", elapsed.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)),
            ("deadline", deadline.Text));
        next = elapsed + (elapsed < seldom ? often : seldom);
    }
}
