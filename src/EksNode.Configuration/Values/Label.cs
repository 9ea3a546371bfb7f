namespace EksNode.Configuration.Values;

/// <summary>A Kubernetes label.</summary>
/// <param name="Key">The key: <c>[prefix/]name</c>.</param>
/// <param name="Value">The value; may be empty.</param>
/// <remarks>Syntax: Kubernetes documentation, Labels and Selectors.</remarks>
public sealed record Label(string Key, string Value)
{
    private const int LongestName = 63;

    /// <summary>The key's part before the slash, or empty.</summary>
    public string Prefix => Key.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? Key[..slash] : "";

    /// <summary>Reads <c>key=value</c>.</summary>
    public static ValueResult<Label> Parse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
        {
            return new ValueProblem(
                $"The label {Quoted.Text(text)} has no `=`.",
                text.Contains(':', StringComparison.Ordinal) ? $"Did you mean `{text.Replace(':', '=')}`?" : "Write `key=value`; the value may be empty.");
        }

        var (key, value) = (text[..equals], text[(equals + 1)..]);
        return ParseKey(key).TryGet(out _, out var problem) && ParseValue(value).TryGet(out _, out problem)
            ? new Label(key, value)
            : problem;
    }

    /// <summary>Reads a label's (or taint's) key.</summary>
    public static ValueResult<string> ParseKey(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0 && !DomainName.IsLowerCaseSubdomain(text.AsSpan(0, slash)))
        {
            return new ValueProblem(
                $"The label key {Quoted.Text(text)} has a bad prefix.", "What stands before `/` is a DNS name in lower case, such as `example.com`.");
        }

        var name = text[(slash + 1)..];
        return NameProblem(name) is { } why
            ? new ValueProblem(
                $"The label key {Quoted.Text(text)} is not valid: {why}.",
                "A name has 1 to 63 letters, digits, `-`, `_` or `.`, and begins and ends with a letter or digit.")
            : text;
    }

    /// <summary>Reads a label's (or taint's) value; an empty one is valid.</summary>
    public static ValueResult<string> ParseValue(string text) =>
        text.Length > 0 && NameProblem(text) is { } why
            ? new ValueProblem(
                $"The label value {Quoted.Text(text)} is not valid: {why}.",
                "A value has at most 63 letters, digits, `-`, `_` or `.`, and begins and ends with a letter or digit.")
            : text;

    private static string? NameProblem(string name)
    {
        if (name.Length == 0)
        {
            return "its name is empty";
        }

        if (name.Length > LongestName)
        {
            return $"it has {name.Length} characters";
        }

        foreach (var character in name)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.'))
            {
                return $"it has the character {Quoted.Text(character.ToString())}";
            }
        }

        return char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1])
            ? null
            : "it begins or ends with another character than a letter or digit";
    }
}
