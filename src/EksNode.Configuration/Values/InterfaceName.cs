namespace EksNode.Configuration.Values;

/// <summary>The name of a network interface, as Linux accepts it.</summary>
public static class InterfaceName
{
    // IFNAMSIZ is 16 with the terminating zero.
    private const int LongestName = 15;

    /// <summary>Reads a name; it becomes part of a path under <c>/sys</c>, so it holds nothing that leads elsewhere.</summary>
    public static ValueResult<string> Parse(string text)
    {
        if (text.Length is 0 or > LongestName)
        {
            return new ValueProblem(
                $"The interface name {Quoted.Text(text)} has {text.Length} characters.", $"A name has 1 to {LongestName} characters.");
        }

        if (text is "." or ".." || text.Contains("..", StringComparison.Ordinal))
        {
            return new ValueProblem($"The interface name {Quoted.Text(text)} is a path.", "Write a name such as `eth0` or `ens5`.");
        }

        foreach (var character in text)
        {
            if (character is '/' or ':' or '%' || char.IsWhiteSpace(character) || char.IsControl(character) || character > '~')
            {
                return new ValueProblem(
                    $"The interface name {Quoted.Text(text)} has the character {Quoted.Text(character.ToString())}.",
                    "Write a name such as `eth0` or `ens5`.");
            }
        }

        return text;
    }
}
