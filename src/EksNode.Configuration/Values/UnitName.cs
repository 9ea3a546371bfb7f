namespace EksNode.Configuration.Values;

/// <summary>The name of a systemd unit with its suffix: <c>auditd.service</c>, <c>ebs-initialize-bin@kubelet.service</c>.</summary>
public static class UnitName
{
    private const int Longest = 255; // UNIT_NAME_MAX of systemd, without the terminating zero

    private static readonly string[] Suffixes =
        ["service", "socket", "device", "mount", "automount", "swap", "target", "path", "timer", "slice", "scope"];

    /// <summary>Reads a name. Grammar: systemd.unit(5), "Description".</summary>
    public static ValueResult<string> Parse(string text)
    {
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not (':' or '-' or '_' or '.' or '\\' or '@'))
            {
                return new ValueProblem(
                    $"{Quoted.Text(text)} is not the name of a unit: it has the character {Quoted.Text(character.ToString())}.",
                    "Write the name that `systemctl list-units` shows, without a path.");
            }
        }

        var dot = text.LastIndexOf('.');
        return dot <= 0 || !Suffixes.Contains(text[(dot + 1)..]) || text.Length > Longest || text[0] == '@'
            ? new ValueProblem(
                $"{Quoted.Text(text)} is not the name of a unit.",
                dot < 0 ? $"Write it with its suffix: {Quoted.Text(text + ".service")}." : "It ends in `.service`, `.socket`, `.timer` or another suffix of systemd.")
            : text;
    }
}
