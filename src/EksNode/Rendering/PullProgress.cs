using System.Globalization;
using EksNode.Host.Containers;
using EksNode.Host.Logging;

namespace EksNode.Rendering;

/// <summary>
/// How far the pull of an image is: on a terminal a line for each layer that is being downloaded, drawn anew a few times a second; elsewhere a
/// line of the log now and then, for whoever waits for gigabytes at a serial console.
/// </summary>
/// <param name="io">The process.</param>
/// <param name="log">Where it is told off a terminal.</param>
internal sealed class PullProgress(CommandIo io, ILog log)
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Seldom = TimeSpan.FromSeconds(10);

    private readonly SortedDictionary<string, ActiveDownload> layers = new(StringComparer.Ordinal);
    private readonly ProgressBars? bars = io.ErrorIsTerminal ? new ProgressBars(io, log) : null;
    private string image = "";

    /// <summary>Begins an image.</summary>
    public void Begin(int number, int count, string name)
    {
        image = name;
        layers.Clear();
        if (bars is not null)
        {
            io.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{number}/{count}] {name}"));
        }
    }

    /// <summary>Shows it until the pull has ended, however it ends.</summary>
    /// <param name="pulling">The pull.</param>
    /// <param name="containerd">Who knows.</param>
    /// <param name="cancellation">Ends the questions.</param>
    public async Task ShowAsync(Task pulling, ContainerdClient containerd, CancellationToken cancellation)
    {
        var pause = bars is not null ? Often : Seldom;
        while (await Task.WhenAny(pulling, Task.Delay(pause, io.Clock, cancellation)) != pulling && !cancellation.IsCancellationRequested)
        {
            var active = await containerd.DownloadsAsync(cancellation);
            foreach (var layer in active)
            {
                layers[layer.Digest] = layer;
            }

            if (bars is not null)
            {
                bars.Show([.. active.Select(l => new ProgressBar(l.Digest, l.Received, l.Total))]);
            }
            else if (layers.Count > 0)
            {
                Tell(active);
            }
        }

        bars?.Show([]);
    }

    // A layer that is active no more is there, or is being unpacked.
    private void Tell(IReadOnlyList<ActiveDownload> active)
    {
        long received = 0, total = 0;
        foreach (var layer in layers.Values)
        {
            var isActive = false;
            foreach (var other in active)
            {
                isActive |= other.Digest == layer.Digest;
            }

            received += isActive ? layer.Received : layer.Total;
            total += layer.Total;
        }

        log.Write(
            LogLevel.Info,
            active.Count == 0 ? "unpacking" : "downloading",
            ("image", image),
            ("layers", string.Create(CultureInfo.InvariantCulture, $"{layers.Count - active.Count} of {layers.Count} begun")),
            ("MiB", $"{Mebibytes.Of(received)} of {Mebibytes.Of(total)}"));
    }
}
