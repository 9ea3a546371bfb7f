using System.Text;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Sources;

/// <summary>The decoded text of a source, to show the lines that diagnostics name.</summary>
public sealed class SourceText
{
    private readonly List<(int Part, string[] Lines, int Offset)> texts = [];

    private SourceText()
    {
    }

    /// <summary>Decodes a source once more. What cannot be decoded has no lines; why was reported when the source was read.</summary>
    /// <param name="content">The source.</param>
    public static SourceText Of(SourceContent content)
    {
        var result = new SourceText();
        var unread = new DiagnosticBag();
        var origin = Origin.At(content.Name, 0, 0);
        var given = content.Bytes.ToArray();
        if (SourceReader.Unwrap(given, origin, unread) is not { } bytes)
        {
            return result;
        }

        if (new MimeReader(content.Name, unread).Read(bytes) is not { } parts)
        {
            result.Add(0, Encodings.Text(bytes, origin, unread), 0);
            return result;
        }

        var whole = Encoding.Latin1.GetString(bytes);
        var at = 0;
        foreach (var part in parts)
        {
            var (text, plain) = SourceReader.PartText(part, origin with { Part = part.Number }, unread);
            at = Math.Max(at, whole.IndexOf(part.Body, at, StringComparison.Ordinal));
            result.Add(part.Number, text, plain && bytes.Length == given.Length ? Breaks(whole, at) : -1);
        }

        return result;
    }

    /// <summary>A line without its break; null when there is none.</summary>
    /// <param name="part">The MIME part, from 1; 0 in a source that is no message.</param>
    /// <param name="line">The line, from 1.</param>
    public string? Line(int part, int line)
    {
        foreach (var text in texts)
        {
            if (text.Part == part)
            {
                return line >= 1 && line <= text.Lines.Length ? text.Lines[line - 1] : null;
            }
        }

        return null;
    }

    /// <summary>The line of the file in which a line of a part stands; 0 when the file holds it in another encoding.</summary>
    /// <param name="part">The MIME part, from 1; 0 in a source that is no message.</param>
    /// <param name="line">The line, from 1.</param>
    public int LineOfFile(int part, int line)
    {
        foreach (var text in texts)
        {
            if (text.Part == part)
            {
                return text.Offset < 0 || line <= 0 ? 0 : line + text.Offset;
            }
        }

        return 0;
    }

    private static int Breaks(string text, int end) => text.AsSpan(0, end).Count('\n');

    private void Add(int part, string? text, int offset)
    {
        if (text is null)
        {
            return;
        }

        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            lines[i] = lines[i].TrimEnd('\r');
        }

        texts.Add((part, lines, offset));
    }
}
