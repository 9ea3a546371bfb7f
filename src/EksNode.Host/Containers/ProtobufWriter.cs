using System.Buffers;
using System.Text;

namespace EksNode.Host.Containers;

/// <summary>Writes a message of protocol buffers (protobuf.dev: "Encoding"): only the kinds of fields that the container runtime interface needs here.</summary>
internal sealed class ProtobufWriter
{
    private const int VarintType = 0;
    private const int LengthType = 2;
    private const int TypeBits = 3;

    private readonly ArrayBufferWriter<byte> bytes = new();

    /// <summary>The message.</summary>
    public ReadOnlyMemory<byte> Message => bytes.WrittenMemory;

    /// <summary>A string; an empty one is the default and not written.</summary>
    public ProtobufWriter Text(int field, string value) => value.Length == 0 ? this : Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>A boolean; false is the default and not written.</summary>
    public ProtobufWriter Flag(int field, bool value)
    {
        if (value)
        {
            Varint(((uint)field << TypeBits) | VarintType);
            Varint(1);
        }

        return this;
    }

    /// <summary>A message in the message.</summary>
    public ProtobufWriter Nested(int field, ProtobufWriter value) => Bytes(field, value.Message.Span);

    /// <summary>A message in the message, as it was read.</summary>
    public ProtobufWriter Nested(int field, ReadOnlySpan<byte> value) => Bytes(field, value);

    private ProtobufWriter Bytes(int field, ReadOnlySpan<byte> value)
    {
        Varint(((uint)field << TypeBits) | LengthType);
        Varint((ulong)value.Length);
        bytes.Write(value);
        return this;
    }

    private void Varint(ulong value)
    {
        Span<byte> digit = stackalloc byte[1];
        for (; value >= 0x80; value >>= 7)
        {
            digit[0] = (byte)(value | 0x80);
            bytes.Write(digit);
        }

        digit[0] = (byte)value;
        bytes.Write(digit);
    }
}
