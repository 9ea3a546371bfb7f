namespace EksNode.Configuration.Expressions;

/// <summary>
/// Leaves the lexer or the parser at the first thing that cannot be read. It never leaves <see cref="CelExpression.Parse"/>.
/// </summary>
/// <param name="message">What is wrong, as a clause.</param>
/// <param name="position">Where in the text, from 0.</param>
internal sealed class CelSyntaxError(string message, int position) : Exception(message)
{
    /// <summary>Where in the text, from 0.</summary>
    public int Position { get; } = position;
}
