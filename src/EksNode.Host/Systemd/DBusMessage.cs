using System.Buffers.Binary;

namespace EksNode.Host.Systemd;

/// <summary>What a message is.</summary>
public enum DBusMessageType
{
    /// <summary>A call of a method.</summary>
    Call = 1,

    /// <summary>Its answer.</summary>
    Reply = 2,

    /// <summary>Its failure.</summary>
    Error = 3,

    /// <summary>A signal.</summary>
    Signal = 4,
}

/// <summary>A call of a method.</summary>
/// <param name="Destination">Whose: a name on the bus; null on a connection without a bus.</param>
/// <param name="Path">The object.</param>
/// <param name="Interface">The interface.</param>
/// <param name="Member">The method.</param>
/// <param name="Body">The arguments; null: none.</param>
/// <param name="Subject">What it is about, for messages: a unit.</param>
public sealed record DBusCall(string? Destination, string Path, string Interface, string Member, DBusBody? Body = null, string? Subject = null)
{
    /// <summary>The call for messages: <c>StartUnit of kubelet.service</c>.</summary>
    public override string ToString() => Subject is null ? Member : $"{Member} of {Subject}";
}

/// <summary>A message that was received.</summary>
public sealed class DBusMessage
{
    /// <summary>How much of a message says how long it is.</summary>
    internal const int FixedHeaderLength = 16;

    /// <summary>The longest message that is taken, in bytes. The specification allows 128 MiB; the largest answer asked for here, all properties of a unit, is below 64 KiB.</summary>
    internal const int MaxLength = 8 * 1024 * 1024;

    private const byte ProtocolVersion = 1;
    private const byte NoReplyExpected = 1;
    private const int MaxFieldsLength = 64 * 1024;

    /// <summary>What it is.</summary>
    public DBusMessageType Type { get; private init; }

    /// <summary>Its number among the messages of its sender.</summary>
    public uint Serial { get; private init; }

    /// <summary>The number of the call that it answers; 0: none.</summary>
    public uint ReplySerial { get; private set; }

    /// <summary>Whether the sender of a call wants an answer.</summary>
    public bool WantsReply { get; private init; }

    /// <summary>The object.</summary>
    public string? Path { get; private set; }

    /// <summary>The interface.</summary>
    public string? Interface { get; private set; }

    /// <summary>The method or signal.</summary>
    public string? Member { get; private set; }

    /// <summary>The name of the error.</summary>
    public string? ErrorName { get; private set; }

    /// <summary>The unique name of the sender; null without a bus.</summary>
    public string? Sender { get; private set; }

    /// <summary>The types of the body.</summary>
    public string Signature { get; private set; } = "";

    private ReadOnlyMemory<byte> Body { get; init; }

    private bool BigEndian { get; init; }

    /// <summary>Reads the body.</summary>
    /// <param name="signature">The types that are expected.</param>
    /// <exception cref="DBusFormatException">It has others.</exception>
    public DBusReader Reader(string signature) => Signature == signature
        ? new DBusReader(Body.Span, BigEndian)
        : throw new DBusFormatException($"'{Signature}' came where '{signature}' is expected");

    /// <summary>The text of an error: its first argument, when it is one.</summary>
    internal string ErrorText() => Signature.StartsWith('s') ? new DBusReader(Body.Span, BigEndian).String() : "";

    /// <summary>The length of a whole message.</summary>
    /// <param name="header">Its first <see cref="FixedHeaderLength"/> bytes.</param>
    internal static int LengthOf(ReadOnlySpan<byte> header)
    {
        var big = IsBigEndian(header[0]);
        if (header[3] != ProtocolVersion)
        {
            throw new DBusFormatException(FormattableString.Invariant($"protocol version {header[3]} is unknown"));
        }

        var body = Number(header[4..], big);
        var fields = Number(header[12..], big);
        return fields <= MaxFieldsLength && body <= MaxLength
            ? Body8(FixedHeaderLength + (int)fields) + (int)body
            : throw new DBusFormatException(FormattableString.Invariant($"a message of {(long)body + fields} bytes is too long"));
    }

    /// <summary>Reads a whole message.</summary>
    internal static DBusMessage Parse(ReadOnlyMemory<byte> bytes)
    {
        var span = bytes.Span;
        var big = IsBigEndian(span[0]);
        var fieldsEnd = FixedHeaderLength + (int)Number(span[12..], big);
        var message = new DBusMessage
        {
            Type = (DBusMessageType)span[1],
            WantsReply = (span[2] & NoReplyExpected) == 0,
            Serial = Number(span[8..], big),
            BigEndian = big,
            Body = bytes[Body8(fieldsEnd)..],
        };
        if (message.Serial == 0 || span[1] == 0)
        {
            throw new DBusFormatException("a message has no number or no type");
        }

        message.ReadFields(new DBusReader(span[..fieldsEnd], big));
        if (message.Body.Length > 0 && message.Signature.Length == 0)
        {
            throw new DBusFormatException("a message has a body without a signature");
        }

        var complete = message.Type switch
        {
            DBusMessageType.Call => message is { Path: not null, Member: not null },
            DBusMessageType.Reply => message.ReplySerial != 0,
            DBusMessageType.Error => message is { ReplySerial: not 0, ErrorName: not null },
            DBusMessageType.Signal => message is { Path: not null, Interface: not null, Member: not null },
            _ => true,
        };
        return complete ? message : throw new DBusFormatException($"a message of type {message.Type} lacks a field of its header");
    }

