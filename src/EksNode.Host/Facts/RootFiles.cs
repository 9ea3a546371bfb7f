using System.Globalization;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Files;

namespace EksNode.Host.Facts;

/// <summary>Reads small files of <c>/proc</c> and <c>/sys</c> below a root. What cannot be read is reported and missing.</summary>
/// <param name="root">The root.</param>
/// <param name="diagnostics">Where to report.</param>
internal sealed class RootFiles(HostRoot root, DiagnosticBag diagnostics)
{
    /// <summary>The text of a file without white space around it; null when it is not there, is empty or cannot be read.</summary>
    public string? Text(string path) => Guarded(path, () => root.ReadFile(path)) is { } bytes
        && Encoding.UTF8.GetString(bytes).Trim() is { Length: > 0 } text
        ? text
        : null;

    /// <summary>The names in a directory; null when it is not there or cannot be read.</summary>
    public IReadOnlyList<string>? List(string path) => Guarded(path, () => root.List(path));

    /// <summary>Whether something is at a path, links followed.</summary>
    public bool Exists(string path) => Guarded(path, () => root.Status(path, followLink: true)) is not null;

    /// <summary>Reports that a file has an unexpected form.</summary>
    public void Unexpected(string path, string what) => diagnostics.Report(
        DiagnosticCatalogue.HostFactUnreadable,
        $"{path} {what}.",
        "The fact is taken from elsewhere, or give it in a facts file.",
        Origin.Fact(path),
        path);

    /// <summary>A number of a file with a prefix <c>0x</c>, as <c>/sys</c> writes ids: <c>0x10de</c> is <c>10de</c>.</summary>
    public string? HexadecimalId(string path, int digits) =>
        Text(path) is { } text
        && text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        && long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            ? number.ToString("x" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
            : null;

    private T? Guarded<T>(string path, Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (DiagnosticException exception)
        {
            // Devices come and go while they are listed; what is missing is missing, with the reason.
            Unexpected(path, $"cannot be read ({exception.Diagnostic.Message.TrimEnd('.')})");
            return null;
        }
    }
}
