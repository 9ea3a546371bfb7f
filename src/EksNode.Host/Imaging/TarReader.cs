using System.Globalization;
using System.Text;

namespace EksNode.Host.Imaging;

/// <summary>
/// Reads a tar archive from its beginning to its end, in the forms that publishers use: ustar, and the long names and large sizes of pax and of GNU
/// tar. Memory is bounded by <see cref="LongestExtension"/>, whatever the archive says.
/// </summary>
/// <remarks>POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header"; "Basic Tar Format" in the manual of GNU tar.</remarks>
/// <param name="archive">The archive, decompressed.</param>
internal sealed class TarReader(Stream archive)
{
    private const int BlockLength = 512;

    // PATH_MAX is 4096; a pax header has a few more attributes beside a path.
    private const int LongestExtension = 64 * 1024;

    private readonly byte[] header = new byte[BlockLength];
    private string? longName;
    private long? longSize;
    private long left;
    private int padding;

    /// <summary>The next entry; null at the end. What was not read of the one before is skipped.</summary>
    /// <exception cref="InvalidDataException">It is no tar archive, or it is cut off; the message is a clause.</exception>
    public TarEntry? Next()
    {
        SkipRest();
        while (ReadHeader())
        {
            var size = Number(124, 12);
            var kind = (char)header[156];
            switch (kind)
            {
                case 'L': // GNU: the name of the next entry
                    longName = Text(Extension(size));
                    continue;
                case 'K' or 'g': // GNU: what the next link leads to; pax: attributes of all, of which none matters here
                    _ = Extension(size);
                    continue;
                case 'x':
                    ReadAttributes(Extension(size));
                    continue;
            }

            var entry = new TarEntry { Name = Plain(longName ?? Name()), Kind = KindOf(kind), Size = longSize ?? size };
            (longName, longSize) = (null, null);
            // A link has a size in some archives, and never a content.
            left = entry.Kind is TarKind.Link or TarKind.Directory ? 0 : entry.Size;
            padding = PaddingOf(left);
            return entry;
        }

        return null;
    }

    /// <summary>Reads more of the content of the last entry; 0 at its end.</summary>
    /// <exception cref="InvalidDataException">The archive is cut off or damaged.</exception>
    public int Read(Span<byte> buffer)
    {
        if (left == 0 || buffer.Length == 0)
        {
            return 0;
        }

        var count = archive.Read(buffer[..(int)Math.Min(buffer.Length, left)]);
        if (count == 0)
        {
            throw CutOff();
        }

        left -= count;
        return count;
    }

    private static TarKind KindOf(char kind) => kind switch
    {
        '0' or '7' or '\0' => TarKind.File,
        '5' => TarKind.Directory,
        '1' or '2' => TarKind.Link,
        _ => TarKind.Special,
    };

    private static int PaddingOf(long size) => (int)((BlockLength - size % BlockLength) % BlockLength);

    private static InvalidDataException CutOff() => new("it is cut off");

    private static string Plain(string name)
    {
        while (name.StartsWith("./", StringComparison.Ordinal))
        {
            name = name[2..];
        }

        return name;
    }

    // Up to the first NUL, as the fields of a header and GNU's long names are.
    private static string Text(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    private void SkipRest()
    {
        Span<byte> buffer = stackalloc byte[4 * BlockLength];
        while (Read(buffer) > 0)
        {
        }

        archive.ReadExactlyOrCutOff(buffer[..padding]);
        padding = 0;
    }

    // False at the end: a block of zeros, or no more blocks.
    private bool ReadHeader()
    {
        var count = archive.ReadAtLeast(header, BlockLength, throwOnEndOfStream: false);
        if (count == 0 || (count == BlockLength && !header.AsSpan().ContainsAnyExcept((byte)0)))
        {
            return false;
        }

        if (count < BlockLength)
        {
            throw CutOff();
        }

        var sum = 0;
        for (var i = 0; i < BlockLength; i++)
        {
            // The sum is made with blanks in the place of the sum.
            sum += i is >= 148 and < 156 ? ' ' : header[i];
        }

        return sum == Number(148, 8) ? true : throw new InvalidDataException("it is no tar archive, or it is damaged");
    }

    private string Name()
    {
        var name = Text(header.AsSpan(0, 100));
        var isUstar = header.AsSpan(257, 6).SequenceEqual("ustar\0"u8);
        var prefix = isUstar ? Text(header.AsSpan(345, 155)) : "";
        return prefix.Length > 0 ? $"{prefix}/{name}" : name;
    }

    // Octal digits between blanks and NULs, or, with the highest bit set, a number of eight bytes (GNU).
    private long Number(int at, int length)
    {
        var field = header.AsSpan(at, length);
        long number = 0;
        if (field[0] >= 0x80)
        {
            field[0] &= 0x7F;
            foreach (var part in field)
            {
                number = number <= long.MaxValue >> 8 ? number << 8 | part : throw new InvalidDataException("a number in it is too large");
            }

            return number;
        }

        foreach (var digit in field.Trim(" \0"u8))
        {
            number = digit is >= (byte)'0' and <= (byte)'7' ? number << 3 | (uint)(digit - '0') : throw new InvalidDataException("it is no tar archive, or it is damaged");
        }

        return number;
    }

    private byte[] Extension(long size)
    {
        if (size > LongestExtension)
        {
            throw new InvalidDataException("a name in it is longer than any path");
        }

        var content = new byte[size];
        archive.ReadExactlyOrCutOff(content);
        Span<byte> rest = stackalloc byte[BlockLength];
        archive.ReadExactlyOrCutOff(rest[..PaddingOf(size)]);
        return content;
    }

    // Records of the form "27 path=some/name\n": the length counts the whole record.
    private void ReadAttributes(ReadOnlySpan<byte> attributes)
    {
        while (!attributes.IsEmpty)
        {
            var blank = attributes.IndexOf((byte)' ');
            if (blank < 1 || !int.TryParse(attributes[..blank], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length <= blank + 1 || length > attributes.Length)
            {
                throw new InvalidDataException("its extended attributes are damaged");
            }

            var record = attributes[(blank + 1)..(length - 1)];
            var equals = record.IndexOf((byte)'=');
            if (equals < 0)
            {
                throw new InvalidDataException("its extended attributes are damaged");
            }

            TakeAttribute(record[..equals], record[(equals + 1)..]);
            attributes = attributes[length..];
        }
    }

    private void TakeAttribute(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.SequenceEqual("path"u8))
        {
            longName = value.Contains((byte)0) ? throw new InvalidDataException("a name in it has a NUL") : Encoding.UTF8.GetString(value);
        }
        else if (name.SequenceEqual("size"u8))
        {
            longSize = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
                ? size
                : throw new InvalidDataException("a size in it is no number");
        }
        else if (name.StartsWith("GNU.sparse."u8))
        {
            throw new InvalidDataException("it has a file with holes, which is not read");
        }
    }
}

/// <summary>Reading what must be there.</summary>
internal static class TarStreams
{
    /// <summary>Fills a buffer.</summary>
    /// <exception cref="InvalidDataException">The stream ends before.</exception>
    public static void ReadExactlyOrCutOff(this Stream stream, Span<byte> buffer)
    {
        if (stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) < buffer.Length)
        {
            throw new InvalidDataException("it is cut off");
        }
    }
}
