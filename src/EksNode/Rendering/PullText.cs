using System.Globalization;
using System.Text.Json;
using EksNode.Host.Containers;

namespace EksNode.Rendering;

/// <summary>What became of images that were to be pulled.</summary>
internal static class PullText
{
    /// <summary>Writes a line for each.</summary>
    public static void Write(TextWriter writer, IReadOnlyList<PullOutcome> outcomes)
    {
        foreach (var outcome in outcomes)
        {
            writer.WriteLine($"{outcome.State,-8} {Size(outcome),10} {Seconds(outcome),8} s  {outcome.Image}");
        }
    }

    /// <summary>Writes them as the member <c>images</c>.</summary>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<PullOutcome> outcomes)
    {
        json.WriteStartArray("images");
        foreach (var outcome in outcomes)
        {
            json.WriteStartObject();
            json.WriteString("image", outcome.Image);
            json.WriteString("state", outcome.State);
            if (outcome.Bytes is { } bytes)
            {
                json.WriteNumber("bytes", bytes);
            }

            json.WriteNumber("seconds", Math.Round(outcome.Duration.TotalSeconds, 3));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Seconds with one decimal.</summary>
    public static string Seconds(PullOutcome outcome) => outcome.Duration.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);

    private static string Size(PullOutcome outcome) => outcome.Bytes is { } bytes ? Mebibytes.Of((long)bytes) + " MiB" : "-";
}
