using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace EksNode.Host.Systemd;

/// <summary>Addresses of D-Bus servers: <c>unix:path=/run/dbus/system_bus_socket</c> (D-Bus specification, "Server Addresses").</summary>
internal static class DBusAddress
{
    // sockaddr_un, unix(7).
    private const int MaxPath = 107;

    /// <summary>The address of a socket in the file system.</summary>
    public static string OfPath(string path)
    {
        var text = new StringBuilder("unix:path=");
        foreach (var b in Encoding.UTF8.GetBytes(path))
        {
            _ = char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'_' or (byte)'/' or (byte)'.' or (byte)'*' or (byte)'\\'
                ? text.Append((char)b)
                : text.Append(CultureInfo.InvariantCulture, $"%{b:x2}");
        }

        return text.ToString();
    }

    /// <summary>The first Unix socket of a list of addresses; null when there is none that can be used.</summary>
    public static UnixDomainSocketEndPoint? EndPoint(string addresses)
    {
        foreach (var address in addresses.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!address.StartsWith("unix:", StringComparison.Ordinal))
            {
                continue;
            }

            foreach (var pair in address["unix:".Length..].Split(','))
            {
                var separator = pair.IndexOf('=', StringComparison.Ordinal);
                if (separator > 0 && Unescape(pair[(separator + 1)..]) is { Length: > 0 and < MaxPath } value)
                {
                    switch (pair[..separator])
                    {
                        case "path":
                            return new UnixDomainSocketEndPoint(value);
                        case "abstract":
                            return new UnixDomainSocketEndPoint('\0' + value);
                    }
                }
            }
        }

        return null;
    }

    private static string? Unescape(string value)
    {
        var bytes = new List<byte>(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] != '%')
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(value[i].ToString()));
            }
            else if (i + 2 < value.Length && byte.TryParse(value.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var b))
            {
                bytes.Add(b);
                i += 2;
            }
            else
            {
                return null;
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
