using System.Globalization;
using System.Text;

namespace EksNode.Aws.Services;

/// <summary>An element of an XML answer.</summary>
/// <param name="name">Its name without a prefix.</param>
internal sealed class XmlElement(string name)
{
    private readonly List<XmlElement> children = [];
    private readonly StringBuilder text = new();

    public string Name => name;

    /// <summary>The text directly inside, trimmed.</summary>
    public string Text => text.ToString().Trim();

    public IReadOnlyList<XmlElement> Children => children;

    /// <summary>The first element at a path of names below this one, or null.</summary>
    public XmlElement? At(params ReadOnlySpan<string> path)
    {
        var element = this;
        foreach (var step in path)
        {
            element = element.children.Find(c => c.Name == step);
            if (element is null)
            {
                return null;
            }
        }

        return element;
    }

    /// <summary>The text at a path, or null when there is none.</summary>
    public string? TextAt(params ReadOnlySpan<string> path) => At(path)?.Text is { Length: > 0 } found ? found : null;

    /// <summary>The <c>item</c> elements of a list at a path.</summary>
    public IEnumerable<XmlElement> Items(params ReadOnlySpan<string> path) => At(path)?.children.Where(c => c.Name == "item") ?? [];

    public void Add(XmlElement child) => children.Add(child);

    public void Add(string more) => text.Append(more);
}

/// <summary>
/// Reads the XML that the Query protocol of AWS answers with: elements and text. Attributes, comments and processing instructions
/// are passed over; a document type, which such an answer never has, is refused, so no entity can be declared.
/// </summary>
/// <remarks>System.Xml would add 0.8 MB to the executable for this.</remarks>
internal static class AwsXml
{
    private const int Deepest = 64;

    /// <summary>The root element, or null when this is not well-formed XML of that kind.</summary>
    public static XmlElement? Parse(ReadOnlyMemory<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes.Span).TrimStart('\uFEFF');
        var root = new XmlElement("");
        var open = new Stack<XmlElement>([root]);
        var at = 0;
        while (at < text.Length)
        {
            if (text[at] != '<')
            {
                var end = text.IndexOf('<', at);
                end = end < 0 ? text.Length : end;
                if (Decode(text.AsSpan(at, end - at)) is not { } decoded || (open.Count == 1 && decoded.AsSpan().Trim().Length > 0))
                {
                    return null;
                }

                open.Peek().Add(decoded);
                at = end;
            }
            else if (Special(text, ref at, open.Peek()) is { } handled)
            {
                if (!handled)
                {
                    return null;
                }
            }
            else if (!Tag(text, ref at, open))
            {
                return null;
            }
        }

        return open.Count == 1 && root.Children.Count == 1 ? root.Children[0] : null;
    }

    // Comments, CDATA, declarations. Null: it is a tag. False: it is broken or refused.
    private static bool? Special(string text, ref int at, XmlElement parent)
    {
        if (Pass(text, ref at, "<!--", "-->") is { } comment)
        {
            return comment.Found;
        }

        if (Pass(text, ref at, "<![CDATA[", "]]>") is { } data)
        {
            parent.Add(data.Inside);
            return data.Found && parent.Name.Length > 0;
        }

        if (Pass(text, ref at, "<?", "?>") is { } instruction)
        {
            return instruction.Found;
        }

        return text.AsSpan(at).StartsWith("<!") ? false : null;
    }

    private static (bool Found, string Inside)? Pass(string text, ref int at, string begin, string end)
    {
        if (!text.AsSpan(at).StartsWith(begin))
        {
            return null;
        }

        var start = at + begin.Length;
        var close = text.IndexOf(end, start, StringComparison.Ordinal);
        if (close < 0)
        {
            return (false, "");
        }

        at = close + end.Length;
        return (true, text[start..close]);
    }

    private static bool Tag(string text, ref int at, Stack<XmlElement> open)
    {
        var close = TagEnd(text, at);
        if (close < 0)
        {
            return false;
        }

        var inside = text.AsSpan(at + 1, close - at - 1);
        at = close + 1;
        if (inside.Length > 0 && inside[0] == '/')
        {
            return open.Count > 1 && open.Pop().Name == NameOf(inside[1..]);
        }

        var isEmpty = inside.Length > 0 && inside[^1] == '/';
        var name = NameOf(isEmpty ? inside[..^1] : inside);
        if (name.Length == 0 || open.Count > Deepest)
        {
            return false;
        }

        var element = new XmlElement(name);
        open.Peek().Add(element);
        if (!isEmpty)
        {
            open.Push(element);
        }

        return true;
    }

    // The end of a tag: the first > outside of quotes.
    private static int TagEnd(string text, int at)
    {
        var quote = '\0';
        for (var i = at; i < text.Length; i++)
        {
            var c = text[i];
            if (quote != '\0')
            {
                quote = c == quote ? '\0' : quote;
            }
            else if (c is '"' or '\'')
            {
                quote = c;
            }
            else if (c == '>')
            {
                return i;
            }
        }

        return -1;
    }

    private static string NameOf(ReadOnlySpan<char> tag)
    {
        var end = tag.IndexOfAny(" \t\r\n");
        var name = end < 0 ? tag : tag[..end];
        return name[(name.LastIndexOf(':') + 1)..].ToString();
    }

    private static string? Decode(ReadOnlySpan<char> text)
    {
        if (!text.Contains('&'))
        {
            return text.ToString();
        }

        var decoded = new StringBuilder(text.Length);
        while (text.IndexOf('&') is >= 0 and var ampersand)
        {
            decoded.Append(text[..ampersand]);
            var end = text.IndexOf(';');
            if (end < ampersand || !Append(decoded, text[(ampersand + 1)..end]))
            {
                return null;
            }

            text = text[(end + 1)..];
        }

        return decoded.Append(text).ToString();
    }

    private static bool Append(StringBuilder decoded, ReadOnlySpan<char> entity)
    {
        switch (entity)
        {
            case "amp":
                decoded.Append('&');
                return true;
            case "lt":
                decoded.Append('<');
                return true;
            case "gt":
                decoded.Append('>');
                return true;
            case "quot":
                decoded.Append('"');
                return true;
            case "apos":
                decoded.Append('\'');
                return true;
            default:
                break;
        }

        if (entity.Length < 2 || entity[0] != '#')
        {
            return false;
        }

        var isHex = entity[1] == 'x';
        var style = isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
        if (!int.TryParse(entity[(isHex ? 2 : 1)..], style, CultureInfo.InvariantCulture, out var code)
            || !Rune.IsValid(code))
        {
            return false;
        }

        decoded.Append(new Rune(code).ToString());
        return true;
    }
}
