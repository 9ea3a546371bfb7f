using System.Buffers;
using System.Text;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Kubelet;

/// <summary>
/// The environment file of <c>kubelet.service</c>. The unit runs <c>/usr/bin/kubelet $NODEADM_KUBELET_ARGS</c>: systemd first reads the
/// file, taking off one level of quotes and backslashes (systemd.exec(5), EnvironmentFile=), then splits the value at white space,
/// taking off another one (systemd.service(5), "Command lines"). Both levels are written here, so that each argument arrives as it is.
/// </summary>
internal static class KubeletEnvironmentFile
{
    /// <summary>The variable that holds the arguments.</summary>
    public const string ArgumentsVariable = "NODEADM_KUBELET_ARGS";

    /// <summary>The variable by which a kubelet older than 1.30 reads drop-ins (KEP-3983: alpha until 1.29, on by default since 1.30).</summary>
    public const string DropInVariable = "KUBELET_CONFIG_DROPIN_DIR_ALPHA";

    private static readonly SearchValues<char> Special = SearchValues.Create(" \t\n\"'\\");

    /// <summary>The file's text.</summary>
    /// <param name="arguments">The arguments; without control characters other than tab and line feed.</param>
    /// <param name="alphaDropIns">Whether the kubelet must be told to read drop-ins.</param>
    public static string Text(IEnumerable<Sourced<string>> arguments, bool alphaDropIns)
    {
        var value = string.Join(' ', arguments.Select(a => Word(a.Value)));
        var text = $"{ArgumentsVariable}={FileValue(value)}\n";
        return alphaDropIns ? text + DropInVariable + "=on\n" : text;
    }

    /// <summary>One word of the value: in double quotes when it needs them, where a backslash keeps the next character.</summary>
    public static string Word(string argument) =>
        argument.Length > 0 && !argument.AsSpan().ContainsAny(Special)
            ? argument
            : "\"" + Escape(argument, "\"\\") + "\"";

    // The value in the file: outside of quotes a backslash keeps the next character, and quotes that are not at the beginning are
    // ordinary characters. A line feed can only stand within quotes.
    private static string FileValue(string value) =>
        value.StartsWith('"') || value.Contains('\n', StringComparison.Ordinal)
            ? "\"" + Escape(value, "\"\\`$") + "\""
            : Escape(value, "\\");

    private static string Escape(string text, string special)
    {
        var escaped = new StringBuilder(text.Length + 8);
        foreach (var character in text)
        {
            if (special.Contains(character, StringComparison.Ordinal))
            {
                escaped.Append('\\');
            }

            escaped.Append(character);
        }

        return escaped.ToString();
    }
}
