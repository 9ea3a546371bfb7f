using System.Globalization;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>The dotted path of a setting, as diagnostics name it: <c>spec.kubelet.config.evictionHard["memory.available"]</c>.</summary>
public static class SettingPath
{
    private static readonly Redactor Forms = new();

    /// <summary>
    /// The path of a key below a path; a key that is no plain word is quoted, on one line and without what looks like a secret
    /// (<c>HTTP_PROXY=http://user:password@host</c> may stand where a name belongs).
    /// </summary>
    public static string Child(string path, string key)
    {
        var plain = key.Length > 0;
        foreach (var character in key)
        {
            plain &= char.IsAsciiLetterOrDigit(character) || character is '_' or '-';
        }

        if (plain)
        {
            return path.Length == 0 ? key : $"{path}.{key}";
        }

        var equals = key.IndexOf('=', StringComparison.Ordinal);
        var name = Forms.Redact(equals < 0 ? key : key[..equals]);
        return $"{path}[\"{string.Join(' ', name.Split(['\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries))}\"]";
    }

    /// <summary>The path of an item of a list, counted from 0.</summary>
    public static string Item(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");
}
