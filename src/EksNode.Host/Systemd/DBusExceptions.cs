namespace EksNode.Host.Systemd;

/// <summary>The peer answered a call with an error. The connection is as good as before.</summary>
public sealed class DBusErrorException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="name">The name of the error.</param>
    /// <param name="message">What the peer says about it; may be empty.</param>
    public DBusErrorException(string name, string message)
        : base(message.Length == 0 ? name : $"{message} ({name})")
    {
        Name = name;
        Text = message;
    }

    /// <summary>The name of the error: <c>org.freedesktop.systemd1.NoSuchUnit</c>.</summary>
    public string Name { get; }

    /// <summary>What the peer says about it, as it is.</summary>
    public string Text { get; }
}

/// <summary>Bytes that are no D-Bus message, or not the one that was expected. What follows in the stream cannot be trusted.</summary>
internal sealed class DBusFormatException(string message) : Exception(message);
