using EksNode.Configuration.Expressions;

namespace EksNode.Configuration.Tests.Expressions;

internal static class CelTesting
{
    public static readonly Dictionary<string, CelValue> Values = new()
    {
        ["i"] = new CelInt(7),
        ["d"] = new CelDouble(2.5),
        ["s"] = new CelString("node"),
        ["any"] = new CelInt(3),
        ["a.b"] = new CelInt(9),
    };

    public static readonly Dictionary<string, CelType> Types = new()
    {
        ["i"] = CelType.Int,
        ["d"] = CelType.Double,
        ["s"] = CelType.String,
        ["any"] = CelType.Dyn,
        ["a.b"] = CelType.Int,
    };

    /// <summary>Parses, checks and evaluates; the text of the value, or of the error with its stage.</summary>
    public static string Run(string text)
    {
        var parsed = CelExpression.Parse(text);
        if (parsed.Expression is not { } expression)
        {
            return "parse " + parsed.Error;
        }

        var check = expression.Check(Types);
        return check.Errors is [var error, ..] ? "check " + error : RunUnchecked(expression);
    }

    public static string RunUnchecked(CelExpression expression)
    {
        var result = expression.Evaluate(Values);
        return result.Value?.ToString() ?? "run " + result.Error;
    }
}
