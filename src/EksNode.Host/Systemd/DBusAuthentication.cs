using System.Globalization;
using System.Net.Sockets;
using System.Text;
using EksNode.Host.Files;

namespace EksNode.Host.Systemd;

/// <summary>
/// The beginning of a connection: SASL EXTERNAL, by which the server takes the user from the socket (D-Bus specification,
/// "Authentication Protocol"). No descriptors are negotiated: nothing here passes any.
/// </summary>
internal static class DBusAuthentication
{
    private const int MaxLine = 1024;

    /// <summary>Authenticates as the user of this process.</summary>
    /// <exception cref="DBusFormatException">The server says something else than that it accepts.</exception>
    public static async Task RunAsync(Socket socket, CancellationToken cancellation)
    {
        var user = Convert.ToHexStringLower(Encoding.ASCII.GetBytes(Libc.EffectiveUser().ToString(CultureInfo.InvariantCulture)));
        await SendAsync(socket, $"\0AUTH EXTERNAL {user}\r\n", cancellation).ConfigureAwait(false);
        var answer = await ReadLineAsync(socket, cancellation).ConfigureAwait(false);
        if (!answer.StartsWith("OK ", StringComparison.Ordinal))
        {
            throw new DBusFormatException(answer.StartsWith("REJECTED", StringComparison.Ordinal)
                ? "it rejects this user"
                : "it answers the authentication with something else than OK");
        }

        await SendAsync(socket, "BEGIN\r\n", cancellation).ConfigureAwait(false);
    }

    private static async Task SendAsync(Socket socket, string text, CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> rest = Encoding.ASCII.GetBytes(text);
        while (rest.Length > 0)
        {
            rest = rest[await socket.SendAsync(rest, cancellation).ConfigureAwait(false)..];
        }
    }

    // The server says nothing after its line before it is told BEGIN: whatever comes at once belongs to the line.
    private static async Task<string> ReadLineAsync(Socket socket, CancellationToken cancellation)
    {
        var buffer = new byte[MaxLine];
        for (var length = 0; length < MaxLine;)
        {
            var count = await socket.ReceiveAsync(buffer.AsMemory(length), cancellation).ConfigureAwait(false);
            if (count == 0)
            {
                throw new DBusFormatException("it closed the connection instead of authenticating");
            }

            length += count;
            if (buffer.AsSpan(0, length).EndsWith("\r\n"u8))
            {
                return Encoding.ASCII.GetString(buffer, 0, length - 2);
            }
        }

        throw new DBusFormatException("its answer to the authentication is too long");
    }
}
