using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace EksNode.Host.Http;

/// <summary>Questions and answers of DNS, as far as looking up addresses needs them (RFC 1035, RFC 3596).</summary>
internal static class DnsMessage
{
    /// <summary>The record type of IPv4 addresses.</summary>
    public const ushort TypeA = 1;

    /// <summary>The record type of IPv6 addresses.</summary>
    public const ushort TypeAaaa = 28;

    private const ushort TypeCname = 5;
    private const ushort ClassInternet = 1;
    private const int HeaderLength = 12;
    private const int LongestName = 255;

    /// <summary>What an answer says.</summary>
    /// <param name="Code">The response code: 0 no error, 2 server failure, 3 no such name.</param>
    /// <param name="IsTruncated">Whether it must be asked again over TCP.</param>
    /// <param name="Addresses">The addresses of the name, through its aliases.</param>
    public sealed record Answer(int Code, bool IsTruncated, IReadOnlyList<IPAddress> Addresses);

    /// <summary>A recursive question for the addresses of a name; null when the name cannot be one.</summary>
    public static byte[]? Ask(ushort id, string host, ushort type)
    {
        var name = host.TrimEnd('.');
        var message = new byte[HeaderLength + name.Length + 2 + 4];
        BinaryPrimitives.WriteUInt16BigEndian(message, id);
        message[2] = 0x01; // recursion desired
        message[5] = 1; // one question
        var at = HeaderLength;
        foreach (var label in name.Split('.'))
        {
            if (label.Length is 0 or > 63 || !Ascii.IsValid(label))
            {
                return null;
            }

            message[at++] = (byte)label.Length;
            at += Encoding.ASCII.GetBytes(label, message.AsSpan(at));
        }

        at++;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(at), type);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(at + 2), ClassInternet);
        return name.Length <= LongestName - 2 ? message : null;
    }

    /// <summary>Reads an answer; null when it is not one to this question.</summary>
    public static Answer? Read(ReadOnlySpan<byte> message, ReadOnlySpan<byte> question)
    {
        if (message.Length < HeaderLength || !message[..2].SequenceEqual(question[..2]) || (message[2] & 0x80) == 0)
        {
            return null;
        }

        var (code, isTruncated) = (message[3] & 0x0F, (message[2] & 0x02) != 0);
        var count = BinaryPrimitives.ReadUInt16BigEndian(message[6..]);
        var at = HeaderLength;
        if (BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1)
        {
            // Some servers leave the question out of an error.
            return code != 0 ? new Answer(code, isTruncated, []) : null;
        }

        if (ReadName(message, ref at) is not { } asked || at + 4 > message.Length)
        {
            return null;
        }

        var questionAt = HeaderLength;
        var isMine = asked == ReadName(question, ref questionAt) && message.Slice(at, 4).SequenceEqual(question[^4..]);
        at += 4;
        var aliases = new HashSet<string>(StringComparer.Ordinal) { asked };
        return isMine && ReadAddresses(message, at, count, aliases) is { } addresses ? new Answer(code, isTruncated, addresses) : null;
    }

    // Null: the message is broken. Recursive servers send aliases before what they stand for.
    private static List<IPAddress>? ReadAddresses(ReadOnlySpan<byte> message, int at, int count, HashSet<string> aliases)
    {
        var addresses = new List<IPAddress>();
        for (var i = 0; i < count; i++)
        {
            if (ReadName(message, ref at) is not { } owner || at + 10 > message.Length)
            {
                return null;
            }

            var type = BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
            var length = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 8)..]);
            at += 10;
            if (at + length > message.Length)
            {
                return null;
            }

            if (aliases.Contains(owner))
            {
                if (type == TypeCname)
                {
                    var targetAt = at;
                    if (ReadName(message, ref targetAt) is { } target)
                    {
                        aliases.Add(target);
                    }
                }
                else if ((type, length) is (TypeA, 4) or (TypeAaaa, 16))
                {
                    addresses.Add(new IPAddress(message.Slice(at, length)));
                }
            }

            at += length;
        }

        return addresses;
    }

    // A name in lower case, its compression followed (RFC 1035 §4.1.4), each pointer only backwards so that it ends.
    private static string? ReadName(ReadOnlySpan<byte> message, ref int at)
    {
        var name = new StringBuilder();
        var position = at;
        var end = -1;
        var limit = message.Length;
        while (position < message.Length)
        {
            int length = message[position];
            if (length == 0)
            {
                at = end >= 0 ? end : position + 1;
                return name.ToString();
            }

            if ((length & 0xC0) == 0xC0)
            {
                if (position + 2 > message.Length)
                {
                    return null;
                }

                var target = BinaryPrimitives.ReadUInt16BigEndian(message[position..]) & 0x3FFF;
                end = end >= 0 ? end : position + 2;
                if (target >= limit || target >= position)
                {
                    return null;
                }

                position = limit = target;
                continue;
            }

            if (length > 63 || position + 1 + length > message.Length || name.Length + length > LongestName)
            {
                return null;
            }

            name.Append(Encoding.ASCII.GetString(message.Slice(position + 1, length)).ToLowerInvariant()).Append('.');
            position += 1 + length;
        }

        return null;
    }
}
