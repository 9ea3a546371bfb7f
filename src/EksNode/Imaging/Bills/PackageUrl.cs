using System.Globalization;
using System.Text;

namespace EksNode.Imaging.Bills;

/// <summary>A package URL (purl, ECMA-427): the name of a component that scanners look vulnerabilities up by.</summary>
/// <param name="type">The type and the namespace, separated by a slash: <c>deb/debian</c>, <c>generic</c>.</param>
/// <param name="name">The name.</param>
/// <param name="version">The version.</param>
internal sealed class PackageUrl(string type, string name, string version)
{
    private readonly SortedDictionary<string, string> qualifiers = new(StringComparer.Ordinal);

    /// <summary>Adds a qualifier, unless it is empty.</summary>
    public PackageUrl With(string key, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            qualifiers[key] = value;
        }

        return this;
    }

    /// <summary>The canonical form: <c>pkg:deb/debian/runc@1.1.5%2Bds1-1?arch=amd64</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("pkg:").Append(type).Append('/');
        Append(text, name, "");
        Append(text.Append('@'), version, "");
        var separator = '?';
        foreach (var (key, value) in qualifiers)
        {
            Append(text.Append(separator).Append(key).Append('='), value, "/");
            separator = '&';
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, string value, string alsoPlain)
    {
        foreach (var octet in Encoding.UTF8.GetBytes(value))
        {
            var letter = (char)octet;
            if (char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_' or '~' or ':' || alsoPlain.Contains(letter, StringComparison.Ordinal))
            {
                text.Append(letter);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
            }
        }
    }
}
