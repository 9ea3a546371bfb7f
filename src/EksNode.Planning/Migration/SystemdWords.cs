using System.Text;
using EksNode.Configuration.Values;

namespace EksNode.Planning.Migration;

/// <summary>A line of a unit file.</summary>
/// <param name="section">The section: <c>Service</c>.</param>
/// <param name="name">What is set: <c>LimitNOFILE</c>.</param>
/// <param name="value">The value, as it stands; empty: what was set before is taken back.</param>
public sealed class SystemdDirective(string section, string name, string value)
{
    /// <summary>The section: <c>Service</c>.</summary>
    public string Section { get; } = section;

    /// <summary>What is set: <c>LimitNOFILE</c>.</summary>
    public string Name { get; } = name;

    /// <summary>The value, as it stands; empty: what was set before is taken back.</summary>
    public string Value { get; } = value;
}

/// <summary>Reads the files of systemd: units, their drop-ins, and environment files.</summary>
public static class SystemdWords
{
    /// <summary>The value of a variable in an environment file; null: the file does not set it.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="variable">The variable's name.</param>
    public static string? Value(string text, string variable)
    {
        string? found = null;
        foreach (var (name, value) in Variables(text))
        {
            found = name == variable ? value : found;
        }

        return found;
    }

    /// <summary>
    /// The variables of an environment file (systemd.exec(5), EnvironmentFile=), in order; a line may begin with <c>export</c>, as in files
    /// that a shell reads.
    /// </summary>
    /// <param name="text">The file's text.</param>
    public static IEnumerable<(string Variable, string Value)> Variables(string text)
    {
        foreach (var line in text.Replace("\\\n", "", StringComparison.Ordinal).Split('\n'))
        {
            var trimmed = line.Trim();
            trimmed = trimmed.StartsWith("export ", StringComparison.Ordinal) ? trimmed["export ".Length..].TrimStart() : trimmed;
            var equals = trimmed.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && trimmed[0] is not ('#' or ';') && EnvironmentVariable.ParseName(trimmed[..equals]).IsValid)
            {
                yield return (trimmed[..equals], Unquoted(trimmed[(equals + 1)..].Trim()));
            }
        }
    }

    /// <summary>The lines of a unit file, or of a drop-in, in order (systemd.syntax(7)).</summary>
    /// <param name="unit">The file's text.</param>
    public static IEnumerable<SystemdDirective> Directives(string unit)
    {
        var section = "";
        foreach (var line in unit.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n'))
        {
            var trimmed = line.Trim();
            var equals = trimmed.IndexOf('=', StringComparison.Ordinal);
            if (trimmed.StartsWith('[') && trimmed.EndsWith(']'))
            {
                section = trimmed[1..^1];
            }
            else if (equals > 0 && trimmed[0] is not ('#' or ';'))
            {
                yield return new SystemdDirective(section, trimmed[..equals].TrimEnd(), trimmed[(equals + 1)..].TrimStart());
            }
        }
    }

    /// <summary>The values of <c>Environment=</c> of a unit's drop-in by variable: <c>Environment='KUBELET_ARGS=--v=2'</c>.</summary>
    /// <param name="unit">The drop-in's text.</param>
    public static IEnumerable<(string Variable, string Value)> Environment(string unit)
    {
        foreach (var directive in Directives(unit))
        {
            if (directive.Name == "Environment")
            {
                foreach (var (variable, value) in Assignments(directive.Value))
                {
                    yield return (variable, value ?? "");
                }
            }
        }
    }

    /// <summary>
    /// The variables of one <c>Environment=</c> or <c>DefaultEnvironment=</c>. Null in place of a value: it has a specifier (systemd.unit(5)),
    /// which systemd alone can resolve.
    /// </summary>
    /// <param name="value">What stands behind the equals sign.</param>
    public static IEnumerable<(string Variable, string? Value)> Assignments(string value)
    {
        foreach (var assignment in QuotedWords.Split(value, escapes: true))
        {
            var equals = assignment.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                var text = assignment[(equals + 1)..];
                var plain = text.Replace("%%", "", StringComparison.Ordinal);
                yield return (assignment[..equals], plain.Contains('%', StringComparison.Ordinal) ? null : text.Replace("%%", "%", StringComparison.Ordinal));
            }
        }
    }

    // Quotes count around the whole value only; elsewhere they are ordinary, and a backslash keeps the next character.
    private static string Unquoted(string value)
    {
        var isQuoted = value.Length >= 2 && value[0] is '"' or '\'' && value[^1] == value[0];
        if (isQuoted && value[0] == '\'')
        {
            return value[1..^1];
        }

        var inner = isQuoted ? value[1..^1] : value;
        var text = new StringBuilder(inner.Length);
        for (var i = 0; i < inner.Length; i++)
        {
            if (inner[i] == '\\' && i + 1 < inner.Length && (!isQuoted || inner[i + 1] is '"' or '\\' or '`' or '$'))
            {
                i++;
            }

            text.Append(inner[i]);
        }

        return text.ToString();
    }
}
