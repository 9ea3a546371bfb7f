using System.Globalization;
using System.Text;

namespace EksNode.Planning.Sysconfig;

/// <summary>An assignment in <c>Environment=</c> or <c>DefaultEnvironment=</c>.</summary>
/// <remarks>
/// systemd takes off the quotes and C escapes first (systemd.syntax(7), "Quoting"), then expands specifiers, which begin with a
/// percent sign (systemd.unit(5), "Specifiers"). A dollar sign has no meaning there (systemd.exec(5), Environment=).
/// </remarks>
internal static class SystemdAssignment
{
    /// <summary><c>"NAME=value"</c> on one line, so that the variable has exactly this value.</summary>
    public static string Quote(string name, string value)
    {
        var quoted = new StringBuilder(name.Length + value.Length + 3).Append('"');
        Append(quoted, name);
        quoted.Append('=');
        Append(quoted, value);
        return quoted.Append('"').ToString();
    }

    private static void Append(StringBuilder quoted, string text)
    {
        foreach (var character in text)
        {
            switch (character)
            {
                case '"' or '\\':
                    quoted.Append('\\').Append(character);
                    break;
                case '%':
                    quoted.Append("%%");
                    break;
                case '\n':
                    quoted.Append("\\n");
                    break;
                case '\t':
                    quoted.Append("\\t");
                    break;
                case < ' ' or '\x7f':
                    quoted.Append("\\x").Append(((int)character).ToString("x2", CultureInfo.InvariantCulture));
                    break;
                default:
                    quoted.Append(character);
                    break;
            }
        }
    }
}
