using System.Globalization;

namespace EksNode.Configuration.Expressions;

/// <summary>
/// An expression of the Common Expression Language (<c>https://cel.dev</c>), with its standard library and macros, without
/// messages, regular expressions and named time zones. No input makes it throw, and parsing, checking and evaluating are bounded.
/// </summary>
public sealed class CelExpression
{
    /// <summary>The longest text of an expression, in UTF-16 code units.</summary>
    public const int LongestText = 16 * 1024;

    private const long StepsOfOneEvaluation = 500_000;

    private readonly CelNode root;

    private CelExpression(string text, CelNode root)
    {
        Text = text;
        this.root = root;
    }

    /// <summary>The text of the expression.</summary>
    public string Text { get; }

    /// <summary>Reads an expression.</summary>
    public static CelParseResult Parse(string text)
    {
        if (text.Length > LongestText)
        {
            return new CelParseResult(null, new CelError(
                string.Create(CultureInfo.InvariantCulture, $"the expression is longer than {LongestText} characters"), 1, 1));
        }

        try
        {
            return new CelParseResult(new CelExpression(text, new CelParser(text).ReadAll()), null);
        }
        catch (CelSyntaxError error)
        {
            return new CelParseResult(null, At(text, error.Message, error.Position));
        }
    }

    /// <summary>Checks types. A part whose type only evaluation can tell is <c>dyn</c> and not an error.</summary>
    /// <param name="variables">The variables that there are, with their types.</param>
    /// <param name="limits">Whether it may use <c>min</c>, <c>max</c> and <c>clamp</c>, which the standard library lacks.</param>
    public CelCheckResult Check(IReadOnlyDictionary<string, CelType> variables, bool limits = false)
    {
        var checker = new CelChecker(variables, limits);
        var type = checker.Check(root);
        return new CelCheckResult(
            type,
            [.. checker.Errors.OrderBy(e => e.Position).Select(e => At(Text, e.Message, e.Position))]);
    }

    /// <summary>Evaluates the expression, checked or not: what a check would have refused is an error here when it is reached.</summary>
    /// <param name="variables">The variables with their values.</param>
    /// <param name="limits">Whether it may use <c>min</c>, <c>max</c> and <c>clamp</c>.</param>
    public CelResult Evaluate(IReadOnlyDictionary<string, CelValue> variables, bool limits = false)
    {
        var budget = new CelBudget(StepsOfOneEvaluation);
        var value = new CelEvaluator(variables, budget, limits).Evaluate(root);
        if (budget.Exhausted)
        {
            return new CelResult(null, At(Text, "the expression takes too many steps", value is CelFailure f ? f.Position : root.Position));
        }

        return value is CelFailure failure ? new CelResult(null, At(Text, failure.Message, failure.Position)) : new CelResult(value, null);
    }

    /// <summary>An error at a position of a text.</summary>
    internal static CelError At(string text, string message, int position)
    {
        var before = text.AsSpan(0, Math.Clamp(position, 0, text.Length));
        return new CelError(message, before.Count('\n') + 1, before.Length - (before.LastIndexOf('\n') + 1) + 1);
    }
}
