namespace EksNode.Configuration.Values;

/// <summary>Where a component of an image is taken from.</summary>
public static class DownloadUrl
{
    /// <summary>From the packages of the distribution.</summary>
    public const string Package = "package";

    /// <summary>From the publisher of the component.</summary>
    public const string Upstream = "upstream";

    private const int Sha256Digits = 64;

    /// <summary>Reads a source: one of the two words, or an https or file URL.</summary>
    public static ValueResult<string> ParseSource(string text) => text is Package or Upstream
        ? text
        : Parse(text, plain: false, "Write `package`, `upstream`, or a URL that begins with `https://` or `file:///`.");

    /// <summary>Reads the address of one file: an https or file URL.</summary>
    public static ValueResult<string> ParseFile(string text) => Parse(text, plain: false, "Write a URL that begins with `https://` or `file:///`.");

    /// <summary>Reads the address of a mirror.</summary>
    public static ValueResult<string> ParseMirror(string text) =>
        Parse(text.TrimEnd('/'), plain: true, "Write a URL that begins with `https://`, `http://` or `file:///`; host and path of the publisher follow it.");

    /// <summary>Reads a SHA-256 sum: 64 hexadecimal digits.</summary>
    public static ValueResult<string> ParseSha256(string text)
    {
        var digits = text.StartsWith("sha256:", StringComparison.Ordinal) ? text["sha256:".Length..] : text;
        return digits.Length == Sha256Digits && digits.All(char.IsAsciiHexDigit)
            ? digits.ToLowerInvariant()
            : new ValueProblem($"{Quoted.Text(text)} is no SHA-256 sum.", "It has 64 hexadecimal digits, as `sha256sum FILE` prints them.");
    }

    // A mirror may be a plain server of the own network: what comes from it is checked all the same.
    private static ValueResult<string> Parse(string text, bool plain, string help)
    {
        var isFile = text.StartsWith("file:///", StringComparison.Ordinal);
        if (!isFile && !text.StartsWith("https://", StringComparison.Ordinal) && !(plain && text.StartsWith("http://", StringComparison.Ordinal)))
        {
            return new ValueProblem($"{Quoted.Text(text)} is no place to download from.", help);
        }

        return !Uri.TryCreate(text, UriKind.Absolute, out var url) || text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) || (!isFile && url.Host.Length == 0)
            ? new ValueProblem($"{Quoted.Text(text)} is no URL.", help)
            : url.Query.Length > 0 || url.Fragment.Length > 0
                ? new ValueProblem("The URL has a query, which often holds a signature and would stand in the lock of the image.", "Write the address without `?` and what follows it.")
            : url.UserInfo.Length > 0
                ? new ValueProblem("The URL has a user name or a password, which would stand in the lock of the image.", "Leave them out: give the builder access by its network or its role.")
                : text;
    }
}
