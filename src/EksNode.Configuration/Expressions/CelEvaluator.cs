using System.Collections.Immutable;

namespace EksNode.Configuration.Expressions;

/// <summary>Evaluates an expression. Failures are values here, so that <c>||</c>, <c>&amp;&amp;</c>, all() and exists() can absorb them.</summary>
/// <param name="variables">The variables with their values.</param>
/// <param name="budget">What the work is taken from.</param>
/// <param name="limits">Whether the functions of <see cref="CelLimits"/> are there.</param>
internal sealed class CelEvaluator(IReadOnlyDictionary<string, CelValue> variables, CelBudget budget, bool limits = false)
{
    private readonly List<(string Name, CelValue Value)> locals = [];

    /// <summary>The value of a node, or a <see cref="CelFailure"/>.</summary>
    public CelValue Evaluate(CelNode node)
    {
        if (!budget.Spend(1))
        {
            return new CelFailure("the expression takes too many steps", node.Position);
        }

        var value = node switch
        {
            CelLiteralNode literal => literal.Value,
            CelIdentifierNode identifier => Identifier(identifier),
            CelSelectNode select => Select(select),
            CelCallNode { Function: "&&" } call => Logical(call, absorbing: false),
            CelCallNode { Function: "||" } call => Logical(call, absorbing: true),
            CelCallNode { Function: "?:" } call => Conditional(call),
            CelCallNode call => Call(call),
            CelListNode list => List(list),
            CelMapNode map => Map(map),
            CelComprehensionNode comprehension => Comprehension(comprehension),
            _ => throw new InvalidOperationException($"No rule for {node.GetType()}."),
        };
        return value is CelFailure { Position: < 0 } failure ? new CelFailure(failure.Message, node.Position) : value;
    }

    private CelValue Identifier(CelIdentifierNode node) =>
        locals.FindLastIndex(l => !node.IsAbsolute && l.Name == node.Name) is var local and >= 0 ? locals[local].Value
        : variables.TryGetValue(node.Name, out var value) ? value
        : CelTypeNames.Find(node.Name) ?? (CelValue)new CelFailure($"there is no variable `{node.Name}`");

    private CelValue Select(CelSelectNode node)
    {
        if (node.QualifiedName is { } name && !locals.Exists(l => l.Name == node.Root))
        {
            if (variables.TryGetValue(name, out var variable))
            {
                return variable;
            }

            if (CelTypeNames.Find(name) is { } type)
            {
                return type;
            }
        }

        var operand = Evaluate(node.Operand);
        if (operand is CelFailure)
        {
            return operand;
        }

        if (operand is not CelMap map)
        {
            return new CelFailure($"{operand.Type.Name} has no fields, so there is no `{node.Field}`");
        }

        var value = map.Find(new CelString(node.Field));
        return node.TestOnly ? CelBool.Of(value is not null) : value ?? new CelFailure($"the map has no key \"{node.Field}\"");
    }

    // One side decides alone: true for ||, false for &&; then a failure of the other side does not matter.
    private CelValue Logical(CelCallNode node, bool absorbing)
    {
        var left = Evaluate(node.Arguments[0]);
        if (left is CelBool l && l.Value == absorbing)
        {
            return left;
        }

        var right = Evaluate(node.Arguments[1]);
        if (right is CelBool r && r.Value == absorbing)
        {
            return right;
        }

        if (left is CelFailure || right is CelFailure)
        {
            return left is CelFailure ? left : right;
        }

        return left is CelBool && right is CelBool
            ? right
            : new CelFailure($"`{node.Function}` cannot be applied to ({left.Type.Name}, {right.Type.Name})");
    }

    private CelValue Conditional(CelCallNode node) => Evaluate(node.Arguments[0]) switch
    {
        CelFailure failure => failure,
        CelBool condition => Evaluate(node.Arguments[condition.Value ? 1 : 2]),
        var other => new CelFailure($"the condition of `?:` is {other.Type.Name}, not bool"),
    };

