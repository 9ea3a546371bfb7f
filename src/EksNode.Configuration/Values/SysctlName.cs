namespace EksNode.Configuration.Values;

/// <summary>The name of a setting of the kernel below <c>/proc/sys</c>: <c>net.ipv4.ip_forward</c>.</summary>
public static class SysctlName
{
    private const string Folder = "/proc/sys/";
    private const int LongestValue = 4095;

    /// <summary>
    /// Reads a name. As in sysctl.d(5), the first separator says what separates: a dot, and then a slash is a dot of a name
    /// (<c>net.ipv4.conf.eth0/100.rp_filter</c>), or a slash, and then dots are part of a name. The result has slashes where a name has a
    /// dot in it, and dots elsewhere, so that one setting has one name.
    /// </summary>
    public static ValueResult<string> Parse(string text)
    {
        const string help = "Write a name such as `net.ipv4.ip_forward`, as `sysctl -a` prints it.";
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('.' or '/' or '-' or '_' or ':' or '@'))
            {
                return new ValueProblem(
                    $"The kernel setting {Quoted.Text(text)} has the character {Quoted.Text(character.ToString())}.",
                    character == '*' ? "Write each setting by itself: patterns are not taken." : help);
            }
        }

        var path = text.StartsWith(Folder, StringComparison.Ordinal) ? text[Folder.Length..] : text;
        var first = path.AsSpan().IndexOfAny('.', '/');
        var segments = first >= 0 && path[first] == '.' ? path.Split('.') : path.Split('/');
        var hasDot = false;
        for (var i = 0; i < segments.Length; i++)
        {
            segments[i] = first >= 0 && path[first] == '.' ? segments[i].Replace('/', '.') : segments[i];
            hasDot |= segments[i].Contains('.', StringComparison.Ordinal);
            if (segments[i] is "" or "." or "..")
            {
                return new ValueProblem($"The kernel setting {Quoted.Text(text)} has an empty part, `.` or `..` in it.", help);
            }
        }

        return segments.Length < 2
            ? new ValueProblem($"The kernel setting {Quoted.Text(text)} is not a whole name.", help)
            : string.Join(hasDot ? '/' : '.', segments);
    }

    /// <summary>Reads a value: one line, as the kernel takes it; runs of white space count as one space.</summary>
    public static ValueResult<string> ParseValue(string text)
    {
        foreach (var character in text)
        {
            if (char.IsControl(character) && character != '\t')
            {
                return new ValueProblem(
                    character == '\n' ? "The value of a kernel setting has a line break in it." : $"The value of a kernel setting has the control character U+{(int)character:X4}.",
                    "Write it on one line, as `sysctl` prints it.");
            }
        }

        var value = Normalise(text);
        return value.Length is 0 or > LongestValue
            ? new ValueProblem(value.Length == 0 ? "The value of a kernel setting is empty." : "The value of a kernel setting is too long.", "Write it as `sysctl` prints it.")
            : value;
    }

    /// <summary>A value as it is compared: the kernel separates numbers by tabs and ends a value with a line feed.</summary>
    public static string Normalise(string value) => string.Join(' ', value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Where the kernel shows a setting: <c>/proc/sys/net/ipv4/ip_forward</c>.</summary>
    /// <param name="name">The name, as <see cref="Parse"/> gives it.</param>
    public static string PathOf(string name) => Folder + (name.Contains('/', StringComparison.Ordinal) ? name : name.Replace('.', '/'));
}
