using System.Globalization;
using System.Text;

namespace EksNode.Planning.Cluster;

/// <summary>Strings as YAML scalars on one line.</summary>
internal static class YamlText
{
    /// <summary>In double quotes, escaped: whatever the string holds, it adds no line and ends no quote.</summary>
    public static string Quoted(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var character in text)
        {
            // Line and paragraph separators break a line in YAML 1.1.
            if (character is '"' or '\\')
            {
                quoted.Append('\\').Append(character);
            }
            else if (char.IsControl(character) || character is '\u2028' or '\u2029' or '\ufeff')
            {
                quoted.Append("\\u").Append(((int)character).ToString("x4", CultureInfo.InvariantCulture));
            }
            else
            {
                quoted.Append(character);
            }
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>As it is when it is a URL of ordinary characters, else in double quotes.</summary>
    public static string Scalar(string text)
    {
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not (':' or '/' or '.' or '-' or '_' or '[' or ']'))
            {
                return Quoted(text);
            }
        }

        return text.StartsWith("https://", StringComparison.Ordinal) && !text.EndsWith(':') ? text : Quoted(text);
    }
}
