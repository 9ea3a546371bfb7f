using System.Text;

namespace EksNode.Host.Containers;

/// <summary>
/// Reads a message of protocol buffers field by field. Fields that nobody asks for are passed over, as the format wants it; a
/// message that is cut off, or no message at all, throws.
/// </summary>
/// <param name="message">The message.</param>
/// <exception cref="InvalidDataException">From every member: the bytes are no message.</exception>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    // A varint has at most 64 bits, 7 to a byte.
    private const int LongestVarint = 10;

    private ReadOnlySpan<byte> rest = message;
    private ReadOnlySpan<byte> bytes;
    private ulong number;

    /// <summary>The number of the field.</summary>
    public int Field { get; private set; }

    /// <summary>The value of a string field.</summary>
    public readonly string Text => Encoding.UTF8.GetString(bytes);

    /// <summary>The value of a message field.</summary>
    public readonly ReadOnlySpan<byte> Nested => bytes;

    /// <summary>The value of a boolean field.</summary>
    public readonly bool Flag => number != 0;

    /// <summary>The value of an unsigned number.</summary>
    public readonly ulong Number => number;

    /// <summary>Goes to the next field; false at the end.</summary>
    public bool Next()
    {
        if (rest.IsEmpty)
        {
            return false;
        }

        var tag = Varint();
        Field = (int)(tag >> 3);
        bytes = [];
        number = 0;
        switch (tag & 7)
        {
            case 0:
                number = Varint();
                break;
            case 1:
                Take(8);
                break;
            case 2:
                bytes = Take(Varint());
                break;
            case 5:
                Take(4);
                break;
            default:
                throw new InvalidDataException("a field of an unknown kind");
        }

        return true;
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)rest.Length)
        {
            throw new InvalidDataException("the message is cut off");
        }

        var taken = rest[..(int)count];
        rest = rest[(int)count..];
        return taken;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var i = 0; i < LongestVarint; i++)
        {
            var digit = Take(1)[0];
            value |= (ulong)(digit & 0x7F) << (7 * i);
            if (digit < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("a number is too long");
    }
}
