using System.Collections.Immutable;

namespace EksNode.Configuration.Expressions;

/// <summary>What is wrong with an expression, and where.</summary>
/// <param name="Message">What is wrong, as a clause without a full stop.</param>
/// <param name="Line">The line within the expression, from 1.</param>
/// <param name="Column">The column within the line, from 1, in UTF-16 code units.</param>
public sealed record CelError(string Message, int Line, int Column)
{
    /// <summary><c>1:12: message</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Line}:{Column}: {Message}");
}

/// <summary>What parsing gives: an expression or an error.</summary>
/// <param name="Expression">The expression, when the text is one.</param>
/// <param name="Error">The error, when it is not.</param>
public sealed record CelParseResult(CelExpression? Expression, CelError? Error);

/// <summary>What checking gives.</summary>
/// <param name="Type">The type of the result; <c>dyn</c> where only evaluation tells.</param>
/// <param name="Errors">The errors, in the order of the text; empty when the expression is well typed.</param>
public sealed record CelCheckResult(CelType Type, ImmutableArray<CelError> Errors);

/// <summary>What evaluation gives: a value or an error.</summary>
/// <param name="Value">The value.</param>
/// <param name="Error">The error.</param>
public sealed record CelResult(CelValue? Value, CelError? Error);
