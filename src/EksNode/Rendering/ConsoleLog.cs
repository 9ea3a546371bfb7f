using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EksNode.Configuration.Text;
using EksNode.Host.Logging;

namespace EksNode.Rendering;

/// <summary>The form of a log line.</summary>
public enum LogFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>One JSON object a line.</summary>
    Json,
}

/// <summary>
/// Writes log lines to standard error. Under systemd (<c>JOURNAL_STREAM</c> is set) a text line begins with its syslog
/// priority, <c>&lt;4&gt;</c>, as sd-daemon(3) describes; journald then adds the time. Diagnostics have the same two forms.
/// </summary>
/// <param name="io">Where it writes.</param>
/// <param name="threshold">The least level that is written.</param>
/// <param name="format">The form.</param>
/// <param name="redactor">Takes secrets out.</param>
public sealed class ConsoleLog(CommandIo io, LogLevel threshold, LogFormat format, Redactor redactor) : ILog
{
    private readonly bool journal = io.Variable("JOURNAL_STREAM") is not null && !io.ErrorIsTerminal;
    private readonly Style style = new(io.Colour(io.ErrorIsTerminal));
    private readonly Lock gate = new();

    /// <inheritdoc/>
    public bool Writes(LogLevel level) => level >= threshold;

    /// <inheritdoc/>
    public void Write(LogLevel level, string message, params ReadOnlySpan<(string Name, string Value)> fields)
    {
        if (!Writes(level))
        {
            return;
        }

        var line = format == LogFormat.Json ? Json(level, message, fields) : Text(level, message, fields);
        lock (gate)
        {
            io.Error.WriteLine(line);
        }
    }

    /// <summary>Writes a diagnostic in the form of the log: for people, or as one JSON object.</summary>
    public void Write(Diagnostic diagnostic)
    {
        if (format == LogFormat.Json)
        {
            WriteJson(diagnostic);
            return;
        }

        var text = DiagnosticText.Render(diagnostic, style, redactor);
        if (journal)
        {
            // Each line is an entry of its own in the journal.
            var priority = $"<{Priority(diagnostic.Severity switch { Severity.Error => LogLevel.Error, Severity.Warning => LogLevel.Warn, _ => LogLevel.Info })}>";
            text = priority + text.ReplaceLineEndings("\n" + priority);
        }

        lock (gate)
        {
            io.Error.WriteLine(text);
        }
    }

    /// <summary>Writes a diagnostic as one JSON object on one line.</summary>
    public void WriteJson(Diagnostic diagnostic)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            DiagnosticJson.Write(json, diagnostic, redactor);
        }

        var text = Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
        lock (gate)
        {
            io.Error.WriteLine(text);
        }
    }

    private string Text(LogLevel level, string message, ReadOnlySpan<(string Name, string Value)> fields)
    {
        var line = new StringBuilder();
        if (journal)
        {
            line.Append('<').Append(Priority(level)).Append('>');
        }

        line.Append(Label(level)).Append(' ').Append(redactor.Redact(message));
        foreach (var (name, value) in fields)
        {
            line.Append(' ').Append(style.Dim(name + "=")).Append(Shown(name, value));
        }

        return line.ToString().ReplaceLineEndings(" ");
    }

    private string Json(LogLevel level, string message, ReadOnlySpan<(string Name, string Value)> fields)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("time", io.Clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture));
            json.WriteString("level", level.ToString().ToLowerInvariant());
            json.WriteString("message", redactor.Redact(message));
            foreach (var (name, value) in fields)
            {
                json.WriteString(name, Shown(name, value));
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private string Shown(string name, string value) => Redactor.IsSecretName(name) ? Secret.Redacted : redactor.Redact(value);

    private string Label(LogLevel level) => level switch
    {
        LogLevel.Error => style.Red("error"),
        LogLevel.Warn => style.Yellow("warn "),
        LogLevel.Info => style.Cyan("info "),
        LogLevel.Debug => style.Dim("debug"),
        _ => style.Dim("trace"),
    };

    private static int Priority(LogLevel level) => level switch
    {
        LogLevel.Error => 3,
        LogLevel.Warn => 4,
        LogLevel.Info => 6,
        _ => 7,
    };
}
