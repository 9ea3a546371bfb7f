using System.Collections.Immutable;
using System.Globalization;

namespace EksNode.Configuration.Expressions;

/// <summary>Reads an expression. The grammar is that of the CEL language definition, "Syntax"; macros become nodes here.</summary>
internal sealed class CelParser(string text)
{
    /// <summary>How deep an expression may be nested. Bounds the recursion of everything that visits it.</summary>
    public const int DeepestNesting = 250;

    private static readonly string[] Relations = ["==", "!=", "<=", ">=", "<", ">"];
    private static readonly string[] Additions = ["+", "-"];
    private static readonly string[] Multiplications = ["*", "/", "%"];

    // The CEL language definition keeps these words for languages around it.
    private static readonly string[] ReservedWords =
    [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "in", "let", "loop", "package",
        "namespace", "return", "var", "void", "while",
    ];

    private readonly List<CelToken> tokens = new CelLexer(text).ReadAll();
    private int at;
    private int nesting;

    private CelToken Current => tokens[at];

    /// <summary>The whole text as one expression.</summary>
    public CelNode ReadAll()
    {
        var node = Expression();
        return Current.Kind == CelTokenKind.End ? node : throw Unexpected("an operator or the end");
    }

    private static CelNode Checked(CelNode node) => node.Depth <= DeepestNesting
        ? node
        : throw TooDeep(node.Position);

    private static CelSyntaxError TooDeep(int position) =>
        new(string.Create(CultureInfo.InvariantCulture, $"the expression is nested deeper than {DeepestNesting} levels"), position);

    private static CelNode Call(int position, string function, params ImmutableArray<CelNode> arguments) =>
        Checked(new CelCallNode(position, function, isMember: false, arguments));

    private CelNode Expression()
    {
        if (++nesting > DeepestNesting)
        {
            throw TooDeep(Current.Position);
        }

        var condition = Binary(0);
        if (Current.Is("?"))
        {
            var position = Take().Position;
            var whenTrue = Binary(0);
            Expect(":");
            condition = Call(position, "?:", condition, whenTrue, Expression());
        }

        nesting--;
        return condition;
    }

    // Level 0 is ||, 1 &&, 2 relations, 3 + and -, 4 * / %.
    private CelNode Binary(int level)
    {
        if (level == 5)
        {
            return Unary();
        }

        var left = Binary(level + 1);
        while (IsOperator(level))
        {
            var symbol = Take();
            left = Call(symbol.Position, symbol.Text, left, Binary(level + 1));
        }

        return left;
    }

    private bool IsOperator(int level) => level switch
    {
        0 => Current.Is("||"),
        1 => Current.Is("&&"),
        2 => (Current.Kind == CelTokenKind.Symbol && Relations.Contains(Current.Text)) || IsWord("in"),
        3 => Current.Kind == CelTokenKind.Symbol && Additions.Contains(Current.Text),
        _ => Current.Kind == CelTokenKind.Symbol && Multiplications.Contains(Current.Text),
    };

    private bool IsWord(string word) => Current.Kind == CelTokenKind.Identifier && Current.Text == word;

    private CelNode Unary()
    {
        if ((!Current.Is("!") && !Current.Is("-")) || StartsNegativeInteger())
        {
            return Member();
        }

        var symbol = Current;
        var count = 0;
        while (Current.Is(symbol.Text))
        {
            at++;
            count++;
        }

        // Two of the same undo each other, but the operand must still be one that they apply to.
        var operand = Call(symbol.Position, symbol.Text, Member());
        return count % 2 == 1 ? operand : Call(symbol.Position, symbol.Text, operand);
    }

    // The sign belongs to the literal: 9223372036854775808 is an int only with it.
    private bool StartsNegativeInteger() =>
        Current.Is("-") && tokens[at + 1] is { Kind: CelTokenKind.Literal, Value: null };

    private CelNode Member()
    {
        var node = Primary();
        while (true)
        {
            var position = Current.Position;
            if (Current.Is("."))
            {
                at++;
                var field = Current;
                var isName = field.Kind == CelTokenKind.Identifier && field.Text is not ("in" or "true" or "false" or "null");
                if (!isName && field.Kind != CelTokenKind.QuotedField)
                {
                    throw Unexpected("a field or a function");
                }

                at++;
                node = isName && Current.Is("(") ? Method(field, node) : Checked(new CelSelectNode(position, node, field.Text, testOnly: false));
            }
            else if (Current.Is("["))
            {
                Take();
                var index = Expression();
                Expect("]");
                node = Call(position, "[]", node, index);
            }
            else if (Current.Is("{") && node is CelIdentifierNode or CelSelectNode { QualifiedName: not null })
            {
                throw new CelSyntaxError("messages cannot be made here; use a map literal", position);
            }
            else
            {
                return node;
            }
        }
    }

