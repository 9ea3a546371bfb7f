using System.Globalization;
using System.Text;
using EksNode.Host.Logging;

namespace EksNode.Rendering;

/// <summary>How far one transfer is.</summary>
/// <param name="name">What it is called.</param>
/// <param name="received">Bytes that are there.</param>
/// <param name="total">Bytes that it has; 0: not told.</param>
internal sealed class ProgressBar(string name, long received, long total)
{
    private const int NameWidth = 19;
    private const int BarWidth = 20;

    /// <summary>A line for a terminal.</summary>
    public override string ToString()
    {
        var shown = name.Length > NameWidth ? name[..NameWidth] : name;
        if (total == 0)
        {
            return $"  {shown,-NameWidth}  {Mebibytes.Of(received)} MiB";
        }

        var share = Math.Min(1.0, (double)received / total);
        var full = (int)(share * BarWidth);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"  {shown,-NameWidth}  {new string('#', full)}{new string('.', BarWidth - full)} {share * 100,3:0} %  {Mebibytes.Of(received)} of {Mebibytes.Of(total)} MiB");
    }
}

/// <summary>Bars below the log on a terminal: a line for each transfer, drawn anew when one changes, and out of the way of every log line.</summary>
/// <param name="io">The process, whose standard error is a terminal.</param>
/// <param name="log">The log, which writes above the bars.</param>
internal sealed class ProgressBars(CommandIo io, ILog log) : ILog
{
    // So that the lines of a screen suffice.
    private const int MostLines = 8;

    private readonly Lock gate = new();
    private IReadOnlyList<ProgressBar> bars = [];
    private int drawn;

    /// <summary>Shows these instead of those before; none: takes them away.</summary>
    public void Show(IReadOnlyList<ProgressBar> transfers)
    {
        lock (gate)
        {
            bars = transfers;
            Draw();
        }
    }

    /// <inheritdoc/>
    public bool Writes(LogLevel level) => log.Writes(level);

    /// <inheritdoc/>
    public void Write(LogLevel level, string message, params ReadOnlySpan<(string Name, string Value)> fields)
    {
        if (!log.Writes(level))
        {
            return;
        }

        lock (gate)
        {
            io.Error.Write(Erasure());
            drawn = 0;
            log.Write(level, message, fields);
            Draw();
        }
    }

    private void Draw()
    {
        var text = new StringBuilder(Erasure());
        drawn = Math.Min(bars.Count, MostLines);
        for (var i = 0; i < drawn; i++)
        {
            text.Append(bars[i]).Append('\n');
        }

        if (text.Length > 0)
        {
            io.Error.Write(text.ToString());
            io.Error.Flush();
        }
    }

    // ECMA-48: CUU goes up, ED erases to the end of the screen.
    private string Erasure() => drawn == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"\u001b[{drawn}A\u001b[J");
}
