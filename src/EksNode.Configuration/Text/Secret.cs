namespace EksNode.Configuration.Text;

/// <summary>
/// A value that must not be printed: its text form is redacted. Nothing but the writer of the file that needs it calls
/// <see cref="Reveal"/>.
/// </summary>
/// <param name="value">The value.</param>
public sealed class Secret(string value) : IEquatable<Secret>
{
    /// <summary>What is printed instead of a secret.</summary>
    public const string Redacted = "<redacted>";

    private readonly string value = value;

    /// <summary>The value itself.</summary>
    public string Reveal() => value;

    /// <inheritdoc/>
    public override string ToString() => Redacted;

    /// <inheritdoc/>
    public bool Equals(Secret? other) => other is not null && value == other.value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Secret);

    /// <inheritdoc/>
    public override int GetHashCode() => value.GetHashCode(StringComparison.Ordinal);
}
