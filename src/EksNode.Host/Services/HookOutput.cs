using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Journal;
using EksNode.Host.Logging;

namespace EksNode.Host.Services;

/// <summary>The output of one run of a hook: read to its end whatever becomes of it, and passed on line by line without its secrets.</summary>
/// <param name="call">The hook.</param>
/// <param name="identifier">The journal's name of it.</param>
/// <param name="redactor">Takes secrets out of a line.</param>
/// <param name="log">Where lines are told, at debug level.</param>
/// <param name="journal">The journal.</param>
internal sealed class HookOutput(HookCall call, string identifier, Redactor redactor, ILog log, JournalWriter journal)
{
    // What is redacted of a line, in bytes, and what is shown of it afterwards, in characters.
    private const int LongestLine = 64 * 1024;
    private const int MostShown = 2048;
    private const int MostLines = 10;

    private readonly Queue<string> last = new();
    private bool told;

    /// <summary>The last lines.</summary>
    public string[] Last
    {
        get
        {
            lock (last)
            {
                return [.. last];
            }
        }
    }

    /// <summary>Reads to the end. Lines may be long, or have no end: what does not fit is dropped.</summary>
    /// <param name="source">The pipe. Once it is disposed of, at most what is being read is passed on.</param>
    public async Task ReadAsync(Stream source)
    {
        try
        {
            await PassAllOnAsync(source).ConfigureAwait(false);
        }
        catch
        {
            // The pipe stays open for reading until the hook has ended: one that nobody emptied would hold a hook that writes on.
            Drain(source);
            throw;
        }
    }

    private static void Drain(Stream source)
    {
        var dropped = new byte[8192];
        try
        {
            while (source.Read(dropped) > 0)
            {
            }
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            // The first failure is the one to tell.
        }
    }

    private async Task PassAllOnAsync(Stream source)
    {
        var buffer = new byte[8192];
        var line = new byte[LongestLine];
        var (length, cut) = (0, false);
        int count;
        while ((count = source.Read(buffer)) > 0)
        {
            for (var i = 0; i < count; i++)
            {
                if (buffer[i] == '\n')
                {
                    await PassOnAsync(Shown(line.AsSpan(0, length), cut)).ConfigureAwait(false);
                    (length, cut) = (0, false);
                }
                else if (length < LongestLine)
                {
                    line[length++] = buffer[i];
                }
                else
                {
                    cut = true;
                }
            }
        }

        if (length > 0)
        {
            await PassOnAsync(Shown(line.AsSpan(0, length), cut)).ConfigureAwait(false);
        }
    }

    /// <summary>Says, once, that output is lost.</summary>
    /// <param name="why">Why.</param>
    public void TellLost(string why)
    {
        if (!told)
        {
            told = true;
            log.Write(LogLevel.Warn, "the output of a hook is not passed on", ("hook", call.Setting), ("why", why));
        }
    }

    // Redacted before it is cut: half a secret is not known as one. One that the end of the buffer cut in two is far behind what is shown, unless
    // redacting made the line short.
    private string Shown(ReadOnlySpan<byte> line, bool cut)
    {
        var text = redactor.Redact(Encoding.UTF8.GetString(line)).TrimEnd('\r');
        if (cut && text.Length < LongestLine / 2)
        {
            return "…";
        }

        return text.Length <= MostShown ? text : text[..(MostShown - (char.IsHighSurrogate(text[MostShown - 1]) ? 1 : 0))] + "…";
    }

    // A hook whose output nobody reads stands still: reading goes on when a line cannot be written.
    private async Task PassOnAsync(string text)
    {
        lock (last)
        {
            last.Enqueue(text);
            if (last.Count > MostLines)
            {
                last.Dequeue();
            }
        }

        try
        {
            log.Write(LogLevel.Debug, text, ("hook", call.Setting));
            if (!told && await WriteAsync(text).ConfigureAwait(false) is { } why)
            {
                TellLost(why);
            }
        }
        catch (IOException exception)
        {
            TellLost(exception.Message);
        }
    }

    private Task<string?> WriteAsync(string text) => journal.WriteAsync(
        [("MESSAGE", text), ("PRIORITY", "6"), ("SYSLOG_IDENTIFIER", identifier), ("EKSNODE_HOOK", call.Setting)], CancellationToken.None);
}
