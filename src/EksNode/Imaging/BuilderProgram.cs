using System.Buffers.Binary;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Text;

namespace EksNode.Imaging;

/// <summary>The eksnode that a builder instance runs: it must be made for the processor of the image, which need not be this machine's.</summary>
internal static class BuilderProgram
{
    // elf(5): the magic number, and e_machine of the two processors.
    private const int MachineOffset = 18;
    private const int X86 = 62;
    private const int Arm64 = 183;

    private static ReadOnlySpan<byte> Magic => [0x7F, (byte)'E', (byte)'L', (byte)'F'];

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

        var machine = bytes.Length > MachineOffset + sizeof(ushort) && bytes.AsSpan().StartsWith(Magic) ? BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(MachineOffset)) : 0;
        if (machine == (architecture == Architecture.X86 ? X86 : Arm64))
        {
            return bytes;
        }

        var word = ImageWords.Architectures.WordOf(architecture);
        diagnostics.Report(
            DiagnosticCatalogue.NotForBuilder,
            machine is X86 or Arm64
                ? $"{(path is null ? "This eksnode" : $"`{path}`")} is for {ImageWords.Architectures.WordOf(machine == X86 ? Architecture.X86 : Architecture.Arm64)}, and the image for {word}."
                : $"`{file}` is no executable for {word}.",
            $"Name the executable of the same release for {word}: `--executable FILE`.");
        return null;
    }
}
