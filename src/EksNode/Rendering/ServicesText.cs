using System.Globalization;
using System.Text.Json;
using EksNode.Host.Engine;
using EksNode.Host.Services;

namespace EksNode.Rendering;

/// <summary>What a join did to services, and what they still owe.</summary>
public static class ServicesText
{
    private const int MostReasons = 3;

    /// <summary>Writes one line for each service that was brought up, and one for the restarts that are still owed.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="outcomes">What was brought up.</param>
    /// <param name="state">What is applied.</param>
    /// <param name="left">What else the next start does.</param>
    /// <param name="style">Colours.</param>
    public static void Write(TextWriter writer, IReadOnlyList<ServiceOutcome> outcomes, AppliedState state, IReadOnlyList<string> left, Style style)
    {
        foreach (var outcome in outcomes.Where(o => o.Action != ServiceAction.Leave))
        {
            var seconds = outcome.Duration.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
            writer.WriteLine(outcome.Action switch
            {
                ServiceAction.Start => $"{style.Green("started")}    {outcome.Unit}  {style.Dim($"{seconds} s")}",
                ServiceAction.Restart => $"{style.Yellow("restarted")}  {outcome.Unit}  {style.Dim($"{seconds} s{Because(outcome)}")}",
                _ => $"runs       {outcome.Unit}",
            });
        }

        if (!state.Owed.IsEmpty || left.Count > 0)
        {
            writer.WriteLine($"Left to the next start: {string.Join(", ", [.. state.Owed.Keys, .. left])}");
        }

        if (outcomes.Count > 0 || !state.Owed.IsEmpty || left.Count > 0)
        {
            writer.WriteLine();
        }
    }

    /// <summary>Writes <c>services</c> and <c>owed</c> into an open object.</summary>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<ServiceOutcome> outcomes, AppliedState state)
    {
        json.WriteStartArray("services");
        foreach (var outcome in outcomes)
        {
            json.WriteStartObject();
            json.WriteString("unit", outcome.Unit);
            json.WriteString("action", outcome.Action.ToString().ToLowerInvariant());
            json.WriteStartArray("because");
            foreach (var reason in outcome.Because)
            {
                json.WriteStringValue(reason);
            }

            json.WriteEndArray();
            json.WriteNumber("milliseconds", (long)outcome.Duration.TotalMilliseconds);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("owed");
        foreach (var unit in state.Owed.Keys)
        {
            json.WriteStringValue(unit);
        }

        json.WriteEndArray();
    }

    private static string Because(ServiceOutcome outcome)
    {
        if (outcome.Because.Count == 0)
        {
            return "";
        }

        var more = outcome.Because.Count > MostReasons ? $" and {outcome.Because.Count - MostReasons} more" : "";
        return ", because of " + string.Join(", ", PlanText.Names([.. outcome.Because.Take(MostReasons)])) + more;
    }
}