    /// <summary>The bytes of a call.</summary>
    internal static byte[] Write(uint serial, DBusCall call)
    {
        var message = Begin(DBusMessageType.Call, flags: 0, serial, call.Body);
        var fields = new DBusBody();
        WriteField(fields, Field.Path, 'o', call.Path);
        WriteField(fields, Field.Interface, 's', call.Interface);
        WriteField(fields, Field.Member, 's', call.Member);
        if (call.Destination is { } destination)
        {
            WriteField(fields, Field.Destination, 's', destination);
        }

        return End(message, fields, call.Body);
    }

    /// <summary>The bytes of an error that answers a call.</summary>
    internal static byte[] WriteError(uint serial, DBusMessage call, string name)
    {
        var message = Begin(DBusMessageType.Error, NoReplyExpected, serial, null);
        var fields = new DBusBody();
        WriteField(fields, Field.ErrorName, 's', name);
        fields.Align(8);
        fields.WriteByte((byte)Field.ReplySerial);
        fields.WriteSignature("u");
        fields.WriteUInt32(call.Serial);
        if (call.Sender is { } sender)
        {
            WriteField(fields, Field.Destination, 's', sender);
        }

        return End(message, fields, null);
    }

    private static DBusBody Begin(DBusMessageType type, byte flags, uint serial, DBusBody? body)
    {
        var message = new DBusBody();
        message.WriteRaw([(byte)'l', (byte)type, flags, ProtocolVersion]);
        message.WriteUInt32((uint)(body?.Bytes.Length ?? 0));
        message.WriteUInt32(serial);
        return message;
    }

    // Both the fields and the fixed header end at a multiple of 8, so that alignment inside of them is that of the message.
    private static byte[] End(DBusBody message, DBusBody fields, DBusBody? body)
    {
        if (body is not null && body.Signature.Length > 0)
        {
            fields.Align(8);
            fields.WriteByte((byte)Field.Signature);
            fields.WriteSignature("g");
            fields.WriteSignature(body.Signature);
        }

        message.WriteUInt32((uint)fields.Bytes.Length);
        message.WriteRaw(fields.Bytes);
        message.Align(8);
        message.WriteRaw(body is null ? [] : body.Bytes);
        return message.Bytes.ToArray();
    }

    private static void WriteField(DBusBody fields, Field field, char type, string value)
    {
        fields.Align(8);
        fields.WriteByte((byte)field);
        fields.WriteSignature(type.ToString());
        fields.WriteText(value);
    }

    private void ReadFields(DBusReader reader)
    {
        reader.Skip("yyyyuu"u8);
        var end = reader.ArrayEnd(8);
        while (reader.Position < end)
        {
            reader.Align(8);
            var field = (Field)reader.Byte();
            var value = reader.Variant();
            switch (field, value.Signature)
            {
                case (Field.Path, "o"):
                    Path = (string)value.Value;
                    break;
                case (Field.Interface, "s"):
                    Interface = (string)value.Value;
                    break;
                case (Field.Member, "s"):
                    Member = (string)value.Value;
                    break;
                case (Field.ErrorName, "s"):
                    ErrorName = (string)value.Value;
                    break;
                case (Field.ReplySerial, "u"):
                    ReplySerial = (uint)value.Value;
                    break;
                case (Field.Sender, "s"):
                    Sender = (string)value.Value;
                    break;
                case (Field.Signature, "g"):
                    Signature = (string)value.Value;
                    break;
                case ( > 0 and <= Field.Last, _) when field is not (Field.Destination or Field.Descriptors):
                    throw new DBusFormatException($"the field {field} of a header has the type '{value.Signature}'");
                default:
                    // Our own name, descriptors (never asked for), and fields of later versions, which are to be ignored.
                    break;
            }
        }

        reader.EndArray(end);
    }

    private static bool IsBigEndian(byte order) => order switch
    {
        (byte)'l' => false,
        (byte)'B' => true,
        _ => throw new DBusFormatException(FormattableString.Invariant($"a message begins with the byte {order}")),
    };

    private static uint Number(ReadOnlySpan<byte> bytes, bool big) =>
        big ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static int Body8(int fieldsEnd) => (fieldsEnd + 7) & ~7;

    private enum Field : byte
    {
        Path = 1,
        Interface = 2,
        Member = 3,
        ErrorName = 4,
        ReplySerial = 5,
        Destination = 6,
        Sender = 7,
        Signature = 8,
        Descriptors = 9,
        Last = Descriptors,
    }
}