    private CelValue Call(CelCallNode node)
    {
        var arguments = new CelValue[node.Arguments.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = Evaluate(node.Arguments[i]);
            if (arguments[i] is CelFailure)
            {
                return arguments[i];
            }
        }

        return limits && !node.IsMember && CelLimits.Names.Contains(node.Function) && CelLimits.Apply(node.Function, arguments) is { } limited
            ? limited
            : CelOperators.Apply(node.Function, node.IsMember, arguments, budget);
    }

    private CelValue List(CelListNode node)
    {
        var items = new List<CelValue>(node.Items.Length);
        foreach (var item in node.Items)
        {
            var value = Evaluate(item);
            if (value is CelFailure)
            {
                return value;
            }

            items.Add(value);
        }

        return new CelList(items.ToImmutable());
    }

    private CelValue Map(CelMapNode node)
    {
        var entries = new List<KeyValuePair<CelValue, CelValue>>(node.Keys.Length);
        for (var i = 0; i < node.Keys.Length; i++)
        {
            var key = Evaluate(node.Keys[i]);
            if (key is CelFailure)
            {
                return key;
            }

            var value = Evaluate(node.Values[i]);
            if (value is CelFailure)
            {
                return value;
            }

            entries.Add(new(key, value));
        }

        return CelMap.Create(entries.ToImmutable(), out var reason) ?? (CelValue)new CelFailure(reason!);
    }

    private CelValue Comprehension(CelComprehensionNode node)
    {
        var range = Evaluate(node.Range);
        if (range is CelFailure)
        {
            return range;
        }

        var items = range switch
        {
            CelList list => list.Items,
            CelMap map => [.. map.Entries.Select(e => e.Key)],
            _ => default,
        };
        if (items.IsDefault)
        {
            return new CelFailure($"{node.Macro.Name()}() visits a list or a map, not {range.Type.Name}");
        }

        return node.Macro switch
        {
            CelMacro.All => Quantify(node, items, absorbing: false),
            CelMacro.Exists => Quantify(node, items, absorbing: true),
            CelMacro.ExistsOne => ExactlyOne(node, items),
            _ => Collect(node, items),
        };
    }

    private CelValue With(CelComprehensionNode node, CelValue item, CelNode body)
    {
        locals.Add((node.Variable, item));
        var value = Evaluate(body);
        locals.RemoveAt(locals.Count - 1);
        return value;
    }

    private CelValue Condition(CelComprehensionNode node, CelValue item) => With(node, item, node.Predicate!) switch
    {
        CelBool condition => condition,
        CelFailure failure => failure,
        var other => new CelFailure($"the condition of {node.Macro.Name()}() is {other.Type.Name}, not bool"),
    };

    private CelValue Quantify(CelComprehensionNode node, ImmutableArray<CelValue> items, bool absorbing)
    {
        CelValue result = CelBool.Of(!absorbing);
        foreach (var item in items)
        {
            var condition = Condition(node, item);
            if (condition is CelBool b && b.Value == absorbing)
            {
                return b;
            }

            result = result is CelFailure ? result : condition;
        }

        return result;
    }

    private CelValue ExactlyOne(CelComprehensionNode node, ImmutableArray<CelValue> items)
    {
        var count = 0;
        foreach (var item in items)
        {
            switch (Condition(node, item))
            {
                case CelFailure failure:
                    return failure;
                case CelBool { Value: true }:
                    count++;
                    break;
            }
        }

        return CelBool.Of(count == 1);
    }

    private CelValue Collect(CelComprehensionNode node, ImmutableArray<CelValue> items)
    {
        var collected = new List<CelValue>();
        foreach (var item in items)
        {
            if (node.Predicate is not null)
            {
                var condition = Condition(node, item);
                if (condition is CelFailure)
                {
                    return condition;
                }

                if (condition is CelBool { Value: false })
                {
                    continue;
                }
            }

            var value = node.Transform is null ? item : With(node, item, node.Transform);
            if (value is CelFailure)
            {
                return value;
            }

            collected.Add(value);
        }

        return new CelList(collected.ToImmutable());
    }
}
