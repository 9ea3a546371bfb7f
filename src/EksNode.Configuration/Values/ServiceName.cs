namespace EksNode.Configuration.Values;

/// <summary>A systemd service's name without its suffix: <c>kubelet</c>, <c>getty@tty1</c>.</summary>
public static class ServiceName
{
    // UNIT_NAME_MAX of systemd is 256 with the terminating zero; ".service" takes 8.
    private const int LongestName = 255 - 8;

    private static readonly string[] OtherSuffixes =
        [".socket", ".timer", ".mount", ".target", ".slice", ".path", ".device", ".scope", ".swap", ".automount"];

    /// <summary>Reads a name; it becomes part of a path, so it holds nothing that leads elsewhere. Source: systemd.unit(5).</summary>
    public static ValueResult<string> Parse(string text)
    {
        if (text.Length == 0)
        {
            return new ValueProblem("A service name is empty.", "Write the name of a service, such as `kubelet`, or `default` for all.");
        }

        if (text.EndsWith(".service", StringComparison.Ordinal))
        {
            return new ValueProblem(
                $"The service name {Quoted.Text(text)} has the suffix `.service`.",
                $"Did you mean {Quoted.Text(text[..^".service".Length])}?");
        }

        if (Array.Find(OtherSuffixes, s => text.EndsWith(s, StringComparison.Ordinal)) is { } suffix)
        {
            return new ValueProblem($"{Quoted.Text(text)} is not a service but a unit of type `{suffix[1..]}`.", "Only services have an environment.");
        }

        if (text is "." or ".." || text.Contains("..", StringComparison.Ordinal))
        {
            return new ValueProblem($"The service name {Quoted.Text(text)} has `..` in it.", "Write the name of a service, such as `kubelet`.");
        }

        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not (':' or '-' or '_' or '.' or '\\' or '@'))
            {
                return new ValueProblem(
                    $"The service name {Quoted.Text(text)} has the character {Quoted.Text(character.ToString())}.",
                    "Write letters, digits and `:-_.@` only, without a path.");
            }
        }

        return text.Length > LongestName
            ? new ValueProblem($"The service name {Quoted.Text(text)} is too long.", $"A name has at most {LongestName} characters.")
            : text;
    }
}
