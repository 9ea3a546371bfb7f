using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Text;
using EksNode.Host.Facts;

namespace EksNode.Imaging;

/// <summary>The eksnode that a builder instance runs: it must be made for the processor of the image, which need not be this machine's.</summary>
internal static class BuilderProgram
{
    /// <summary>Reads it; null after an error, which is reported.</summary>
    /// <param name="io">The process.</param>
    /// <param name="path">The file; null: this program itself.</param>
    /// <param name="architecture">The processor of the image.</param>
    /// <param name="diagnostics">Where to report.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static async Task<byte[]?> ReadAsync(CommandIo io, string? path, Architecture architecture, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var file = path ?? Environment.ProcessPath!;
        var read = await new BoundedInput(io).ReadFileAsync(file, cancellation);
        if (read.Bytes is not { } bytes)
        {
            diagnostics.Report(
                DiagnosticCatalogue.SourceUnreadable,
                $"`{file}` cannot be read: {read.Problem}.",
                "Name the executable of eksnode for the processor of the image: `--executable FILE`.");
            return null;
        }

        var word = ImageWords.Architectures.WordOf(architecture);
        var processor = ProgramProcessor.Of(bytes);
        if (processor == word)
        {
            return bytes;
        }

        diagnostics.Report(
            DiagnosticCatalogue.NotForBuilder,
            processor is null or "another"
                ? $"`{file}` is no executable for {word}."
                : $"{(path is null ? "This eksnode" : $"`{path}`")} is for {processor}, and the image for {word}.",
            $"Name the executable of the same release for {word}: `--executable FILE`.");
        return null;
    }
}
