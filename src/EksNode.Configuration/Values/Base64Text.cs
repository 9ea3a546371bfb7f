using System.Collections.Immutable;

namespace EksNode.Configuration.Values;

/// <summary>Standard base64 (RFC 4648 §4) in a setting: padded or not, line ends allowed.</summary>
public static class Base64Text
{
    /// <summary>Decodes the text. It is never quoted in a problem: it may be anything.</summary>
    public static ValueResult<ImmutableArray<byte>> Parse(string text)
    {
        var clean = new char[text.Length + 3];
        var length = 0;
        var padding = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            if (character is '\r' or '\n' or ' ' or '\t')
            {
                continue;
            }

            if (character == '=')
            {
                padding++;
                continue;
            }

            if (padding > 0)
            {
                return new ValueProblem(
                    "The base64 text goes on after its padding `=`.", "Encode all of it at once: `base64 -w0 FILE`.");
            }

            if (!char.IsAsciiLetterOrDigit(character) && character is not ('+' or '/'))
            {
                return BadCharacter(text, character, i);
            }

            clean[length++] = character;
        }

        var needed = (4 - (length % 4)) % 4;
        if (needed == 3 || padding > 2 || (padding > 0 && padding != needed))
        {
            return new ValueProblem("The base64 text is cut off: its length is not right.", "Copy all of it, to the last `=`.");
        }

        clean.AsSpan(length, needed).Fill('=');
        var bytes = new byte[(length + needed) / 4 * 3];
        return Convert.TryFromBase64Chars(clean.AsSpan(0, length + needed), bytes, out var written)
            ? ImmutableArray.Create(bytes, 0, written)
            : new ValueProblem("The base64 text cannot be decoded.", "Encode it anew: `base64 -w0 FILE`.");
    }

    private static ValueProblem BadCharacter(string text, char character, int at)
    {
        if (text.AsSpan().TrimStart().StartsWith("-----BEGIN"))
        {
            return new ValueProblem("This is PEM text; base64 of it is expected.", "Encode it once more: `base64 -w0 ca.crt`.");
        }

        return character is '-' or '_'
            ? new ValueProblem("This is base64url (with `-` and `_`); standard base64 is expected.", "Encode it with `base64 -w0`, which uses `+` and `/`.")
            : new ValueProblem(
                $"The text is not base64: character {at + 1} is {Quoted.Text(character.ToString())}.", "Encode it with `base64 -w0 FILE`.");
    }
}
