using EksNode.Configuration.Text;

namespace EksNode.Configuration.Sources;

/// <summary>Where a configuration comes from.</summary>
public enum SourceKind
{
    /// <summary>The user data of the instance, from IMDS.</summary>
    UserData,

    /// <summary>A file, or a folder of drop-ins.</summary>
    Path,

    /// <summary>Standard input.</summary>
    StandardInput,
}

/// <summary>A configuration source as named on the command line.</summary>
/// <param name="Kind">Where it comes from.</param>
/// <param name="Path">The path, absolute or relative to the working directory; empty unless <see cref="SourceKind.Path"/>.</param>
/// <param name="Name">How messages name it: <c>user-data</c>, the path, or <c>stdin</c>.</param>
public sealed record SourceUri(SourceKind Kind, string Path, string Name)
{
    /// <summary>The user data of the instance.</summary>
    public static SourceUri UserData { get; } = new(SourceKind.UserData, "", "user-data");

    /// <summary>Standard input.</summary>
    public static SourceUri StandardInput { get; } = new(SourceKind.StandardInput, "", "stdin");

    /// <summary>A file or folder.</summary>
    public static SourceUri OfPath(string path) => new(SourceKind.Path, path, path);

    /// <summary>
    /// Reads <c>imds://user-data</c> (anything after the scheme), <c>file://PATH</c> (the URL's host is the first part of a
    /// relative path, as nodeadm has it), a bare path, or <c>-</c>; null after an error.
    /// </summary>
    public static SourceUri? Parse(string text, DiagnosticBag diagnostics)
    {
        if (text == "-")
        {
            return StandardInput;
        }

        if (text.Contains(",imds://", StringComparison.Ordinal) || text.Contains(",file://", StringComparison.Ordinal))
        {
            return Unknown(diagnostics, "A configuration source is one URI or path, but a list was given.", "Give `-c` once for each source.");
        }

        var colon = text.IndexOf("://", StringComparison.Ordinal);
        var scheme = colon > 0 && char.IsAsciiLetter(text[0]) && text[..colon].All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '.')
            ? text[..colon].ToLowerInvariant()
            : "";
        switch (scheme)
        {
            case "imds":
                return UserData;
            case "file":
                return Path(Uri.UnescapeDataString(text[(colon + 3)..]), text, diagnostics);
            case "":
                return Path(text.StartsWith("file:/", StringComparison.Ordinal) ? Uri.UnescapeDataString(text["file:".Length..]) : text, text, diagnostics);
            default:
                return Unknown(
                    diagnostics,
                    $"A configuration source has the unknown scheme `{scheme}`.",
                    Suggestions.DidYouMean(scheme, ["imds", "file"], "Use `imds://user-data`, `file://PATH`, a path, or `-` for standard input."));
        }

        static SourceUri? Path(string path, string text, DiagnosticBag diagnostics) =>
            path.Length > 0 && !path.Contains('\0', StringComparison.Ordinal)
                ? OfPath(path)
                : Unknown(diagnostics, $"The configuration source `{text.Replace('\0', ' ')}` names no path.", "Use `file://PATH` or a path.");
    }

    private static SourceUri? Unknown(DiagnosticBag diagnostics, string message, string help)
    {
        diagnostics.Report(DiagnosticCatalogue.UnknownSource, message, help);
        return null;
    }
}
