using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace EksNode.Host.Systemd;

/// <summary>The arguments of a call, in the order in which they are added. Written in little endian.</summary>
public sealed class DBusBody
{
    private static readonly UTF8Encoding utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ArrayBufferWriter<byte> bytes = new();
    private readonly StringBuilder signature = new();

    /// <summary>The types of the arguments so far.</summary>
    public string Signature => signature.ToString();

    /// <summary>The arguments so far.</summary>
    internal ReadOnlySpan<byte> Bytes => bytes.WrittenSpan;

    /// <summary>Adds text (s).</summary>
    public DBusBody String(string value)
    {
        signature.Append('s');
        WriteText(value);
        return this;
    }

    /// <summary>Adds an object path (o).</summary>
    public DBusBody ObjectPath(string value)
    {
        signature.Append('o');
        WriteText(value);
        return this;
    }

    /// <summary>Adds a 32-bit number (u).</summary>
    public DBusBody UInt32(uint value)
    {
        signature.Append('u');
        WriteUInt32(value);
        return this;
    }

    /// <summary>Adds a signed 32-bit number (i).</summary>
    public DBusBody Int32(int value)
    {
        signature.Append('i');
        WriteUInt32(unchecked((uint)value));
        return this;
    }

    /// <summary>Adds a truth value (b).</summary>
    public DBusBody Boolean(bool value)
    {
        signature.Append('b');
        WriteUInt32(value ? 1u : 0u);
        return this;
    }

    /// <summary>Adds an array of texts (as).</summary>
    public DBusBody Strings(params ReadOnlySpan<string> values)
    {
        signature.Append("as");
        var inner = new DBusBody();
        foreach (var value in values)
        {
            inner.WriteText(value);
        }

        // Texts are aligned to 4, and so is what follows the length: the padding inside is the same here and there.
        WriteUInt32((uint)inner.Bytes.Length);
        bytes.Write(inner.Bytes);
        return this;
    }

    /// <summary>Adds an array of structures or dictionary entries, each of which begins at a multiple of 8.</summary>
    /// <param name="type">The type of an element: <c>(sv)</c>.</param>
    /// <param name="elements">Writes the elements.</param>
    public DBusBody Array(string type, Action<DBusBody> elements)
    {
        ArgumentNullException.ThrowIfNull(elements);
        signature.Append('a').Append(type);
        WriteArray(elements);
        return this;
    }

    /// <summary>Writes an array of structures without adding a type.</summary>
    internal void WriteArray(Action<DBusBody> elements)
    {
        var inner = new DBusBody();
        elements(inner);

        // The length does not count the padding before the first element, which begins at a multiple of 8, as the inner one does.
        WriteUInt32((uint)inner.Bytes.Length);
        Align(8);
        bytes.Write(inner.Bytes);
    }

    /// <summary>Writes an array of texts without adding a type.</summary>
    internal void WriteTexts(IEnumerable<string> values)
    {
        var inner = new DBusBody();
        foreach (var value in values)
        {
            inner.WriteText(value);
        }

        WriteUInt32((uint)inner.Bytes.Length);
        bytes.Write(inner.Bytes);
    }

    /// <summary>Writes a 64-bit number without adding a type.</summary>
    internal void WriteUInt64(ulong value)
    {
        Align(8);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.GetSpan(8), value);
        bytes.Advance(8);
    }

    /// <summary>Fills up to a multiple of so many bytes.</summary>
    internal void Align(int alignment)
    {
        var padding = -bytes.WrittenCount & (alignment - 1);
        bytes.GetSpan(alignment)[..padding].Clear();
        bytes.Advance(padding);
    }

    /// <summary>Writes a byte without adding a type.</summary>
    internal void WriteByte(byte value)
    {
        bytes.GetSpan(1)[0] = value;
        bytes.Advance(1);
    }

    /// <summary>Writes a number without adding a type.</summary>
    internal void WriteUInt32(uint value)
    {
        Align(4);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.GetSpan(4), value);
        bytes.Advance(4);
    }

    /// <summary>Writes text without adding a type.</summary>
    internal void WriteText(string value)
    {
        if (value.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("D-Bus carries no text with a zero byte.", nameof(value));
        }

        var encoded = utf8.GetBytes(value);
        WriteUInt32((uint)encoded.Length);
        bytes.Write(encoded);
        WriteByte(0);
    }

    /// <summary>Writes a signature without adding a type.</summary>
    internal void WriteSignature(string value)
    {
        WriteByte((byte)value.Length);
        bytes.Write(Encoding.ASCII.GetBytes(value));
        WriteByte(0);
    }

    /// <summary>Writes bytes as they are.</summary>
    internal void WriteRaw(ReadOnlySpan<byte> raw) => bytes.Write(raw);
}
