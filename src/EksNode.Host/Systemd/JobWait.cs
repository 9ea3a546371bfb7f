using System.Globalization;

namespace EksNode.Host.Systemd;

/// <summary>The signal <c>JobRemoved</c>.</summary>
/// <param name="Id">The job.</param>
/// <param name="Path">Its object.</param>
/// <param name="Result">How it ended.</param>
internal sealed record JobSignal(uint Id, string Path, string Result)
{
    /// <summary>Its name.</summary>
    public const string Member = "JobRemoved";

    /// <summary>Reads it; null: the message is another signal, or not from whom it must be.</summary>
    /// <param name="message">The signal.</param>
    /// <param name="sender">Systemd's name on the bus; null without a bus.</param>
    public static JobSignal? Read(DBusMessage message, string? sender)
    {
        if (message.Member != Member || message.Interface != "org.freedesktop.systemd1.Manager" || message.Sender != sender)
        {
            return null;
        }

        var reader = message.Reader("uoss");
        var id = reader.UInt32();
        var path = reader.String();
        reader.Skip("s"u8);
        return new JobSignal(id, path, reader.String());
    }
}

/// <summary>
/// Waits for the end of one job. It listens before the job is queued: the signal of a job that ends at once comes before the answer
/// that names it.
/// </summary>
/// <param name="sender">Systemd's name on the bus; null without a bus.</param>
internal sealed class JobWait(string? sender)
{
    private readonly TaskCompletionSource<string> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly object gate = new();

    // What ended before it was known which job is ours: few, for the answer comes within a call's deadline.
    private readonly Dictionary<string, string> earlier = new(StringComparer.Ordinal);
    private string? path;

    /// <summary>The number of the job: the last part of its path; 0 before it is known.</summary>
    public uint Id =>
        path is { } known && uint.TryParse(known.AsSpan(known.LastIndexOf('/') + 1), CultureInfo.InvariantCulture, out var id) ? id : 0;

    /// <summary>Hears a signal.</summary>
    public void Hear(DBusMessage message)
    {
        if (JobSignal.Read(message, sender) is not { } signal)
        {
            return;
        }

        lock (gate)
        {
            if (path is null)
            {
                earlier[signal.Path] = signal.Result;
            }
            else if (path == signal.Path)
            {
                ended.TrySetResult(signal.Result);
            }
        }
    }

    /// <summary>Says which job it is; the task ends with the job's result.</summary>
    public Task<string> For(string job)
    {
        lock (gate)
        {
            path = job;
            if (earlier.TryGetValue(job, out var result))
            {
                ended.TrySetResult(result);
            }
        }

        return ended.Task;
    }
}
