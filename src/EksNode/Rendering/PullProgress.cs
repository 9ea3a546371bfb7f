using System.Globalization;
using System.Text;
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
    private const int BarWidth = 20;

    // So that the lines of a screen suffice: containerd downloads three layers of an image at once unless told otherwise.
    private const int MostLines = 8;

    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Seldom = TimeSpan.FromSeconds(10);

    private readonly SortedDictionary<string, ActiveDownload> layers = new(StringComparer.Ordinal);
    private string image = "";
    private int drawn;

    /// <summary>Begins an image.</summary>
    public void Begin(int number, int count, string name)
    {
        image = name;
        layers.Clear();
        if (io.ErrorIsTerminal)
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
        var pause = io.ErrorIsTerminal ? Often : Seldom;
        while (await Task.WhenAny(pulling, Task.Delay(pause, io.Clock, cancellation)) != pulling && !cancellation.IsCancellationRequested)
        {
            var active = await containerd.DownloadsAsync(cancellation);
            foreach (var layer in active)
            {
                layers[layer.Digest] = layer;
            }

            if (io.ErrorIsTerminal)
            {
                Draw(active);
            }
            else if (layers.Count > 0)
            {
                Tell(active);
            }
        }

        if (drawn > 0)
        {
            Draw([]);
        }
    }

    // ECMA-48: CUU goes up, ED erases to the end of the screen.
    private void Draw(IReadOnlyList<ActiveDownload> active)
    {
        var text = new StringBuilder();
        if (drawn > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"\u001b[{drawn}A\u001b[J");
        }

        drawn = Math.Min(active.Count, MostLines);
        for (var i = 0; i < drawn; i++)
        {
            text.Append(Line(active[i])).Append('\n');
        }

        io.Error.Write(text.ToString());
        io.Error.Flush();
    }

    private static string Line(ActiveDownload layer)
    {
        var digest = layer.Digest.Length > 19 ? layer.Digest[..19] : layer.Digest;
        if (layer.Total == 0)
        {
            return $"  {digest,-19}  {PullText.Mebibytes(layer.Received)} MiB";
        }

        var share = Math.Min(1.0, (double)layer.Received / layer.Total);
        var full = (int)(share * BarWidth);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"  {digest,-19}  {new string('#', full)}{new string('.', BarWidth - full)} {share * 100,3:0} %  {PullText.Mebibytes(layer.Received)} of {PullText.Mebibytes(layer.Total)} MiB");
    }

    // A layer that is active no more is there, or is being unpacked.
    private void Tell(IReadOnlyList<ActiveDownload> active)
    {
        ulong received = 0, total = 0;
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
            ("MiB", $"{PullText.Mebibytes(received)} of {PullText.Mebibytes(total)}"));
    }
}
