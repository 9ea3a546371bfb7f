using System.Buffers;
using System.Buffers.Text;
using System.IO.Compression;
using System.Text;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Sources;

/// <summary>The encodings in which user data and its parts may be wrapped.</summary>
internal static class Encodings
{
    /// <summary>How large compressed data may get: user data is at most 16 KiB before it is unpacked, so this is a bomb.</summary>
    public const int UnpackedLimit = 16 * 1024 * 1024;

    /// <summary>The decoded bytes when all of them are standard base64 (with line breaks), else null.</summary>
    public static byte[]? TryBase64(ReadOnlySpan<byte> bytes)
    {
        bytes = TrimWhiteSpace(bytes);
        if (bytes.IsEmpty)
        {
            return null;
        }

        var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(bytes.Length)];
        return Base64.DecodeFromUtf8(bytes, decoded, out var consumed, out var written) == OperationStatus.Done && consumed == bytes.Length
            ? decoded[..written]
            : null;
    }

    /// <summary>Whether the bytes begin like a gzip stream (RFC 1952).</summary>
    public static bool IsGzip(ReadOnlySpan<byte> bytes) => bytes is [0x1F, 0x8B, ..];

    /// <summary>The unpacked bytes, or null after an error.</summary>
    /// <remarks>
    /// That a stream which was cut off is an error, and not half a configuration, needs the runtime setting
    /// <c>System.IO.Compression.UseStrictValidation</c>; every executable of this repository has it.
    /// </remarks>
    public static byte[]? Unpack(byte[] bytes, Origin origin, DiagnosticBag diagnostics)
    {
        using var unpacked = new MemoryStream();
        try
        {
            using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
            var buffer = new byte[16 * 1024];
            for (int read; (read = gzip.Read(buffer)) > 0;)
            {
                unpacked.Write(buffer, 0, read);
                if (unpacked.Length > UnpackedLimit)
                {
                    diagnostics.Report(
                        DiagnosticCatalogue.TooLarge,
                        $"{Name(origin)} unpacks to more than {UnpackedLimit / 1024 / 1024} MiB.",
                        "Check what was compressed; a node configuration has a few KiB.",
                        origin);
                    return null;
                }
            }
        }
        catch (InvalidDataException)
        {
            diagnostics.Report(
                DiagnosticCatalogue.InvalidGzip,
                $"{Name(origin)} begins like gzip but cannot be unpacked; it is damaged or cut off.",
                "Compress it again, and pass the bytes on unchanged (or in base64).",
                origin);
            return null;
        }

        return unpacked.ToArray();
    }

    /// <summary>The text of the bytes, or null after an error: UTF-8, or UTF-16 with a byte order mark.</summary>
    public static string? Text(byte[] bytes, Origin origin, DiagnosticBag diagnostics)
    {
        switch (bytes)
        {
            case [0xFF, 0xFE, ..]:
                return Encoding.Unicode.GetString(bytes.AsSpan(2));
            case [0xFE, 0xFF, ..]:
                return Encoding.BigEndianUnicode.GetString(bytes.AsSpan(2));
            case [0xEF, 0xBB, 0xBF, ..]:
                bytes = bytes[3..];
                break;
        }

        var (line, lineStart) = (1, 0);
        for (var at = 0; at < bytes.Length;)
        {
            if (Rune.DecodeFromUtf8(bytes.AsSpan(at), out _, out var length) != OperationStatus.Done)
            {
                diagnostics.Report(
                    DiagnosticCatalogue.NotText,
                    $"{Name(origin)} is not UTF-8 text: the byte 0x{bytes[at]:X2} does not belong here.",
                    "Save it as UTF-8. If it is compressed, use gzip; if it is base64, encode all of it, once.",
                    origin with { Line = line, Column = Encoding.UTF8.GetCharCount(bytes, lineStart, at - lineStart) + 1 });
                return null;
            }

            if (bytes[at] == '\n')
            {
                line++;
                lineStart = at + 1;
            }

            at += length;
        }

        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>The decoded bytes of quoted-printable (RFC 2045 §6.7); what is malformed is reported and kept as it is.</summary>
    /// <param name="text">The encoded text, one character a byte.</param>
    /// <param name="origin">The part.</param>
    /// <param name="diagnostics">Takes what is wrong.</param>
    public static byte[] QuotedPrintable(string text, Origin origin, DiagnosticBag diagnostics)
    {
        var decoded = new StringBuilder(text.Length);
        var lineNumber = 0;
        var lines = text.Split('\n');
        foreach (var rawLine in lines)
        {
            lineNumber++;
            var hasReturn = rawLine.EndsWith('\r');
            var line = (hasReturn ? rawLine[..^1] : rawLine).TrimEnd(' ', '\t');
            var soft = line.EndsWith('=');
            line = soft ? line[..^1] : line;
            for (var i = 0; i < line.Length; i++)
            {
                if (line[i] != '=')
                {
                    decoded.Append(line[i]);
                }
                else if (i + 2 < line.Length && char.IsAsciiHexDigit(line[i + 1]) && char.IsAsciiHexDigit(line[i + 2]))
                {
                    decoded.Append((char)Convert.ToByte(line.Substring(i + 1, 2), 16));
                    i += 2;
                }
                else
                {
                    diagnostics.Report(
                        DiagnosticCatalogue.InvalidMime,
                        $"{Name(origin)} is not quoted-printable: the `=` here is not followed by two hexadecimal digits.",
                        "Encode `=` as `=3D`, or remove the header Content-Transfer-Encoding.",
                        origin with { Line = lineNumber, Column = i + 1 });
                    decoded.Append('=');
                }
            }

            if (!soft && lineNumber < lines.Length)
            {
                decoded.Append(hasReturn ? "\r\n" : "\n");
            }
        }

        return Encoding.Latin1.GetBytes(decoded.ToString());
    }

    /// <summary>The subject of a sentence about a source or part.</summary>
    public static string Name(Origin origin) => origin.Part > 0 ? $"Part {origin.Part} of {origin.Source}" : $"The source {origin.Source}";

    private static ReadOnlySpan<byte> TrimWhiteSpace(ReadOnlySpan<byte> bytes) => bytes.Trim(" \t\r\n"u8);
}
