using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;

namespace EksNode.NodeTests.Machines;

/// <summary>Whom the machine called, from the packets that its network card sent: what it did not even try is seen in no log.</summary>
/// <param name="Connections">The addresses and ports that it opened TCP connections to, or tried to: <c>10.0.200.10:443</c>.</param>
/// <param name="Names">The names that it asked a name server for.</param>
internal sealed record NetworkCapture(ImmutableSortedSet<string> Connections, ImmutableSortedSet<string> Names)
{
    // The format of libpcap: a header of the file, and one of each packet.
    private const uint Magic = 0xA1B2C3D4;
    private const int FileHeader = 24;
    private const int PacketHeader = 16;

    private const int EthernetHeader = 14;
    private const int Ipv4Type = 0x0800;
    private const int Tcp = 6;
    private const int Udp = 17;
    private const int SynAndAck = 0x12;
    private const int Syn = 0x02;
    private const int UdpHeader = 8;
    private const int DnsHeader = 12;
    private const int DnsPort = 53;

    /// <summary>Reads what the emulator has recorded so far.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="sender">The address of the machine.</param>
    public static NetworkCapture Read(string path, IPAddress sender)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        if (bytes.Length < FileHeader || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic)
        {
            throw new NodeTestException($"{path} is no recording of packets.");
        }

        var connections = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
        var names = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
        for (var at = FileHeader; at + PacketHeader <= bytes.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 8));
            at += PacketHeader;
            if (at + length > bytes.Length)
            {
                break; // It is being written.
            }

            Look(bytes.AsSpan(at, length), sender, connections, names);
            at += length;
        }

        return new NetworkCapture(connections.ToImmutable(), names.ToImmutable());
    }

    private static void Look(ReadOnlySpan<byte> frame, IPAddress sender, ImmutableSortedSet<string>.Builder connections, ImmutableSortedSet<string>.Builder names)
    {
        if (frame.Length < EthernetHeader + 20 || BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) != Ipv4Type)
        {
            return;
        }

        var packet = frame[EthernetHeader..];
        var segment = packet[((packet[0] & 0xF) * 4)..];
        if (!new IPAddress(packet[12..16]).Equals(sender) || segment.Length < UdpHeader)
        {
            return;
        }

        var port = BinaryPrimitives.ReadUInt16BigEndian(segment[2..]);
        if (packet[9] == Tcp && segment.Length >= 20 && (segment[13] & SynAndAck) == Syn)
        {
            connections.Add(string.Create(CultureInfo.InvariantCulture, $"{new IPAddress(packet[16..20])}:{port}"));
        }
        else if (packet[9] == Udp && port == DnsPort && segment.Length > UdpHeader + DnsHeader)
        {
            names.Add(Name(segment[(UdpHeader + DnsHeader)..]));
        }
    }

    // Labels, each with its length before it, up to an empty one (RFC 1035, section 4.1.2).
    private static string Name(ReadOnlySpan<byte> question)
    {
        var name = new StringBuilder();
        while (question.Length > 0 && question[0] is > 0 and < 64 && question.Length > question[0])
        {
            name.Append(Encoding.ASCII.GetString(question.Slice(1, question[0]))).Append('.');
            question = question[(question[0] + 1)..];
        }

        return name.ToString();
    }
}
