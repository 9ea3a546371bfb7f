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

        // BEGIN is not held back until the server has accepted: systemd (252) does not look at a message that it reads together with
        // BEGIN before more comes. This way, which is that of systemd's own programs, it has read BEGIN when it accepts.
        await SendAsync(socket, $"\0AUTH EXTERNAL {user}\r\nBEGIN\r\n", cancellation).ConfigureAwait(false);
        var answer = await ReadLineAsync(socket, cancellation).ConfigureAwait(false);
        if (!answer.StartsWith("OK ", StringComparison.Ordinal))
        {
            throw new DBusFormatException(answer.StartsWith("REJECTED", StringComparison.Ordinal)
                ? "it rejects this user"
                : "it answers the authentication with something else than OK");
        }
    }

    private static async Task SendAsync(Socket socket, string text, CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> rest = Encoding.ASCII.GetBytes(text);
        while (rest.Length > 0)
        {
            rest = rest[await socket.SendAsync(rest, cancellation).ConfigureAwait(false)..];
        }
    }

    // One byte after the other, for the server's first message may follow its line at once.
    private static async Task<string> ReadLineAsync(Socket socket, CancellationToken cancellation)
    {
        var buffer = new byte[MaxLine];
        for (var length = 0; length < MaxLine;)
        {
            if (await socket.ReceiveAsync(buffer.AsMemory(length, 1), cancellation).ConfigureAwait(false) == 0)
            {
                throw new DBusFormatException("it closed the connection instead of authenticating");
            }

            length++;
            if (buffer.AsSpan(0, length).EndsWith("\r\n"u8))
            {
                return Encoding.ASCII.GetString(buffer, 0, length - 2);
            }
        }

        throw new DBusFormatException("its answer to the authentication is too long");
    }
}
