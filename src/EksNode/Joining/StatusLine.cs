using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EksNode.Commands;
using EksNode.Configuration.Text;

namespace EksNode.Joining;

/// <summary>How a stage ended.</summary>
/// <param name="Stage"><c>configure</c>, <c>start</c>.</param>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Attempt">The number of this attempt in this boot, from 1.</param>
/// <param name="Node">The name of the node; null when it is not known.</param>
/// <param name="Cluster">The name of the cluster; null when it is not known.</param>
/// <param name="Ready">Whether services were started, so that success means that the node works.</param>
/// <param name="Skipped">Why it did nothing; null: it did its work, or tried to.</param>
public sealed record StageResult(string Stage, int ExitCode, TimeSpan Duration, uint Attempt, string? Node, string? Cluster, bool Ready, string? Skipped = null);

/// <summary>
/// The last two lines of a stage in a boot, which the units send to the journal and the serial console: one for people, one for
/// tools (a JSON object whose only key is <c>eksnode</c>). Failure has them as well as success.
/// </summary>
public static class StatusLine
{
    // Syslog priorities (sd-daemon(3)): error, and what is normal but counts.
    private const string Failure = "<3>";
    private const string Notice = "<5>";

    /// <summary>Writes both lines.</summary>
    /// <param name="writer">Standard error.</param>
    /// <param name="result">How the stage ended.</param>
    /// <param name="run">The run.</param>
    public static void Write(TextWriter writer, StageResult result, CommandRun run)
    {
        var errors = run.Diagnostics.Items.Where(d => d.Severity == Severity.Error).ToList();
        var priority = result.ExitCode == ExitCode.Done ? Notice : Failure;
        writer.WriteLine(priority + OneLine(run.Redactor.Redact(Text(result, errors))));
        writer.WriteLine(priority + Json(result, errors, run.Redactor));
    }

    internal static string Text(StageResult result, IReadOnlyList<Diagnostic> errors)
    {
        var seconds = result.Duration.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        if (result.Skipped is { } reason)
        {
            return $"eksnode: {result.Stage} skipped: {reason}";
        }

        if (result.ExitCode == ExitCode.Done)
        {
            var node = result.Node is null ? "this machine" : $"node {result.Node}";
            var cluster = result.Cluster is null ? "" : $" of cluster {result.Cluster}";
            return $"eksnode: {result.Stage} done after {seconds} s: {node}{cluster} {(result.Ready ? "works" : "is configured")}";
        }

        var more = errors.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $" (and {errors.Count - 1} more)") : "";
        var why = errors.Count == 0 ? "" : $": {errors[0].Code} {errors[0].Message}{more}";
        var again = result.ExitCode == ExitCode.Wrong ? "; trying again does not help" : "";
        return $"eksnode: {result.Stage} failed after {seconds} s{again}{why}";
    }

    private static string Json(StageResult result, List<Diagnostic> errors, Redactor redactor)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartObject("eksnode");
            json.WriteString("version", ProductVersion.Text);
            json.WriteString("stage", result.Stage);
            json.WriteString("result", result.Skipped is not null ? "skipped" : result.ExitCode == ExitCode.Done ? "done" : "failed");
            json.WriteNumber("exitCode", result.ExitCode);
            json.WriteNumber("seconds", Math.Round(result.Duration.TotalSeconds, 3));
            json.WriteNumber("attempt", result.Attempt);
            Optional("node", result.Node);
            Optional("cluster", result.Cluster);
            Optional("reason", result.Skipped);
            if (errors.Count > 0)
            {
                json.WriteString("code", errors[0].Code);
                json.WriteString("message", redactor.Redact(errors[0].Message));
                json.WriteString("help", redactor.Redact(errors[0].Help));
                json.WriteNumber("errors", errors.Count);
            }

            json.WriteEndObject();
            json.WriteEndObject();

            void Optional(string name, string? value)
            {
                if (value is not null)
                {
                    json.WriteString(name, redactor.Redact(value));
                }
            }
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
