using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using EksNode.Host.Processes;

namespace EksNode.Host.Journal;

/// <summary>A line of a unit's log.</summary>
/// <param name="Time">When it was written.</param>
/// <param name="Identifier">Who wrote it: <c>kubelet</c>, <c>systemd</c>.</param>
/// <param name="Priority">How much it matters, from 0 (emergency) to 7 (debug), as in syslog.</param>
/// <param name="Message">One line of text without control characters; what is longer than the limit is cut.</param>
public sealed record UnitLogLine(DateTimeOffset Time, string Identifier, int Priority, string Message)
{
    /// <summary>The line for people: <c>kubelet: no such flag</c>.</summary>
    public override string ToString() => $"{Identifier}: {Message}";
}

/// <summary>The last lines of a unit's log.</summary>
/// <param name="Lines">The lines, oldest first.</param>
/// <param name="Problem">Why there are none, as a clause; null: the journal was read.</param>
public sealed record UnitLogLines(ImmutableArray<UnitLogLine> Lines, string? Problem);

/// <summary>
/// Reads what a unit logged last, for a diagnostic about its failure. It runs <c>journalctl</c>, since the journal's files have no
/// stable interface but its library; nothing on the way of a join that works needs it.
/// </summary>
/// <param name="programs">Runs the program.</param>
public sealed class UnitLog(ProgramRunner programs)
{
    /// <summary>The most lines that are asked for.</summary>
    public const int MaxLines = 200;

    /// <summary>The most characters of a line; a kubelet's longest usual ones have some hundred.</summary>
    public const int MaxLine = 1000;

    // 200 lines of 1000 characters with their fields.
    private const int OutputLimit = 1024 * 1024;

    private static readonly TimeSpan deadline = TimeSpan.FromSeconds(15);

    /// <summary>The program.</summary>
    public string Program { get; init; } = "/usr/bin/journalctl";

    /// <summary>Reads the last lines. The caller redacts them before anybody sees them.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="count">How many lines at most.</param>
    /// <param name="since">Nothing older; null: of this boot.</param>
    /// <param name="cancellation">The caller gave up.</param>
    public async Task<UnitLogLines> LastLinesAsync(string unit, int count, DateTimeOffset? since, CancellationToken cancellation)
    {
        if (!File.Exists(Program))
        {
            return new UnitLogLines([], $"{Program} is not installed");
        }

        // The newest first: should there be more than is kept, the oldest are lost.
        ImmutableArray<string> arguments =
        [
            "--no-pager", "--quiet", "--reverse", "--output=json", "--boot",
            "--output-fields=MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,_COMM",
            string.Create(CultureInfo.InvariantCulture, $"--lines={Math.Clamp(count, 1, MaxLines)}"),
            "--unit=" + unit,
        ];
        if (since is { } time)
        {
            arguments = [.. arguments, string.Create(CultureInfo.InvariantCulture, $"--since=@{time.ToUnixTimeMilliseconds() / 1000.0:0.000}")];
        }

        var result = await programs.RunAsync(new ProgramCall(Program, arguments, deadline, OutputLimit), cancellation).ConfigureAwait(false);
        return result.Succeeded
            ? new UnitLogLines([.. Parse(result.Output).Reverse()], null)
            : new UnitLogLines([], $"journalctl {result.Describe()}");
    }

    /// <summary>Reads the output, one JSON object a line; a last one that was cut off is left out.</summary>
    internal static IEnumerable<UnitLogLine> Parse(string output)
    {
        foreach (var text in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (ParseLine(text) is { } line)
            {
                yield return line;
            }
        }
    }

    private static UnitLogLine? ParseLine(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var entry = document.RootElement;
            if (entry.ValueKind != JsonValueKind.Object || Message(entry) is not { } message)
            {
                return null;
            }

            _ = long.TryParse(Text(entry, "__REALTIME_TIMESTAMP"), CultureInfo.InvariantCulture, out var time);
            var priority = int.TryParse(Text(entry, "PRIORITY"), CultureInfo.InvariantCulture, out var p) ? Math.Clamp(p, 0, 7) : 6;
            return new UnitLogLine(
                DateTimeOffset.UnixEpoch.AddMicroseconds(Math.Clamp(time, 0, long.MaxValue / 100)),
                Clean(Text(entry, "SYSLOG_IDENTIFIER") ?? Text(entry, "_COMM") ?? "?"),
                priority,
                Clean(message));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Text that is not UTF-8 or has control characters is an array of bytes; a field that is given twice is an array of those; what is
    // too long for JSON is null.
    private static string? Message(JsonElement entry)
    {
        if (!entry.TryGetProperty("MESSAGE", out var message) || message.ValueKind != JsonValueKind.Array)
        {
            return Text(entry, "MESSAGE");
        }

        var bytes = new List<byte>();
        foreach (var item in message.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Number && item.TryGetByte(out var b))
            {
                bytes.Add(b);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static string? Text(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Clean(string text)
    {
        var kept = text.Length > MaxLine ? string.Concat(text.AsSpan(0, MaxLine - 1), "…") : text;
        return string.Create(kept.Length, kept, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? ' ' : source[i];
            }
        }).Trim();
    }
}
