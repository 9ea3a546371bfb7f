namespace EksNode.Configuration.Expressions;

/// <summary>What a token is.</summary>
internal enum CelTokenKind
{
    /// <summary>The end of the text.</summary>
    End,

    /// <summary>A name, keywords included.</summary>
    Identifier,

    /// <summary>The name of a field between backticks.</summary>
    QuotedField,

    /// <summary>A literal; the token has its value.</summary>
    Literal,

    /// <summary>An operator or a bracket.</summary>
    Symbol,
}

/// <summary>A token of an expression.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The name or symbol; for a number its digits with prefix, without suffix; otherwise empty.</param>
/// <param name="Position">Where it begins, from 0.</param>
/// <param name="Value">The value of a literal; null for a signed integer, whose sign the parser knows.</param>
internal readonly record struct CelToken(CelTokenKind Kind, string Text, int Position, CelValue? Value = null)
{
    /// <summary>Whether this is the given operator or bracket.</summary>
    public bool Is(string symbol) => Kind == CelTokenKind.Symbol && Text == symbol;
}
