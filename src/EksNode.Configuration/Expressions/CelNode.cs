using System.Collections.Immutable;

namespace EksNode.Configuration.Expressions;

/// <summary>A node of a parsed expression.</summary>
/// <param name="position">Where it stands in the text, from 0: for an operator, where the operator is.</param>
/// <param name="depth">The length of the longest path down, from 1.</param>
internal abstract class CelNode(int position, int depth)
{
    /// <summary>Where it stands in the text, from 0.</summary>
    public int Position { get; } = position;

    /// <summary>The length of the longest path down, from 1. It bounds the recursion of checker and evaluator.</summary>
    public int Depth { get; } = depth;

    /// <summary>One more than the deepest of the nodes.</summary>
    protected static int Above(params ReadOnlySpan<CelNode?> nodes)
    {
        var depth = 0;
        foreach (var node in nodes)
        {
            depth = Math.Max(depth, node?.Depth ?? 0);
        }

        return depth + 1;
    }
}

/// <summary>A literal.</summary>
internal sealed class CelLiteralNode(int position, CelValue value) : CelNode(position, 1)
{
    public CelValue Value { get; } = value;
}

/// <summary>A name.</summary>
internal sealed class CelIdentifierNode(int position, string name, bool isAbsolute) : CelNode(position, 1)
{
    public string Name { get; } = name;

    /// <summary>Whether it is written with a leading dot: never the variable of a macro.</summary>
    public bool IsAbsolute { get; } = isAbsolute;
}

/// <summary>A field: <c>a.b</c>, or <c>has(a.b)</c>.</summary>
internal sealed class CelSelectNode(int position, CelNode operand, string field, bool testOnly) : CelNode(position, Above(operand))
{
    public CelNode Operand { get; } = operand;

    public string Field { get; } = field;

    /// <summary>Whether it only asks whether the field is there.</summary>
    public bool TestOnly { get; } = testOnly;

    /// <summary>The whole chain as a dotted name, when it begins with a name.</summary>
    public string? QualifiedName { get; } = testOnly
        ? null
        : operand switch
        {
            CelIdentifierNode identifier => $"{identifier.Name}.{field}",
            CelSelectNode { QualifiedName: { } name } => $"{name}.{field}",
            _ => null,
        };

    /// <summary>The first name of the chain, when it begins with one that a macro's variable can hide.</summary>
    public string? Root { get; } = operand switch
    {
        CelIdentifierNode { IsAbsolute: false } identifier => identifier.Name,
        CelSelectNode select => select.Root,
        _ => null,
    };
}

/// <summary>A call of a function, a method or an operator (<c>+</c>, <c>[]</c>, <c>?:</c>; a target counts as the first argument).</summary>
internal sealed class CelCallNode(int position, string function, bool isMember, ImmutableArray<CelNode> arguments)
    : CelNode(position, Above(arguments.AsSpan()))
{
    public string Function { get; } = function;

    /// <summary>Whether it is written <c>a.f(b)</c>.</summary>
    public bool IsMember { get; } = isMember;

    /// <summary>The arguments; of a method, the target first.</summary>
    public ImmutableArray<CelNode> Arguments { get; } = arguments;
}

/// <summary>A list literal.</summary>
internal sealed class CelListNode(int position, ImmutableArray<CelNode> items) : CelNode(position, Above(items.AsSpan()))
{
    public ImmutableArray<CelNode> Items { get; } = items;
}

/// <summary>A map literal.</summary>
internal sealed class CelMapNode(int position, ImmutableArray<CelNode> keys, ImmutableArray<CelNode> values)
    : CelNode(position, Math.Max(Above(keys.AsSpan()), Above(values.AsSpan())))
{
    public ImmutableArray<CelNode> Keys { get; } = keys;

    public ImmutableArray<CelNode> Values { get; } = values;
}

/// <summary>The macros that visit a list or the keys of a map.</summary>
internal enum CelMacro
{
    All,
    Exists,
    ExistsOne,
    Map,
    Filter,
}

/// <summary>A macro that visits a list or the keys of a map.</summary>
internal sealed class CelComprehensionNode(
    int position, CelMacro macro, CelNode range, string variable, CelNode? predicate, CelNode? transform)
    : CelNode(position, Above(range, predicate, transform))
{
    public CelMacro Macro { get; } = macro;

    public CelNode Range { get; } = range;

    public string Variable { get; } = variable;

    /// <summary>The condition; null for <c>map(x, t)</c>.</summary>
    public CelNode? Predicate { get; } = predicate;

    /// <summary>What <c>map</c> makes of an item; otherwise null.</summary>
    public CelNode? Transform { get; } = transform;
}
