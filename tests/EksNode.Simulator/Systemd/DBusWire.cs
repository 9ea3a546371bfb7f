using System.Buffers.Binary;
using System.Text;

namespace EksNode.Simulation.Systemd;

/// <summary>Writes D-Bus values in either byte order. It shares no code with the product, whose reader it tests.</summary>
internal sealed class DBusWireWriter(bool bigEndian)
{
    private readonly List<byte> bytes = [];

    public byte[] ToArray() => [.. bytes];

    public DBusWireWriter Pad(int alignment)
    {
        while (bytes.Count % alignment != 0)
        {
            bytes.Add(0);
        }

        return this;
    }

    public DBusWireWriter Byte(byte value)
    {
        bytes.Add(value);
        return this;
    }

    public DBusWireWriter Raw(ReadOnlySpan<byte> value)
    {
        bytes.AddRange(value);
        return this;
    }

    public DBusWireWriter U32(uint value)
    {
        Pad(4);
        Span<byte> four = stackalloc byte[4];
        if (bigEndian)
        {
            BinaryPrimitives.WriteUInt32BigEndian(four, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(four, value);
        }

        return Raw(four);
    }

    public DBusWireWriter U64(ulong value)
    {
        Pad(8);
        var (high, low) = ((uint)(value >> 32), (uint)value);
        return bigEndian ? U32(high).U32(low) : U32(low).U32(high);
    }

    public DBusWireWriter Text(string value) => U32((uint)Encoding.UTF8.GetByteCount(value)).Raw(Encoding.UTF8.GetBytes(value)).Byte(0);

    public DBusWireWriter Signature(string value) => Byte((byte)value.Length).Raw(Encoding.ASCII.GetBytes(value)).Byte(0);

    /// <summary>An array of elements that begin at a multiple of 8 (structs, dict entries), or of 4 (texts).</summary>
    public DBusWireWriter Array(int alignment, Action<DBusWireWriter> elements)
    {
        U32(0);
        var place = bytes.Count - 4;
        Pad(alignment);
        var start = bytes.Count;
        elements(this);
        var length = new DBusWireWriter(bigEndian).U32((uint)(bytes.Count - start)).ToArray();
        for (var i = 0; i < 4; i++)
        {
            bytes[place + i] = length[i];
        }

        return this;
    }

    /// <summary>An entry of a dictionary from text to variant.</summary>
    public void Entry(string name, object value)
    {
        Pad(8).Text(name);
        Variant(value);
    }

    public DBusWireWriter Variant(object value) => value switch
    {
        string text => Signature("s").Text(text),
        bool flag => Signature("b").U32(flag ? 1u : 0u),
        uint number => Signature("u").U32(number),
        int number => Signature("i").U32(unchecked((uint)number)),
        ulong number => Signature("t").U64(number),
        string[] texts => Signature("as").Array(4, w => System.Array.ForEach(texts, t => w.Text(t))),
        (string Name, byte[] Bytes, bool Flag)[] structs => Signature("a(sayb)").Array(8, w => System.Array.ForEach(
            structs, s => w.Pad(8).Text(s.Name).Array(1, b => b.Raw(s.Bytes)).U32(s.Flag ? 1u : 0u))),
        Dictionary<string, object> map => Signature("a{sv}").Array(8, w => map.ToList().ForEach(e => w.Entry(e.Key, e.Value))),
        _ => throw new ArgumentException($"no variant of {value.GetType()}", nameof(value)),
    };
}

/// <summary>A message that the fake received: its header's fields, and its body's texts in order.</summary>
internal sealed class DBusWireMessage
{
    public uint Serial { get; private init; }

    public string Path { get; private set; } = "";

    public string Interface { get; private set; } = "";

    public string Member { get; private set; } = "";

    public string Destination { get; private set; } = "";

    /// <summary>The arguments that are texts; the calls that the fake knows have no others.</summary>
    public List<string> Arguments { get; } = [];

    /// <summary>Reads a message in little endian, as the product writes it, and refuses what a strict peer refuses.</summary>
    public static async Task<DBusWireMessage?> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        var header = new byte[16];
        if (await stream.ReadAtLeastAsync(header, 16, throwOnEndOfStream: false, cancellation) < 16)
        {
            return null;
        }

        Strict(header[0] == 'l' && header[1] == 1 && header[3] == 1, "the fixed header");
        var (bodyLength, serial, fieldsLength) = (U32(header, 4), U32(header, 8), U32(header, 12));
        Strict(serial != 0 && bodyLength < 65536 && fieldsLength < 65536, "the lengths");
        var fieldsEnd = 16 + (int)fieldsLength;
        var bytes = new byte[((fieldsEnd + 7) & ~7) + (int)bodyLength];
        header.CopyTo(bytes, 0);
        await stream.ReadExactlyAsync(bytes.AsMemory(16), cancellation);

        var message = new DBusWireMessage { Serial = serial };
        var signature = "";
        for (var at = 16; at < fieldsEnd;)
        {
            at = (at + 7) & ~7;
            var (field, type) = (bytes[at], (char)bytes[at + 2]);
            Strict(bytes[at + 1] == 1 && bytes[at + 3] == 0, "the type of a field");
            at += 4;
            var text = type switch
            {
                's' or 'o' => Text(bytes, ref at),
                'g' => Signature(bytes, ref at),
                _ => throw new InvalidDataException($"a field of type {type}"),
            };
            switch (field)
            {
                case 1:
                    message.Path = text;
                    break;
                case 2:
                    message.Interface = text;
                    break;
                case 3:
                    message.Member = text;
                    break;
                case 6:
                    message.Destination = text;
                    break;
                case 8:
                    signature = text;
                    break;
                default:
                    throw new InvalidDataException($"a field {field} in a call");
            }
        }

        var position = (fieldsEnd + 7) & ~7;
        foreach (var type in signature)
        {
            Strict(type is 's' or 'o', "the type of an argument");
            position = (position + 3) & ~3;
            message.Arguments.Add(Text(bytes, ref position));
        }

        Strict(position == bytes.Length, "the length of the body");
        return message;
    }

    private static uint U32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private static string Text(byte[] bytes, ref int at)
    {
        var length = (int)U32(bytes, at);
        var text = Encoding.UTF8.GetString(bytes, at + 4, length);
        Strict(bytes[at + 4 + length] == 0, "the end of a text");
        at += length + 5;
        return text;
    }

    private static string Signature(byte[] bytes, ref int at)
    {
        var text = Encoding.ASCII.GetString(bytes, at + 1, bytes[at]);
        at += text.Length + 2;
        return text;
    }

    private static void Strict(bool right, string what)
    {
        if (!right)
        {
            throw new InvalidDataException($"{what} of a call is wrong");
        }
    }
}
