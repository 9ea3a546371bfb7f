namespace EksNode.Host.Downloads;

/// <summary>Tells the progress of one download, at most ten times a second, and when it is complete.</summary>
internal sealed class ProgressMeter(string name, IDownloadProgress? progress, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private long? last;

    /// <summary>More is there.</summary>
    public void Report(long received, long? total)
    {
        var now = clock.GetTimestamp();
        if (last is not { } before || clock.GetElapsedTime(before, now) >= Pause)
        {
            last = now;
            progress?.Report(name, received, total);
        }
    }

    /// <summary>All is there.</summary>
    public void Complete(long size) => progress?.Report(name, size, size);
}
