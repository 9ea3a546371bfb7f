using EksNode.Host.Downloads;
using EksNode.Host.Logging;

namespace EksNode.Rendering;

/// <summary>How far downloads are: bars on a terminal; elsewhere a line of the log for each every five seconds. The end of each is told in the log.</summary>
/// <param name="bars">The bars of the terminal; null: there is none.</param>
/// <param name="log">The log.</param>
/// <param name="clock">The clock.</param>
internal sealed class DownloadProgress(ProgressBars? bars, ILog log, TimeProvider clock) : IDownloadProgress
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Seldom = TimeSpan.FromSeconds(5);

    private readonly SortedDictionary<string, ProgressBar> active = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> told = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    /// <inheritdoc/>
    public void Report(string name, long received, long? total)
    {
        var isComplete = received == total;
        lock (gate)
        {
            // All bars are drawn at once: the last of them counts for all.
            var key = bars is null ? name : "";
            var now = clock.GetTimestamp();
            if (isComplete)
            {
                active.Remove(name);
            }
            else
            {
                active[name] = new ProgressBar(name, received, total ?? 0);
                if (told.TryGetValue(key, out var last) && clock.GetElapsedTime(last, now) < (bars is null ? Seldom : Often))
                {
                    return;
                }
            }

            told[key] = now;
            bars?.Show([.. active.Values]);
        }

        if (isComplete || bars is null)
        {
            log.Write(
                LogLevel.Info,
                isComplete ? "downloaded" : "downloading",
                ("component", name),
                ("MiB", Mebibytes.Of(received)),
                ("of", total is { } all ? Mebibytes.Of(all) : "unknown"));
        }
    }

    /// <summary>Takes the bars away, of downloads that failed as well.</summary>
    public void End()
    {
        lock (gate)
        {
            active.Clear();
            bars?.Show([]);
        }
    }
}
