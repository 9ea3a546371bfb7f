using System.Globalization;
using System.Text;

namespace EksNode.Host.Disks;

/// <summary>Names of units that stand for paths: what <c>systemd-escape --path</c> prints (systemd.unit(5), "String escaping").</summary>
public static class UnitName
{
    /// <summary>The name of a path's mount unit: <c>var-lib-containerd.mount</c>.</summary>
    /// <param name="path">The path, absolute and normalised.</param>
    public static string Mount(string path) => Escape(path) + ".mount";

    /// <summary>The escaped path without a suffix.</summary>
    /// <param name="path">The path, absolute and normalised.</param>
    public static string Escape(string path)
    {
        var bytes = Encoding.UTF8.GetBytes(path.Trim('/'));
        if (bytes.Length == 0)
        {
            return "-";
        }

        var name = new StringBuilder();
        for (var i = 0; i < bytes.Length; i++)
        {
            var letter = (char)bytes[i];
            if (letter == '/')
            {
                name.Append('-');
            }
            else if (char.IsAsciiLetterOrDigit(letter) || letter is ':' or '_' || (letter == '.' && i > 0))
            {
                name.Append(letter);
            }
            else
            {
                name.Append(CultureInfo.InvariantCulture, $"\\x{bytes[i]:x2}");
            }
        }

        return name.ToString();
    }
}
