using System.Globalization;

namespace EksNode.Configuration.Expressions;

/// <summary>Cuts the text of an expression into tokens. Source: the CEL language definition, "Syntax".</summary>
internal sealed class CelLexer(string text)
{
    private static readonly string[] TwoCharacterSymbols = ["&&", "||", "==", "!=", "<=", ">="];

    private const string OneCharacterSymbols = "+-*/%!<>?:.,()[]{}";

    private int at;

    /// <summary>All tokens; the last one is the end.</summary>
    public List<CelToken> ReadAll()
    {
        var tokens = new List<CelToken>();
        do
        {
            tokens.Add(Next());
        }
        while (tokens[^1].Kind != CelTokenKind.End);

        return tokens;
    }

    private char Peek(int ahead = 0) => at + ahead < text.Length ? text[at + ahead] : '\0';

    private CelToken Next()
    {
        SkipSpaceAndComments();
        if (at == text.Length)
        {
            return new CelToken(CelTokenKind.End, "", at);
        }

        var start = at;
        var first = Peek();
        if (char.IsAsciiDigit(first) || (first == '.' && char.IsAsciiDigit(Peek(1))))
        {
            return Number();
        }

        if (StringPrefixLength() is { } prefix)
        {
            return new CelToken(CelTokenKind.Literal, "", start, new CelStringLiteral(text, start).Read(prefix, out at));
        }

        if (IsNameStart(first))
        {
            while (IsNameStart(Peek()) || char.IsAsciiDigit(Peek()))
            {
                at++;
            }

            return new CelToken(CelTokenKind.Identifier, text[start..at], start);
        }

        if (first == '`')
        {
            return QuotedField();
        }

        foreach (var symbol in TwoCharacterSymbols)
        {
            if (string.CompareOrdinal(text, at, symbol, 0, symbol.Length) == 0)
            {
                at += symbol.Length;
                return new CelToken(CelTokenKind.Symbol, symbol, start);
            }
        }

        if (OneCharacterSymbols.Contains(first, StringComparison.Ordinal))
        {
            at++;
            return new CelToken(CelTokenKind.Symbol, first.ToString(), start);
        }

        throw new CelSyntaxError(Unexpected(first), start);
    }

    private CelToken QuotedField()
    {
        var start = at++;
        Skip(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/' or ' ');
        if (Peek() != '`' || at == start + 1)
        {
            throw new CelSyntaxError("between backticks stand letters, digits and `_-./ ` only", start);
        }

        at++;
        return new CelToken(CelTokenKind.QuotedField, text[(start + 1)..(at - 1)], start);
    }

    private static string Unexpected(char c) => c switch
    {
        '=' => "`=` is no operator; compare with `==`",
        '&' or '|' => $"`{c}` is no operator; write `{c}{c}`",
        < ' ' or > '~' => string.Create(CultureInfo.InvariantCulture, $"the character U+{(int)c:X4} does not belong here"),
        _ => $"the character `{c}` does not belong here",
    };

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_';

    private void SkipSpaceAndComments()
    {
        while (at < text.Length)
        {
            if (Peek() is ' ' or '\t' or '\n' or '\r' or '\f')
            {
                at++;
            }
            else if (Peek() == '/' && Peek(1) == '/')
            {
                while (at < text.Length && Peek() != '\n')
                {
                    at++;
                }
            }
            else
            {
                return;
            }
        }
    }

    // The length of r, b, rb or br before a quote, 0 for a bare quote; null when no string begins here.
    private int? StringPrefixLength()
    {
        var length = 0;
        var raw = false;
        var bytes = false;
        while (length < 2)
        {
            switch (Peek(length))
            {
                case 'r' or 'R' when !raw:
                    raw = true;
                    break;
                case 'b' or 'B' when !bytes:
                    bytes = true;
                    break;
                default:
                    return Peek(length) is '"' or '\'' ? length : null;
            }

            length++;
        }

        return Peek(length) is '"' or '\'' ? length : null;
    }

    private CelToken Number()
    {
        var start = at;
        if (Peek() == '0' && Peek(1) is 'x' or 'X' && char.IsAsciiHexDigit(Peek(2)))
        {
            at += 2;
            Skip(char.IsAsciiHexDigit);
            return Integer(start, text[start..at]);
        }

        Skip(char.IsAsciiDigit);
        var isDouble = false;
        if (Peek() == '.' && char.IsAsciiDigit(Peek(1)))
        {
            isDouble = true;
            at++;
            Skip(char.IsAsciiDigit);
        }

        var sign = Peek(1) is '+' or '-' ? 1 : 0;
        if (Peek() is 'e' or 'E' && char.IsAsciiDigit(Peek(1 + sign)))
        {
            isDouble = true;
            at += 1 + sign;
            Skip(char.IsAsciiDigit);
        }

        var digits = text[start..at];
        if (!isDouble)
        {
            return Integer(start, digits);
        }

        RefuseLetters(start);
        var value = double.Parse(digits, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture);
        return double.IsInfinity(value)
            ? throw new CelSyntaxError($"{digits} is too large for a double", start)
            : new CelToken(CelTokenKind.Literal, digits, start, new CelDouble(value));
    }

    private CelToken Integer(int start, string digits)
    {
        if (Peek() is not ('u' or 'U'))
        {
            RefuseLetters(start);
            return new CelToken(CelTokenKind.Literal, digits, start);
        }

        at++;
        RefuseLetters(start);
        return TryMagnitude(digits, out var magnitude)
            ? new CelToken(CelTokenKind.Literal, digits, start, new CelUint(magnitude))
            : throw new CelSyntaxError($"{digits}u is too large for a uint", start);
    }

    /// <summary>The number that decimal or hexadecimal digits stand for.</summary>
    public static bool TryMagnitude(string digits, out ulong magnitude) =>
        digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? ulong.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out magnitude)
            : ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out magnitude);

    private void Skip(Func<char, bool> matches)
    {
        while (at < text.Length && matches(text[at]))
        {
            at++;
        }
    }

    private void RefuseLetters(int start)
    {
        if (IsNameStart(Peek()))
        {
            throw new CelSyntaxError($"a number ends where `{Peek()}` stands; is an operator missing?", start);
        }
    }
}
