namespace EksNode.Tools.Versions;

/// <summary>
/// What publishers put beside their releases: the SHA-256 alone (dl.k8s.io), or lines of sha256sum(1), for one file or several, within an OpenPGP signature or not (runc).
/// </summary>
public static class ChecksumFile
{
    private const int Sha256Digits = 64;

    /// <summary>The checksum of a file; null when the text does not have exactly one.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">The name of the file.</param>
    public static string? Find(string text, string file)
    {
        var alone = text.Trim();
        if (IsSha256(alone))
        {
            return alone;
        }

        string? found = null;
        foreach (var line in text.Split('\n'))
        {
            // sha256sum writes two spaces, or a space and a star.
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length != 2 || words[1].TrimStart('*') is not { } path || path[(path.LastIndexOf('/') + 1)..] != file || !IsSha256(words[0]))
            {
                continue;
            }

            if (found is not null && found != words[0])
            {
                return null;
            }

            found = words[0];
        }

        return found;
    }

    /// <summary>Whether a word is a SHA-256 in lower-case hexadecimal digits.</summary>
    public static bool IsSha256(string word) => word.Length == Sha256Digits && word.All(char.IsAsciiHexDigitLower);
}
