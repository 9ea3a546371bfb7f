using System.Globalization;
using EksNode.Host.Downloads;
using EksNode.Host.Logging;

namespace EksNode.Imaging;

/// <summary>Tells in the log how far downloads are: each every five seconds, and at its end.</summary>
/// <param name="log">The log.</param>
/// <param name="clock">The clock.</param>
internal sealed class DownloadLines(ILog log, TimeProvider clock) : IDownloadProgress
{
    private const double Mebibyte = 1 << 20;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, long> told = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    /// <inheritdoc/>
    public void Report(string name, long received, long? total)
    {
        lock (gate)
        {
            var now = clock.GetTimestamp();
            if (received != total && told.TryGetValue(name, out var last) && clock.GetElapsedTime(last, now) < Pause)
            {
                return;
            }

            told[name] = now;
        }

        log.Write(
            LogLevel.Info,
            "downloading",
            ("component", name),
            ("MiB", (received / Mebibyte).ToString("0.0", CultureInfo.InvariantCulture)),
            ("of", total is { } all ? (all / Mebibyte).ToString("0.0", CultureInfo.InvariantCulture) : "unknown"));
    }
}
