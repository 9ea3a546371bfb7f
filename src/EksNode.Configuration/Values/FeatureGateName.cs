namespace EksNode.Configuration.Values;

/// <summary>The name of a feature gate: letters and digits, beginning with a letter in upper case.</summary>
public static class FeatureGateName
{
    /// <summary>Reads a name.</summary>
    public static ValueResult<string> Parse(string text)
    {
        if (text.Contains('=', StringComparison.Ordinal))
        {
            return new ValueProblem($"The feature gate {Quoted.Text(text)} has its value in its name.", "Write `Name: true`.");
        }

        if (text.Length == 0 || !char.IsAsciiLetterUpper(text[0]))
        {
            return new ValueProblem(
                $"{Quoted.Text(text)} is not the name of a feature gate.", "A name begins with a letter in upper case: `InstanceIdNodeName`.");
        }

        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character))
            {
                return new ValueProblem(
                    $"The feature gate {Quoted.Text(text)} has the character {Quoted.Text(character.ToString())}.", "Write letters and digits only.");
            }
        }

        return text;
    }
}
