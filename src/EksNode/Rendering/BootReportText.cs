using System.Globalization;
using System.Text.Json;
using EksNode.Host.Boot;

namespace EksNode.Rendering;

/// <summary>Where the time of a boot went, for people and for tools.</summary>
public static class BootReportText
{
    private const int Width = 40;

    /// <summary>Writes a table with a bar for each stretch.</summary>
    public static void Write(TextWriter writer, BootReport report, Style style)
    {
        var from = report.Spans.Min(s => s.Start);
        var until = report.Spans.Max(s => s.End ?? s.Start);
        var scale = Width / Math.Max((until - from).TotalMilliseconds, 1);
        var names = report.Spans.Max(s => Name(s).Length);
        writer.WriteLine($"{style.Bold("Boot".PadRight(names + 2))}{style.Dim("begins at".PadLeft(10))}{style.Dim("takes".PadLeft(10))}");
        foreach (var span in report.Spans)
        {
            var first = Math.Clamp((int)((span.Start - from).TotalMilliseconds * scale), 0, Width - 1);
            var length = Math.Clamp((int)Math.Round(((span.End ?? until) - span.Start).TotalMilliseconds * scale), 1, Width - first);
            var bar = new string(' ', first) + new string('▇', length) + new string(' ', Width - first - length);
            var note = span.Note is null ? "" : "  " + style.Red(span.Note);
            var takes = span.End is { } end ? Seconds(end - span.Start) : "…";
            writer.WriteLine($"{Name(span).PadRight(names + 2)}{Seconds(span.Start),10}{takes,10}  {Coloured(style, span.Kind, bar)}{note}".TrimEnd());
        }

        var waited = Waited(report);
        writer.WriteLine();
        writer.WriteLine(report.Done is { } done
            ? $"The node works {Seconds(done)} after the kernel began; eksnode waited {Seconds(waited)} for others."
            : $"The node has not been started; eksnode waited {Seconds(waited)} for others so far.");
    }

    /// <summary>
    /// Writes <c>"doneMs"</c>, <c>"waitedMs"</c> and <c>"spans": [{"name", "kind", "startMs", "durationMs", "note"}]</c> into an open object;
    /// times count from the kernel's beginning.
    /// </summary>
    public static void Write(Utf8JsonWriter json, BootReport report)
    {
        if (report.Done is { } done)
        {
            json.WriteNumber("doneMs", Milliseconds(done));
        }

        json.WriteNumber("waitedMs", Milliseconds(Waited(report)));
        json.WriteStartArray("spans");
        foreach (var span in report.Spans)
        {
            json.WriteStartObject();
            json.WriteString("name", span.Name);
            json.WriteString("kind", span.Kind.ToString().ToLowerInvariant());
            json.WriteNumber("startMs", Milliseconds(span.Start));
            if (span.End is { } end)
            {
                json.WriteNumber("durationMs", Milliseconds(end - span.Start));
            }

            if (span.Note is not null)
            {
                json.WriteString("note", span.Note);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // Waits may overlap (IMDS is asked several things at once): a moment counts once.
    internal static TimeSpan Waited(BootReport report)
    {
        var total = TimeSpan.Zero;
        var reached = TimeSpan.MinValue;
        foreach (var span in report.Spans.Where(s => s.Kind == BootSpanKind.Wait && s.End is not null).OrderBy(s => s.Start))
        {
            var end = span.End ?? span.Start;
            var start = span.Start > reached ? span.Start : reached;
            if (end > start)
            {
                total += end - start;
                reached = end;
            }
        }

        return total;
    }

    private static string Name(BootSpan span) => span.Kind switch
    {
        BootSpanKind.Unit => "  " + span.Name,
        BootSpanKind.Stage => "  " + span.Name,
        BootSpanKind.Step or BootSpanKind.Wait => "    " + span.Name,
        _ => span.Name,
    };

    private static string Coloured(Style style, BootSpanKind kind, string bar) => kind switch
    {
        BootSpanKind.Wait => style.Yellow(bar),
        BootSpanKind.Stage or BootSpanKind.Step => style.Cyan(bar),
        _ => style.Dim(bar),
    };

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture) + " s";

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);
}
