namespace EksNode.Host.Logging;

/// <summary>How much a log line matters.</summary>
public enum LogLevel
{
    /// <summary>Every call and file.</summary>
    Trace,

    /// <summary>What helps to find a fault of eksnode.</summary>
    Debug,

    /// <summary>Progress.</summary>
    Info,

    /// <summary>Something went wrong and was dealt with.</summary>
    Warn,

    /// <summary>Something went wrong.</summary>
    Error,
}

/// <summary>Where progress is written. Whatever is written is redacted first.</summary>
public interface ILog
{
    /// <summary>Whether lines of this level are written, so that costly text need not be made.</summary>
    bool Writes(LogLevel level);

    /// <summary>Writes one line.</summary>
    /// <param name="level">How much it matters.</param>
    /// <param name="message">A sentence without a full stop, lower case.</param>
    /// <param name="fields">Names and values.</param>
    void Write(LogLevel level, string message, params ReadOnlySpan<(string Name, string Value)> fields);
}

/// <summary>A log that writes nothing.</summary>
public sealed class NoLog : ILog
{
    /// <summary>The only one.</summary>
    public static NoLog Instance { get; } = new();

    /// <inheritdoc/>
    public bool Writes(LogLevel level) => false;

    /// <inheritdoc/>
    public void Write(LogLevel level, string message, params ReadOnlySpan<(string Name, string Value)> fields)
    {
    }
}
