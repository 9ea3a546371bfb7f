using System.Collections.Immutable;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Expressions;

/// <summary>
/// Finds the type of every part of an expression. A part that is wrong is reported once and is <c>dyn</c> from there on, so that
/// one mistake gives one error.
/// </summary>
/// <param name="variables">The variables with their types.</param>
/// <param name="limits">Whether the functions of <see cref="CelLimits"/> are there.</param>
internal sealed class CelChecker(IReadOnlyDictionary<string, CelType> variables, bool limits = false)
{
    private readonly List<(string Name, CelType Type)> locals = [];
    private readonly List<(string Message, int Position)> errors = [];

    /// <summary>The errors so far.</summary>
    public IReadOnlyList<(string Message, int Position)> Errors => errors;

    /// <summary>The type of a node.</summary>
    public CelType Check(CelNode node) => node switch
    {
        CelLiteralNode literal => literal.Value.Type,
        CelIdentifierNode identifier => Identifier(identifier),
        CelSelectNode select => Select(select),
        CelCallNode call => Call(call),
        CelListNode list => CelType.List(Common(list.Items)),
        CelMapNode map => CelType.Map(Common(map.Keys), Common(map.Values)),
        CelComprehensionNode comprehension => Comprehension(comprehension),
        _ => throw new InvalidOperationException($"No rule for {node.GetType()}."),
    };

    private CelType Report(int position, string message)
    {
        errors.Add((message, position));
        return CelType.Dyn;
    }

    private CelType Identifier(CelIdentifierNode node)
    {
        if (locals.FindLastIndex(l => !node.IsAbsolute && l.Name == node.Name) is var local and >= 0)
        {
            return locals[local].Type;
        }

        if (variables.TryGetValue(node.Name, out var type))
        {
            return type;
        }

        if (CelTypeNames.Find(node.Name) is not null)
        {
            return CelType.Type;
        }

        var names = variables.Keys.Concat(locals.Select(l => l.Name));
        return Report(
            node.Position,
            $"there is no variable `{node.Name}`"
            + (Suggestions.Nearest(node.Name, names) is { } nearest ? $"; did you mean `{nearest}`?" : Known()));
    }

    private string Known() => variables.Count == 0
        ? ""
        : $"; there are {string.Join(", ", variables.Keys.Order(StringComparer.Ordinal).Select(v => $"`{v}`"))}";

    private CelType Select(CelSelectNode node)
    {
        if (node.QualifiedName is { } name && !locals.Exists(l => l.Name == node.Root))
        {
            if (variables.TryGetValue(name, out var type))
            {
                return type;
            }

            if (CelTypeNames.Find(name) is not null)
            {
                return CelType.Type;
            }
        }

        var operand = Check(node.Operand);
        var field = operand.Kind switch
        {
            CelTypeKind.Map => operand.Parameters[1],
            CelTypeKind.Dyn => CelType.Dyn,
            _ => Report(node.Position, $"{operand} has no fields, so there is no `{node.Field}`"),
        };
        return node.TestOnly ? CelType.Bool : field;
    }

    // The joined type of items that go together, otherwise dyn: [1, "a"] is a list of anything.
    private CelType Common(ImmutableArray<CelNode> nodes)
    {
        CelType? common = null;
        foreach (var node in nodes)
        {
            var type = Check(node);
            common = common is null ? type : CelTypeRules.Join(common, type) ?? CelType.Dyn;
        }

        return common ?? CelType.Dyn;
    }

    private CelType Call(CelCallNode node)
    {
        var arguments = new CelType[node.Arguments.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = Check(node.Arguments[i]);
        }

        if (node.Function == "matches")
        {
            return Report(
                node.Position,
                "matches() is not supported: eksnode has no regular expressions; use contains(), startsWith() or endsWith()");
        }

        var overloads = limits ? CelLimits.Find(node.Function) : [];
        overloads = overloads.IsEmpty ? CelFunctions.Find(node.Function) : overloads;
        if (overloads.IsEmpty)
        {
            return Report(
                node.Position,
                $"there is no function `{node.Function}`"
                + (!limits && !node.IsMember && CelLimits.Names.Contains(node.Function) ? "; `spec.maxPods.expression` has it"
                    : Suggestions.Nearest(node.Function, limits ? CelFunctions.Names.Concat(CelLimits.Names) : CelFunctions.Names) is { } nearest
                    ? $"; did you mean `{nearest}`?"
                    : $"; only the standard library of CEL is available{(limits ? ", and min, max and clamp" : "")}"));
        }

        CelType? result = null;
        foreach (var overload in overloads)
        {
            if (overload.IsMember == node.IsMember && CelTypeRules.Match(overload, arguments) is { } type)
            {
                result = result is null || result == type ? type : CelType.Dyn;
            }
        }

        return result ?? Report(node.Position, NoOverload(node, overloads, arguments));
    }

    private static string NoOverload(CelCallNode node, ImmutableArray<CelOverload> overloads, CelType[] arguments)
    {
        if (!char.IsAsciiLetter(node.Function[0]) || node.Function == "in")
        {
            return OperatorRefuses(node.Function, arguments);
        }

        if (overloads.All(o => o.IsMember != node.IsMember))
        {
            return node.IsMember
                ? $"{node.Function}() is called as {node.Function}(x)"
                : $"{node.Function}() is called as x.{node.Function}(…)";
        }

        var types = string.Join(", ", arguments.Skip(node.IsMember ? 1 : 0).Select(a => a.ToString()));
        return node.IsMember ? $"{arguments[0]} has no {node.Function}({types})" : $"{node.Function}() does not take ({types})";
    }

    private static string OperatorRefuses(string symbol, CelType[] arguments) => (symbol, arguments) switch
    {
        ("?:", [{ Kind: not (CelTypeKind.Bool or CelTypeKind.Dyn) }, ..]) => $"the condition of `?:` is {arguments[0]}, not bool",
        ("?:", _) => $"the two results of `?:` have different types: {arguments[1]} and {arguments[2]}",
        ("[]", _) => $"{arguments[0]} cannot be indexed with {arguments[1]}",
        (_, [var only]) => $"`{symbol}` cannot be applied to {only}",
        (_, [var left, var right]) when left != right && IsNumber(left) && IsNumber(right) =>
            $"`{symbol}` cannot be applied to {left} and {right}; convert one of them with {left}() or {right}()",
        _ => $"`{symbol}` cannot be applied to {arguments[0]} and {arguments[1]}",
    };

    private static bool IsNumber(CelType type) => type.Kind is CelTypeKind.Int or CelTypeKind.Uint or CelTypeKind.Double;

    private CelType Comprehension(CelComprehensionNode node)
    {
        var range = Check(node.Range);
        var item = range.Kind switch
        {
            CelTypeKind.List or CelTypeKind.Map => range.Parameters[0],
            CelTypeKind.Dyn => CelType.Dyn,
            _ => Report(node.Range.Position, $"{node.Macro.Name()}() visits a list or a map, not {range}"),
        };
        locals.Add((node.Variable, item));
        if (node.Predicate is { } predicate && Check(predicate) is { Kind: not (CelTypeKind.Bool or CelTypeKind.Dyn) } wrong)
        {
            Report(predicate.Position, $"the condition of {node.Macro.Name()}() is {wrong}, not bool");
        }

        var transformed = node.Transform is { } transform ? Check(transform) : item;
        locals.RemoveAt(locals.Count - 1);
        return node.Macro is CelMacro.Map or CelMacro.Filter ? CelType.List(transformed) : CelType.Bool;
    }
}
