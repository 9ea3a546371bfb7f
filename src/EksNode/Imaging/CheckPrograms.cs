using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Text;
using EksNode.Host.Facts;
using EksNode.Planning.Plans;

namespace EksNode.Imaging;

/// <summary>
/// Whether downloads are what the document says they are: a checksum that somebody wrote says which file it is, and not that the file is this program, of this version, for this processor.
/// </summary>
internal static class CheckPrograms
{
    /// <summary>Reports those that are not.</summary>
    public static async Task RunAsync(ImageApplyContext context, CancellationToken cancellation)
    {
        var wanted = ImageWords.Architectures.WordOf(context.Image.Decisions.Architecture.Value);
        foreach (var resource in context.Image.Plan.Resources)
        {
            if (resource is not BinaryResource program)
            {
                continue;
            }

            // Of the CNI plugins the one that every node uses.
            var path = program.Files[0].Path.EndsWith('/') ? program.Files[0].Path + "loopback" : program.Files[0].Path;
            if (context.Root.Status(path, followLink: true) is not { Size: > 0 })
            {
                Report(context, program, $"The download of {program.Name} has no {path}.");
            }
            else if (ProgramProcessor.Of(context.Root, path) is { } processor && processor != wanted)
            {
                Report(context, program, $"{path} is a program for {(processor == "another" ? "another processor" : processor)}, and the image is for {wanted}.");
            }
            else if (program is { Name: "kubelet", Version: { } version } && ProgramProcessor.Of(context.Root, path) == ProgramProcessor.Own)
            {
                // The configuration of every node follows from its version.
                var told = await context.Programs.InsideAsync(path, ["--version"], cancellation);
                if (!told.Succeeded || !told.Output.Split((char[]?)null).Contains("v" + version))
                {
                    Report(context, program, $"{path} should be {version}, and says `{(told.Succeeded ? told.Output.Trim() : told.Describe())}`.");
                }
            }
        }
    }

    private static void Report(ImageApplyContext context, BinaryResource program, string message) => context.Run.Diagnostics.Report(
        DiagnosticCatalogue.ImageComponentMissing,
        message,
        $"Correct source, version and checksum under `spec.components.{program.Name}`.",
        program.Reasons[0].Origin,
        "spec.components." + program.Name);
}
