namespace EksNode.Configuration.Values;

/// <summary>Why a text is not a value of its type.</summary>
/// <param name="Message">One sentence that says what is wrong; it quotes the text without its secrets.</param>
/// <param name="Help">One sentence that says what to write instead.</param>
public sealed record ValueProblem(string Message, string Help);

/// <summary>A value read from text, or why there is none.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public readonly struct ValueResult<T>
{
    private readonly T? value;

    private ValueResult(T? value, ValueProblem? problem)
    {
        this.value = value;
        Problem = problem;
    }

    /// <summary>Why there is no value; null when there is one.</summary>
    public ValueProblem? Problem { get; }

    /// <summary>Whether there is a value.</summary>
    public bool IsValid => Problem is null;

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public T Value => Problem is null && value is not null ? value : throw new InvalidOperationException("The text was not valid.");

    /// <summary>Gets the value, or why there is none.</summary>
    /// <param name="read">The value.</param>
    /// <param name="problem">Why there is none.</param>
    /// <returns>Whether there is a value.</returns>
    public bool TryGet(
        [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T read,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out ValueProblem? problem)
    {
        (read, problem) = (value, Problem);
        return Problem is null;
    }

    /// <summary>A valid value.</summary>
    public static implicit operator ValueResult<T>(T value) => new(value, null);

    /// <summary>No value.</summary>
    public static implicit operator ValueResult<T>(ValueProblem problem) => new(default, problem);
}
