using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using EksNode.Host.Logging;

namespace EksNode.Rendering;

/// <summary>How long each step took, for people and for tools.</summary>
public static class TimelineText
{
    private const int Width = 30;

    /// <summary>Writes a table with a bar for each step.</summary>
    public static void Write(TextWriter writer, ImmutableArray<TimelineSpan> spans, Style style)
    {
        if (spans.IsEmpty)
        {
            return;
        }

        var end = spans.Max(s => s.Start + s.Duration);
        var scale = Width / Math.Max(end.TotalMilliseconds, 0.001);
        var names = spans.Max(s => s.Name.Length);
        writer.WriteLine(style.Bold("Timeline"));
        foreach (var span in spans)
        {
            var from = (int)(span.Start.TotalMilliseconds * scale);
            var length = Math.Max(1, (int)Math.Round(span.Duration.TotalMilliseconds * scale));
            from = Math.Min(from, Width - 1);
            length = Math.Min(length, Width - from);
            var bar = new string(' ', from) + new string('▇', length) + new string(' ', Width - from - length);
            writer.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {span.Name.PadRight(names)}  {style.Cyan(bar)}  {span.Duration.TotalMilliseconds,8:0.0} ms"));
        }

        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {"total".PadRight(names)}  {new string(' ', Width)}  {end.TotalMilliseconds,8:0.0} ms"));
    }

    /// <summary>Writes <c>"timeline": [{"name", "startMs", "durationMs"}]</c> into an open object.</summary>
    public static void Write(Utf8JsonWriter json, ImmutableArray<TimelineSpan> spans)
    {
        json.WriteStartArray("timeline");
        foreach (var span in spans)
        {
            json.WriteStartObject();
            json.WriteString("name", span.Name);
            json.WriteNumber("startMs", Math.Round(span.Start.TotalMilliseconds, 3));
            json.WriteNumber("durationMs", Math.Round(span.Duration.TotalMilliseconds, 3));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
