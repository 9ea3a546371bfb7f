using System.Collections.Immutable;

namespace EksNode.Configuration.Expressions;

/// <summary>The macros of the CEL standard library. A call with another number of arguments is an ordinary call.</summary>
internal static class CelMacros
{
    /// <summary><c>has(a.b)</c>.</summary>
    public static CelSelectNode Has(CelToken name, CelNode argument) => argument is CelSelectNode { TestOnly: false } select
        ? new CelSelectNode(name.Position, select.Operand, select.Field, testOnly: true)
        : throw new CelSyntaxError("has() takes a field, as in has(a.b)", argument.Position);

    /// <summary>The node for <c>range.name(variable, …)</c>, or null when this is no macro.</summary>
    public static CelComprehensionNode? Expand(CelToken name, CelNode range, ImmutableArray<CelNode> arguments)
    {
        (CelMacro Macro, CelNode? Predicate, CelNode? Transform)? parts = (name.Text, arguments.Length) switch
        {
            ("all", 2) => (CelMacro.All, arguments[1], null),
            ("exists", 2) => (CelMacro.Exists, arguments[1], null),
            ("exists_one" or "existsOne", 2) => (CelMacro.ExistsOne, arguments[1], null),
            ("filter", 2) => (CelMacro.Filter, arguments[1], null),
            ("map", 2) => (CelMacro.Map, null, arguments[1]),
            ("map", 3) => (CelMacro.Map, arguments[1], arguments[2]),
            _ => null,
        };
        if (parts is not { } found)
        {
            return null;
        }

        return arguments[0] is CelIdentifierNode { IsAbsolute: false } variable
            ? new CelComprehensionNode(name.Position, found.Macro, range, variable.Name, found.Predicate, found.Transform)
            : throw new CelSyntaxError($"the first argument of {name.Text}() is the name of a variable", arguments[0].Position);
    }
}
