using System.Globalization;
using System.Text.Json;
using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Resetting;

namespace EksNode.Rendering;

/// <summary>What a reset did, or would do.</summary>
public static class ResetText
{
    /// <summary>Writes one line for each thing.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="report">What was done.</param>
    /// <param name="root">The root that it is about: paths are below it.</param>
    /// <param name="style">Colours.</param>
    public static void Write(TextWriter writer, ResetReport report, string root, Style style)
    {
        if (!report.HasWork && !report.Changes.Any)
        {
            writer.WriteLine(report.Left.IsEmpty ? "Nothing to undo: eksnode has nothing here." : "Nothing to undo.");
            WriteLeft(writer, report);
            return;
        }

        foreach (var unit in report.Stopped)
        {
            writer.WriteLine($"{style.Yellow(report.IsDone ? "stopped  " : "stop     ")}  {unit}");
        }

        foreach (var mount in report.Unmounted)
        {
            writer.WriteLine($"{style.Yellow(report.IsDone ? "unmounted" : "unmount  ")}  {mount.Path}  {style.Dim(mount.What)}");
        }

        foreach (var change in report.Changes.Actions)
        {
            var isRemoved = change.Action == ChangeAction.Delete;
            var word = (isRemoved, report.IsDone) switch
            {
                (true, true) => style.Red("removed  "),
                (true, false) => style.Red("remove   "),
                (false, true) => style.Green("put back "),
                _ => style.Green("put back "),
            };
            writer.WriteLine($"{word}  {HostPath.Below(root, change.Path)}");
        }

        foreach (var change in Kept(report.Changes))
        {
            writer.WriteLine($"{style.Cyan(report.IsDone ? "kept     " : "keep     ")}  {HostPath.Below(root, change.Path)}  {style.Dim("changed by hand")}");
        }

        var count = report.Changes.Actions.Count();
        writer.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{(report.IsDone ? "Reset: " : "Reset would undo ")}{count} things{(report.IsDone ? " undone" : "")}, {Kept(report.Changes).Count} changed by hand stay."));
        WriteLeft(writer, report);
    }

    private static void WriteLeft(TextWriter writer, ResetReport report)
    {
        foreach (var left in report.Left)
        {
            writer.WriteLine($"{left.Message} {left.Help}");
        }
    }

    /// <summary>Writes <c>done</c>, <c>stopped</c>, <c>unmounted</c>, the changes as of a plan, and <c>kept</c>.</summary>
    public static void Write(Utf8JsonWriter json, ResetReport report, Redactor redactor)
    {
        json.WriteBoolean("done", report.IsDone);
        json.WriteStartArray("stopped");
        foreach (var unit in report.Stopped)
        {
            json.WriteStringValue(unit);
        }

        json.WriteEndArray();
        json.WriteStartArray("unmounted");
        foreach (var mount in report.Unmounted)
        {
            json.WriteStringValue(mount.Path);
        }

        json.WriteEndArray();
        json.WriteStartArray("changes");
        foreach (var change in report.Changes.Actions)
        {
            json.WriteStartObject();
            json.WriteString("resource", redactor.Redact(change.ResourceId));
            json.WriteString("action", change.Action == ChangeAction.Delete ? "remove" : "restore");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("kept");
        foreach (var change in Kept(report.Changes))
        {
            json.WriteStringValue(change.ResourceId);
        }

        json.WriteEndArray();
    }

    private static List<Change> Kept(Changes changes)
    {
        var kept = new List<Change>();
        foreach (var change in changes.All)
        {
            if (change.Verdict == Verdict.ChangedByHandKept)
            {
                kept.Add(change);
            }
        }

        return kept;
    }
}
