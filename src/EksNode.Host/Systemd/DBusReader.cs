using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace EksNode.Host.Systemd;

/// <summary>A value with its type, as a variant holds it.</summary>
/// <param name="Signature">The type.</param>
/// <param name="Value">
/// The value: numbers, <see cref="bool"/> and <see cref="string"/> (also object paths and signatures) as they are; an array or a struct
/// as <see cref="ImmutableArray{T}"/> of values, an array of bytes as such, a dictionary as an array of pairs, a variant as this type.
/// </param>
public sealed record DBusVariant(string Signature, object Value);

/// <summary>
/// Reads values from a message, in either byte order. Every length is checked against what is there before anything is made of it;
/// what the specification forbids is an error.
/// </summary>
public ref struct DBusReader
{
    // Containers inside of each other, variants included: of the specification.
    private const int MaxNesting = 64;

    private static readonly UTF8Encoding utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> data;
    private readonly bool bigEndian;
    private int nesting;

    /// <summary>Reads from the start of the data, which begins at a multiple of 8 in its message.</summary>
    internal DBusReader(ReadOnlySpan<byte> data, bool bigEndian)
    {
        this.data = data;
        this.bigEndian = bigEndian;
    }

    /// <summary>Where the next value is searched.</summary>
    public int Position { get; private set; }

    /// <summary>Skips the padding before a value; it is zero.</summary>
    /// <param name="alignment">1, 2, 4 or 8.</param>
    public void Align(int alignment)
    {
        var padding = Take(-Position & (alignment - 1));
        if (padding.ContainsAnyExcept((byte)0))
        {
            throw new DBusFormatException("padding is not zero");
        }
    }

    /// <summary>A byte (y).</summary>
    public byte Byte() => Take(1)[0];

    /// <summary>A truth value (b).</summary>
    public bool Boolean() => UInt32() switch
    {
        0 => false,
        1 => true,
        var other => throw new DBusFormatException(FormattableString.Invariant($"{other} is no truth value")),
    };

    /// <summary>A 16-bit number (q).</summary>
    public ushort UInt16()
    {
        Align(2);
        return bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(Take(2)) : BinaryPrimitives.ReadUInt16LittleEndian(Take(2));
    }

    /// <summary>A 32-bit number (u).</summary>
    public uint UInt32()
    {
        Align(4);
        return bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(Take(4)) : BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
    }

    /// <summary>A signed 32-bit number (i).</summary>
    public int Int32() => unchecked((int)UInt32());

    /// <summary>A 64-bit number (t).</summary>
    public ulong UInt64()
    {
        Align(8);
        return bigEndian ? BinaryPrimitives.ReadUInt64BigEndian(Take(8)) : BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
    }

    /// <summary>Text (s) or an object path (o).</summary>
    public string String() => Text(UInt32());

    /// <summary>A signature (g).</summary>
    public string Signature()
    {
        var start = Position + 1;
        var text = Text(Byte());
        DBusSignature.Check(data.Slice(start, text.Length));
        return text;
    }

    /// <summary>Begins an array.</summary>
    /// <param name="elementAlignment">The alignment of its elements: 8 for structs and dict entries.</param>
    /// <returns>Where it ends: read elements while <see cref="Position"/> is below.</returns>
    public int ArrayEnd(int elementAlignment)
    {
        var length = UInt32();
        if (length > data.Length - Position)
        {
            throw Short();
        }

        Align(elementAlignment);
        return length <= data.Length - Position ? Position + (int)length : throw Short();
    }

    /// <summary>Checks that the last element of an array ended where the array does.</summary>
    public readonly void EndArray(int end)
    {
        if (Position != end)
        {
            throw new DBusFormatException("an array ends inside of its last element");
        }
    }

    /// <summary>A variant (v) with all that is in it.</summary>
    public DBusVariant Variant()
    {
        var signature = Signature();
        var types = Encoding.ASCII.GetBytes(signature);
        OneType(types);
        return new DBusVariant(signature, Value(types));
    }

    /// <summary>Skips values.</summary>
    /// <param name="signature">Their types.</param>
    public void Skip(ReadOnlySpan<byte> signature)
    {
        for (var at = 0; at < signature.Length;)
        {
            var end = DBusSignature.End(signature, at);
            SkipOne(signature[at..end]);
            at = end;
        }
    }

    /// <summary>Skips a variant.</summary>
    public void SkipVariant()
    {
        var types = Encoding.ASCII.GetBytes(Signature());
        OneType(types);
        Enter();
        Skip(types);
        nesting--;
    }

    private void SkipOne(ReadOnlySpan<byte> type)
    {
        switch (type[0])
        {
            case (byte)'s' or (byte)'o':
                _ = Terminated(UInt32());
                break;
            case (byte)'g':
                _ = Terminated(Byte());
                break;
            case (byte)'v':
                SkipVariant();
                break;
            case (byte)'a':
                // What is inside is not looked at: the length alone says where the array ends.
                Position = ArrayEnd(DBusSignature.Alignment(type[1]));
                break;
            case (byte)'(':
                Align(8);
                Skip(type[1..^1]);
                break;
            default:
                var size = DBusSignature.Alignment(type[0]);
                Align(size);
                _ = Take(size);
                break;
        }
    }

    private object Value(ReadOnlySpan<byte> type)
    {
        Enter();
        object value = type[0] switch
        {
            (byte)'y' => Byte(),
            (byte)'b' => Boolean(),
            (byte)'n' => unchecked((short)UInt16()),
            (byte)'q' => UInt16(),
            (byte)'i' => Int32(),
            (byte)'u' or (byte)'h' => UInt32(),
            (byte)'x' => unchecked((long)UInt64()),
            (byte)'t' => UInt64(),
            (byte)'d' => BitConverter.UInt64BitsToDouble(UInt64()),
            (byte)'s' or (byte)'o' => String(),
            (byte)'g' => Signature(),
            (byte)'v' => Variant(),
            (byte)'(' => Struct(type[1..^1]),
            _ => type[1] switch
            {
                (byte)'y' => Take(ArrayEnd(1) - Position).ToArray(),
                (byte)'{' => Dictionary(type[2..^1]),
                _ => Array(type[1..]),
            },
        };
        nesting--;
        return value;
    }

    private ImmutableArray<object> Struct(ReadOnlySpan<byte> types)
    {
        Align(8);
        var fields = new List<object>();
        for (var at = 0; at < types.Length;)
        {
            var end = DBusSignature.End(types, at);
            fields.Add(Value(types[at..end]));
            at = end;
        }

        return fields.ToImmutable();
    }

    private ImmutableArray<object> Array(ReadOnlySpan<byte> element)
    {
        var end = ArrayEnd(DBusSignature.Alignment(element[0]));
        var items = new List<object>();
        while (Position < end)
        {
            items.Add(Value(element));
        }

        EndArray(end);
        return items.ToImmutable();
    }

    private ImmutableArray<KeyValuePair<object, object>> Dictionary(ReadOnlySpan<byte> entry)
    {
        var end = ArrayEnd(8);
        var items = new List<KeyValuePair<object, object>>();
        while (Position < end)
        {
            Align(8);
            items.Add(new KeyValuePair<object, object>(Value(entry[..1]), Value(entry[1..])));
        }

        EndArray(end);
        return items.ToImmutable();
    }

    private static void OneType(ReadOnlySpan<byte> types)
    {
        if (DBusSignature.End(types, 0) != types.Length)
        {
            throw new DBusFormatException("a variant has more than one type");
        }
    }

    private void Enter()
    {
        if (++nesting > MaxNesting)
        {
            throw new DBusFormatException("values are nested too deep");
        }
    }

    private string Text(uint length)
    {
        var bytes = Terminated(length);
        try
        {
            return utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new DBusFormatException("a text is not UTF-8");
        }
    }

    private ReadOnlySpan<byte> Terminated(uint length)
    {
        if (length >= data.Length - Position)
        {
            throw Short();
        }

        var bytes = Take((int)length);
        return Byte() == 0 && !bytes.Contains((byte)0) ? bytes : throw new DBusFormatException("a text does not end with its only zero byte");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > data.Length - Position)
        {
            throw Short();
        }

        var taken = data.Slice(Position, count);
        Position += count;
        return taken;
    }

    private static DBusFormatException Short() => new("a value is longer than its message");
}
