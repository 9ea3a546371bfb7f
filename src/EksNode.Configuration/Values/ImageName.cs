namespace EksNode.Configuration.Values;

/// <summary>The name of a container image, with its registry: <c>registry.example.com:5000/team/app:1.2@sha256:…</c>.</summary>
public static class ImageName
{
    private const int DigestLength = 64;

    /// <summary>Reads a name. Grammar: distribution/reference; a name without a registry is Docker Hub's, as for a pod.</summary>
    public static ValueResult<string> Parse(string text)
    {
        const string Example = "Write it as a pod does: `registry.example.com/team/app:1.2`.";
        if (text.Contains("://", StringComparison.Ordinal))
        {
            return new ValueProblem($"The image {Quoted.Text(text)} has a scheme.", "Leave `https://` out.");
        }

        var at = text.IndexOf('@', StringComparison.Ordinal);
        var name = at < 0 ? text : text[..at];
        if (at >= 0 && !IsDigest(text.AsSpan(at + 1)))
        {
            return new ValueProblem($"The image {Quoted.Text(text)} has a bad digest.", "A digest is `sha256:` and 64 hexadecimal digits in lower case.");
        }

        var colon = name.LastIndexOf(':');
        var slash = name.LastIndexOf('/');
        var tag = colon > slash ? name[(colon + 1)..] : "latest";
        name = colon > slash ? name[..colon] : name;
        if (tag.Length is 0 or > 128 || tag[0] is '.' or '-' || !tag.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-'))
        {
            return new ValueProblem($"The image {Quoted.Text(text)} has a bad tag.", "A tag has letters, digits, `_`, `.` and `-`.");
        }

        var first = name.IndexOf('/', StringComparison.Ordinal);
        var hasRegistry = first > 0 && (name[..first].Contains('.', StringComparison.Ordinal) || name[..first].Contains(':', StringComparison.Ordinal) || name[..first] == "localhost");
        var path = hasRegistry ? name[(first + 1)..] : name;
        if (hasRegistry && !RegistryHost.IsHostAndPort(name[..first]))
        {
            return new ValueProblem($"The image {Quoted.Text(text)} has a bad registry.", Example);
        }

        return path.Length == 0 || path.Split('/').Any(p => p.Length == 0 || !char.IsAsciiLetterOrDigit(p[0]) || !char.IsAsciiLetterOrDigit(p[^1]))
            || !path.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '/' or '_' or '.' or '-')
            ? new ValueProblem($"{Quoted.Text(text)} is no name of an image.", path.Any(char.IsAsciiLetterUpper) ? "Write its path in lower case." : Example)
            : text;
    }

    /// <summary>The whole name, as a container runtime keeps it: with Docker Hub's registry and folder, and <c>latest</c>, where they are left out.</summary>
    /// <param name="name">A name that <see cref="Parse"/> takes.</param>
    public static string Whole(string name)
    {
        var first = name.IndexOf('/', StringComparison.Ordinal);
        var host = first < 0 ? "" : name[..first];
        var hasRegistry = host.Contains('.', StringComparison.Ordinal) || host.Contains(':', StringComparison.Ordinal) || host == "localhost";
        var whole = hasRegistry ? name : first < 0 ? "docker.io/library/" + name : "docker.io/" + name;
        return whole.Contains('@', StringComparison.Ordinal) || whole.LastIndexOf(':') > whole.LastIndexOf('/') ? whole : whole + ":latest";
    }

    private static bool IsDigest(ReadOnlySpan<char> text)
    {
        const string Algorithm = "sha256:";
        if (!text.StartsWith(Algorithm) || text.Length != Algorithm.Length + DigestLength)
        {
            return false;
        }

        foreach (var character in text[Algorithm.Length..])
        {
            if (!char.IsAsciiHexDigitLower(character))
            {
                return false;
            }
        }

        return true;
    }
}
