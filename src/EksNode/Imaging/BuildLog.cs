using System.Globalization;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Logging;

namespace EksNode.Imaging;

/// <summary>
/// The log of a build: to where the command logs, and whole, at every level but trace, into a file of the image. That file is written at the end of each step
/// that changed something, below what earlier builds wrote: a build that changes nothing leaves it as it is.
/// </summary>
/// <param name="below">Where the command logs.</param>
/// <param name="root">The root of the image.</param>
/// <param name="clock">The time of each line.</param>
/// <param name="redactor">Takes secrets out.</param>
internal sealed class BuildLog(ILog below, HostRoot root, TimeProvider clock, Redactor redactor) : ILog
{
    /// <summary>The file, in the image.</summary>
    public const string FilePath = "/var/log/eksnode/image-apply.log";

    // Package managers say a line or two for each of some hundred packages.
    private const int MostBytes = 16 << 20;
    private const int Mode = 0x180; // 0600

    private static readonly string[] Folders = ["/var/log", "/var/log/eksnode"];

    private readonly StringBuilder lines = new();
    private readonly Lock gate = new();
    private byte[]? earlier;

    /// <inheritdoc/>
    public bool Writes(LogLevel level) => level > LogLevel.Trace || below.Writes(level);

    /// <inheritdoc/>
    public void Write(LogLevel level, string message, params ReadOnlySpan<(string Name, string Value)> fields)
    {
        below.Write(level, message, fields);
        if (level == LogLevel.Trace)
        {
            return;
        }

        var line = new StringBuilder();
        line.Append(clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)).Append(' ').Append(level.ToString().ToLowerInvariant()).Append(' ').Append(message);
        foreach (var (name, value) in fields)
        {
            line.Append(' ').Append(name).Append('=').Append(Redactor.IsSecretName(name) ? Secret.Redacted : value);
        }

        var text = redactor.Redact(line.ToString()).ReplaceLineEndings(" ");
        lock (gate)
        {
            lines.Append(text).Append('\n');
        }
    }

    /// <summary>Writes the file.</summary>
    /// <exception cref="DiagnosticException">It cannot be written.</exception>
    public void Keep()
    {
        if (earlier is null)
        {
            // One that cannot be kept on is begun anew.
            earlier = root.Status(FilePath, followLink: true) is { Kind: FileKind.File, Size: < MostBytes } ? root.ReadFile(FilePath, MostBytes) ?? [] : [];
        }

        byte[] content;
        lock (gate)
        {
            content = [.. earlier, .. Encoding.UTF8.GetBytes(lines.ToString())];
        }

        var transaction = new FileTransaction(root);
        foreach (var folder in Folders)
        {
            foreach (var name in root.List(folder) ?? [])
            {
                // What a build left that was killed while it wrote this file.
                if (name.StartsWith(".image-apply.log", StringComparison.Ordinal))
                {
                    transaction.Remove($"{folder}/{name}");
                }
            }
        }

        transaction.Write(FilePath, content, Mode);
        transaction.Stage();
        transaction.Commit();
    }
}
