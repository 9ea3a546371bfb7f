using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace EksNode.Host.Journal;

/// <summary>
/// Writes structured entries to the journal over journald's native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): one datagram an
/// entry. Entries are small here; one that is larger than a datagram is cut, not passed in a file.
/// </summary>
/// <param name="socketPath">journald's socket.</param>
public sealed class JournalWriter(string socketPath = JournalWriter.DefaultSocket)
{
    /// <summary>Where journald listens.</summary>
    public const string DefaultSocket = "/run/systemd/journal/socket";

    /// <summary>The most bytes of a value; what is longer is cut, and ends with an ellipsis.</summary>
    public const int MaxValue = 16 * 1024;

    /// <summary>The most bytes of an entry: below the usual limit of a datagram on a Unix socket (net.core.wmem_default, 208 KiB).</summary>
    public const int MaxEntry = 128 * 1024;

    // journald's, of journal-file's field_valid.
    private const int MaxName = 64;

    // A journald that does not read holds nobody up: the entry is one of several ways to tell.
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(2);

    /// <summary>Writes one entry. What the journal gets is the caller's to redact.</summary>
    /// <param name="fields">Names (capital letters, digits, underscores) and values; <c>MESSAGE</c> and <c>PRIORITY</c> are usual.</param>
    /// <param name="cancellation">The caller gave up.</param>
    /// <returns>Null, or why it could not be written.</returns>
    /// <exception cref="ArgumentException">A name is none that journald takes.</exception>
    public async Task<string?> WriteAsync(IEnumerable<(string Name, string Value)> fields, CancellationToken cancellation)
    {
        var entry = Encode(fields);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(patience);
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), deadline.Token).ConfigureAwait(false);
            await socket.SendAsync(entry, deadline.Token).ConfigureAwait(false);
            return null;
        }
        catch (SocketException exception)
        {
            return $"{socketPath}: {exception.Message}";
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return $"{socketPath}: journald does not read";
        }
    }

    /// <summary>The bytes of an entry.</summary>
    internal static ReadOnlyMemory<byte> Encode(IEnumerable<(string Name, string Value)> fields)
    {
        var entry = new ArrayBufferWriter<byte>();
        foreach (var (name, value) in fields)
        {
            if (!IsName(name))
            {
                throw new ArgumentException($"'{name}' is no name of a journal field.", nameof(fields));
            }

            var bytes = Bounded(value);
            if (entry.WrittenCount + name.Length + bytes.Length + sizeof(ulong) + 3 > MaxEntry)
            {
                break;
            }

            entry.Write(Encoding.ASCII.GetBytes(name));
            if (bytes.AsSpan().Contains((byte)'\n'))
            {
                // A value of several lines comes after its length in 64 bits.
                entry.Write("\n"u8);
                BinaryPrimitives.WriteUInt64LittleEndian(entry.GetSpan(sizeof(ulong)), (ulong)bytes.Length);
                entry.Advance(sizeof(ulong));
            }
            else
            {
                entry.Write("="u8);
            }

            entry.Write(bytes);
            entry.Write("\n"u8);
        }

        return entry.WrittenMemory;
    }

    // A name of journald's own, which begins with an underscore, is not ours to set.
    private static bool IsName(string name) =>
        name.Length is > 0 and <= MaxName && char.IsAsciiLetterUpper(name[0]) && name.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_');

    private static byte[] Bounded(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        if (bytes.Length <= MaxValue)
        {
            return bytes;
        }

        var ellipsis = "…"u8;
        var end = MaxValue - ellipsis.Length;
        while ((bytes[end] & 0xC0) == 0x80)
        {
            // Not inside of a character.
            end--;
        }

        return [.. bytes.AsSpan(0, end), .. ellipsis];
    }
}
