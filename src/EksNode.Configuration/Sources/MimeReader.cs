using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Sources;

/// <summary>A part of a MIME message that is not a multipart itself.</summary>
/// <param name="Number">Its number among all such parts of the message, from 1.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Body">Its body, one character a byte, still in its transfer encoding.</param>
internal sealed record MimePart(int Number, MimeHeaders Headers, string Body);

/// <summary>
/// Reads MIME messages as cloud-init and nodeadm take them (RFC 2046 §5.1): LF or CRLF, blank lines before the headers
/// allowed, multiparts within multiparts descended into.
/// </summary>
internal sealed class MimeReader(string source, DiagnosticBag diagnostics)
{
    private const int MaximumNesting = 10;
    private readonly List<MimePart> parts = new List<MimePart>();

    /// <summary>
    /// The parts of the message, or null when the bytes are no MIME message. It is one when it begins with headers, among
    /// them a <c>Content-Type</c> that is multipart, or any with a <c>MIME-Version</c>.
    /// </summary>
    public ImmutableArray<MimePart>? Read(byte[] bytes)
    {
        var text = Encoding.Latin1.GetString(bytes is [0xEF, 0xBB, 0xBF, ..] ? bytes.AsSpan(3) : bytes);
        var position = text.Length - text.AsSpan().TrimStart("\r\n \t").Length;
        if (MimeHeaders.Read(text, ref position) is not { } headers
            || !headers.Has("Content-Type")
            || !(IsMultipart(headers) || headers.Has("MIME-Version")))
        {
            return null;
        }

        Entity(headers, text[position..], nesting: 0);
        return parts.ToImmutable();
    }

    private static bool IsMultipart(MimeHeaders headers) => headers.MediaType.StartsWith("multipart/", StringComparison.Ordinal);

    private Origin PartOrigin(int number) => Origin.At(source, 0, 0, number);

    private void Entity(MimeHeaders headers, string body, int nesting)
    {
        if (!IsMultipart(headers))
        {
            parts.Add(new MimePart(parts.Count + 1, headers, body));
        }
        else if (nesting == MaximumNesting)
        {
            Malformed($"The MIME message of {source} is nested deeper than {MaximumNesting} levels.", "Put its parts into one level.");
        }
        else if (headers.Parameters.GetValueOrDefault("boundary", "") is not { Length: > 0 } boundary)
        {
            Malformed(
                $"The header Content-Type of a multipart message of {source} names no boundary.",
                "Add it: `Content-Type: multipart/mixed; boundary=\"BOUNDARY\"`.");
        }
        else
        {
            Multipart(body, boundary, nesting);
        }
    }

    private void Multipart(string body, string boundary, int nesting)
    {
        var partStart = -1;
        var isFirst = true;
        for (var lineStart = 0; lineStart < body.Length;)
        {
            var newLine = body.IndexOf('\n', lineStart);
            var lineEnd = newLine < 0 ? body.Length : newLine;
            if (Delimiter(body.AsSpan(lineStart, lineEnd - lineStart), boundary) is { } isLast)
            {
                if (partStart >= 0)
                {
                    // The line break before a delimiter belongs to the delimiter.
                    var end = body.AsSpan(partStart, lineStart - partStart) switch
                    {
                        [.., '\r', '\n'] => lineStart - 2,
                        [.., '\n'] => lineStart - 1,
                        _ => lineStart,
                    };
                    Part(body[partStart..end], nesting);
                }

                if (isLast)
                {
                    return;
                }

                isFirst = false;
                partStart = newLine < 0 ? body.Length : newLine + 1;
            }

            lineStart = newLine < 0 ? body.Length : newLine + 1;
        }

        if (isFirst)
        {
            Malformed(
                $"The MIME message of {source} has no part: no line reads `--{boundary}`.",
                "Put `--` and the boundary of the header Content-Type on a line before each part.");
            return;
        }

        var cut = parts.Count + 1;
        diagnostics.Report(
            DiagnosticCatalogue.UnterminatedMime,
            $"The MIME message of {source} ends within part {cut}: its last line is missing or was cut off.",
            $"End the message with the line `--{boundary}--`. User data has at most 16 KiB; compress it with gzip if it is longer.",
            PartOrigin(cut));
    }

    private void Part(string text, int nesting)
    {
        var position = 0;
        if (MimeHeaders.Read(text, ref position) is { } headers)
        {
            Entity(headers, text[position..], nesting + 1);
            return;
        }

        // It still counts as a part, so that the numbers of the others stay right.
        var number = parts.Count + 1;
        parts.Add(new MimePart(number, new MimeHeaders(), ""));
        diagnostics.Report(
            DiagnosticCatalogue.InvalidMime,
            $"Part {number} of {source} has a header line without a `:`, or begins with text.",
            "Put a blank line between the headers of a part and its text.",
            PartOrigin(number));
    }

    // Null: an ordinary line; otherwise whether it is the last delimiter.
    private static bool? Delimiter(ReadOnlySpan<char> line, string boundary)
    {
        if (!line.StartsWith("--") || !line[2..].StartsWith(boundary, StringComparison.Ordinal))
        {
            return null;
        }

        var rest = line[(2 + boundary.Length)..].Trim(" \t\r");
        return rest.IsEmpty ? false : rest is "--" ? true : null;
    }

    private void Malformed(string message, string help) =>
        diagnostics.Report(DiagnosticCatalogue.InvalidMime, message, help, Origin.At(source, 0, 0));
}
