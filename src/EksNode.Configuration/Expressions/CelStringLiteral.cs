using System.Buffers;
using System.Globalization;
using System.Text;

namespace EksNode.Configuration.Expressions;

/// <summary>Reads a string or bytes literal: quoted with one or three quotes, raw or with escapes.</summary>
/// <param name="text">The expression.</param>
/// <param name="start">Where the literal begins, prefix included.</param>
internal sealed class CelStringLiteral(string text, int start)
{
    private readonly ArrayBufferWriter<byte> bytes = new();
    private readonly StringBuilder characters = new();
    private int at;
    private bool isBytes;

    /// <summary>Reads the literal.</summary>
    /// <param name="prefix">The length of its prefix.</param>
    /// <param name="end">Where it ends.</param>
    public CelValue Read(int prefix, out int end)
    {
        var raw = text.AsSpan(start, prefix).ContainsAny('r', 'R');
        isBytes = text.AsSpan(start, prefix).ContainsAny('b', 'B');
        at = start + prefix;
        var quote = new string(text[at], string.CompareOrdinal(text, at, new string(text[at], 3), 0, 3) == 0 ? 3 : 1);
        at += quote.Length;
        while (string.CompareOrdinal(text, at, quote, 0, quote.Length) != 0)
        {
            if (at >= text.Length || (quote.Length == 1 && text[at] is '\n' or '\r'))
            {
                throw new CelSyntaxError($"the string that begins here has no closing {quote}", start);
            }

            if (text[at] == '\\' && !raw)
            {
                Escape();
            }
            else
            {
                Character();
            }
        }

        end = at + quote.Length;
        return isBytes ? new CelBytes([.. bytes.WrittenSpan]) : new CelString(characters.ToString());
    }

    private void Character()
    {
        if (!Rune.TryGetRuneAt(text, at, out var rune))
        {
            throw new CelSyntaxError("the string holds half of a surrogate pair", at);
        }

        Append(rune);
        at += rune.Utf16SequenceLength;
    }

    private void Append(Rune rune)
    {
        if (isBytes)
        {
            Span<byte> encoded = stackalloc byte[4];
            bytes.Write(encoded[..rune.EncodeToUtf8(encoded)]);
        }
        else
        {
            characters.Append(rune.ToString());
        }
    }

    private void Escape()
    {
        var escape = at + 1 < text.Length ? text[at + 1] : '\0';
        if ("abfnrtv\\?\"'`".IndexOf(escape, StringComparison.Ordinal) is var simple and >= 0)
        {
            Append(new Rune("\a\b\f\n\r\t\v\\?\"'`"[simple]));
            at += 2;
            return;
        }

        switch (escape)
        {
            case 'x' or 'X':
                Number(skip: 2, digits: 2, numberBase: 16, isByte: true);
                break;
            case 'u' when !isBytes:
                Number(skip: 2, digits: 4, numberBase: 16, isByte: false);
                break;
            case 'U' when !isBytes:
                Number(skip: 2, digits: 8, numberBase: 16, isByte: false);
                break;
            case >= '0' and <= '3':
                Number(skip: 1, digits: 3, numberBase: 8, isByte: true);
                break;
            default:
                throw new CelSyntaxError("this is no escape sequence; a backslash is written twice", at);
        }
    }

    private void Number(int skip, int digits, int numberBase, bool isByte)
    {
        long number = 0;
        for (var i = at + skip; i < at + skip + digits; i++)
        {
            var digit = i < text.Length && char.IsAsciiHexDigit(text[i])
                ? int.Parse(text.AsSpan(i, 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
                : numberBase;
            if (digit >= numberBase)
            {
                var kind = numberBase == 16 ? "hexadecimal" : "octal";
                throw new CelSyntaxError(
                    string.Create(CultureInfo.InvariantCulture, $"this escape sequence needs {digits} {kind} digits"), at);
            }

            number = (number * numberBase) + digit;
        }

        if (isBytes && isByte)
        {
            bytes.Write([(byte)number]);
        }
        else if (number <= int.MaxValue && Rune.TryCreate((int)number, out var rune))
        {
            Append(rune);
        }
        else
        {
            throw new CelSyntaxError("this escape sequence is no Unicode character", at);
        }

        at += skip + digits;
    }
}
