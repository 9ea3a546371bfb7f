using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EksNode.Imaging.Bills;
using EksNode.Rendering;

namespace EksNode.Commands;

/// <summary><c>eksnode image sbom</c>: the bill of materials of an image, in the forms that scanners read.</summary>
internal static class ImageSbomCommand
{
    private const string Spdx = "spdx";
    private const string CycloneDx = "cyclonedx";

    private const UnixFileMode EverybodyReads = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The command.</summary>
    public static Command Build(CommandIo io)
    {
        var options = new CommonOptions();
        var format = new Option<string>("--format") { Description = "The form: spdx (2.3) or cyclonedx (1.6), both as JSON", HelpName = "FORMAT", DefaultValueFactory = _ => Spdx };
        format.AcceptOnlyFromAmong(Spdx, CycloneDx);
        var file = new Option<string?>("--output-file", "-o") { Description = "Write it to this file, and not to standard output", HelpName = "FILE" };
        var command = new Command("sbom", "Writes the bill of materials of an image: packages, downloads with their checksums, container images")
        {
            format, file, options.Root, options.Level, options.Format,
        };
        command.SetAction((parsed, cancellation) => CommandRun.RunAsync(
            parsed,
            options,
            io,
            async (run, pipeline, cancel) =>
            {
                if (await new BillReader(pipeline.Root, run, io).ReadAsync(cancel) is not { } bill)
                {
                    return new CommandResult(ExitCode.Failed);
                }

                var text = Text(bill, parsed.GetValue(format)!);
                if (parsed.GetValue(file) is { } path)
                {
                    try
                    {
                        await OwnerFile.WriteAsync(path, text, cancel, EverybodyReads);
                    }
                    catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
                    {
                        run.Diagnostics.Add(CommandLine.FileUnwritable(path, failure));
                    }

                    return new CommandResult(ExitCode.Done);
                }

                return new CommandResult(ExitCode.Done) { WriteWhole = writer => writer.Write(text) };
            },
            cancellation));
        return command;
    }

    private static string Text(BillOfMaterials bill, string format)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            if (format == Spdx)
            {
                SpdxJson.Write(json, bill);
            }
            else
            {
                CycloneDxJson.Write(json, bill);
            }
        }

        stream.WriteByte((byte)'\n');
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
