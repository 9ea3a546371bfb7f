namespace EksNode.Configuration.Values;

/// <summary>A DNS domain name: labels of letters, digits and hyphens, 253 characters in all (RFC 1123).</summary>
public static class DomainName
{
    private const int LongestName = 253;
    private const int LongestLabel = 63;

    /// <summary>Reads a domain name; one dot at its end is accepted.</summary>
    public static ValueResult<string> Parse(string text) => Parse(text, allowUnderscore: false);

    /// <summary>
    /// Reads a search or routing domain of systemd-resolved: a domain name, also <c>~name</c> or <c>~.</c> (route only), with
    /// underscores allowed. Source: resolved.conf(5), Domains=.
    /// </summary>
    public static ValueResult<string> ParseSearchDomain(string text)
    {
        if (text == "~." || text == ".")
        {
            return text;
        }

        var name = text.StartsWith('~') ? text[1..] : text;
        return Parse(name, allowUnderscore: true).TryGet(out _, out var problem) ? text : problem;
    }

    private static ValueResult<string> Parse(string text, bool allowUnderscore)
    {
        var name = text.EndsWith('.') ? text[..^1] : text;
        if (name.Length == 0)
        {
            return new ValueProblem("A domain name is empty.", "Write a name such as `example.com`.");
        }

        if (text.Contains("://", StringComparison.Ordinal) || text.AsSpan().ContainsAny('/', ' ', ','))
        {
            return new ValueProblem(
                $"{Quoted.Text(text)} is not a domain name.",
                text.AsSpan().ContainsAny(' ', ',') ? "Write one name per list item." : "Write the name alone, without scheme or path.");
        }

        if (name.Length > LongestName)
        {
            return new ValueProblem(
                $"{Quoted.Text(text)} is not a domain name: it has {name.Length} characters.", $"A name has at most {LongestName} characters.");
        }

        foreach (var label in name.Split('.'))
        {
            if (LabelProblem(label, allowUnderscore) is { } why)
            {
                return new ValueProblem(
                    $"{Quoted.Text(text)} is not a domain name: {why}.", "Write labels of letters, digits and hyphens, separated by dots.");
            }
        }

        return text;
    }

    /// <summary>Whether the text is a DNS subdomain in lower case, as Kubernetes names demand.</summary>
    internal static bool IsLowerCaseSubdomain(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > LongestName || text.ContainsAnyInRange('A', 'Z'))
        {
            return false;
        }

        foreach (var range in text.Split('.'))
        {
            if (LabelProblem(text[range], allowUnderscore: false) is not null)
            {
                return false;
            }
        }

        return true;
    }

    private static string? LabelProblem(ReadOnlySpan<char> label, bool allowUnderscore)
    {
        if (label.IsEmpty)
        {
            return "it has an empty label";
        }

        if (label.Length > LongestLabel)
        {
            return $"a label has more than {LongestLabel} characters";
        }

        foreach (var character in label)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character != '-' && !(allowUnderscore && character == '_'))
            {
                return $"it has the character {Quoted.Text(character.ToString())}";
            }
        }

        return label[0] == '-' || label[^1] == '-' ? "a label begins or ends with a hyphen" : null;
    }
}