    private CelNode Method(CelToken name, CelNode target)
    {
        var arguments = Arguments();
        return CelMacros.Expand(name, target, arguments) is { } macro
            ? Checked(macro)
            : Checked(new CelCallNode(name.Position, name.Text, isMember: true, [target, .. arguments]));
    }

    private ImmutableArray<CelNode> Arguments()
    {
        Expect("(");
        var arguments = new List<CelNode>();
        while (!Current.Is(")"))
        {
            if (arguments.Count > 0)
            {
                Expect(",");
            }

            arguments.Add(Expression());
        }

        Take();
        return arguments.ToImmutable();
    }

    private CelNode Primary()
    {
        var token = Current;
        if (StartsNegativeInteger())
        {
            at += 2;
            return new CelLiteralNode(token.Position, Integer(tokens[at - 1], negative: true));
        }

        if (token.Is(".") && tokens[at + 1].Kind == CelTokenKind.Identifier)
        {
            at += 2;
            return Name(tokens[at - 1], isAbsolute: true);
        }

        if (token.Kind is CelTokenKind.End or CelTokenKind.QuotedField
            || (token.Kind == CelTokenKind.Symbol && token.Text is not ("(" or "[" or "{")))
        {
            throw Unexpected("a value");
        }

        at++;
        return (token.Kind, token.Text) switch
        {
            (CelTokenKind.Literal, _) => new CelLiteralNode(token.Position, token.Value ?? Integer(token, negative: false)),
            (CelTokenKind.Identifier, _) => Name(token, isAbsolute: false),
            (_, "(") => Parenthesized(),
            (_, "[") => ListLiteral(token),
            _ => MapLiteral(token),
        };
    }

    private CelNode Parenthesized()
    {
        var inner = Expression();
        Expect(")");
        return inner;
    }

    private CelNode Name(CelToken name, bool isAbsolute)
    {
        switch (name.Text)
        {
            case "true" or "false":
                return new CelLiteralNode(name.Position, CelBool.Of(name.Text == "true"));
            case "null":
                return new CelLiteralNode(name.Position, CelNull.Value);
        }

        if (ReservedWords.Contains(name.Text))
        {
            throw new CelSyntaxError($"`{name.Text}` is a reserved word", name.Position);
        }

        if (!Current.Is("("))
        {
            return new CelIdentifierNode(name.Position, name.Text, isAbsolute);
        }

        var arguments = Arguments();
        return name.Text == "has" && arguments.Length == 1
            ? Checked(CelMacros.Has(name, arguments[0]))
            : Call(name.Position, name.Text, arguments);
    }

    private static CelInt Integer(CelToken token, bool negative)
    {
        var limit = (ulong)long.MaxValue + (negative ? 1UL : 0UL);
        return CelLexer.TryMagnitude(token.Text, out var magnitude) && magnitude <= limit
            ? new CelInt(negative ? unchecked(-(long)magnitude) : (long)magnitude)
            : throw new CelSyntaxError($"{token.Text} is too large for an int", token.Position);
    }

    private CelListNode ListLiteral(CelToken open)
    {
        var items = new List<CelNode>();
        while (!Current.Is("]"))
        {
            items.Add(Expression());
            if (!Current.Is("]"))
            {
                Expect(",");
            }
        }

        Take();
        var node = new CelListNode(open.Position, items.ToImmutable());
        Checked(node);
        return node;
    }

    private CelMapNode MapLiteral(CelToken open)
    {
        var keys = new List<CelNode>();
        var values = new List<CelNode>();
        while (!Current.Is("}"))
        {
            keys.Add(Expression());
            Expect(":");
            values.Add(Expression());
            if (!Current.Is("}"))
            {
                Expect(",");
            }
        }

        Take();
        var node = new CelMapNode(open.Position, keys.ToImmutable(), values.ToImmutable());
        Checked(node);
        return node;
    }

    private CelToken Take() => tokens[at++];

    private void Expect(string symbol)
    {
        if (!Current.Is(symbol))
        {
            throw Unexpected($"`{symbol}`");
        }

        at++;
    }

    private CelSyntaxError Unexpected(string wanted)
    {
        var found = Current.Kind switch
        {
            CelTokenKind.End => "the expression ends",
            CelTokenKind.Literal when Current.Text.Length == 0 => "a string stands",
            _ => $"`{Current.Text}` stands",
        };
        return new CelSyntaxError($"{found} where {wanted} should be", Current.Position);
    }
}
