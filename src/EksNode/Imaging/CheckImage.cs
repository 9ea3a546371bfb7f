using System.Runtime.InteropServices;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;
using Architecture = EksNode.Configuration.ImageConfigs.Architecture;

namespace EksNode.Imaging;

/// <summary>The step before all others: what can be known before anything is changed.</summary>
internal static class CheckImage
{
    /// <summary>Whether programs of the image run on this machine.</summary>
    public static bool Runs(ImageApplyContext context) =>
        context.Image.Decisions.Architecture.Value == (RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? Architecture.Arm64 : Architecture.X86);

    /// <summary>Reports why the image cannot be built; false when it cannot.</summary>
    public static bool Passes(ImageApplyContext context)
    {
        var diagnostics = context.Run.Diagnostics;
        if (context.Programs.IsMachine && !context.Root.RunsAsRoot && !context.Request.DryRun)
        {
            diagnostics.Report(DiagnosticCatalogue.ImageBuildImpossible, "Only root can make this machine an image.", "Run it with sudo, or build into a folder with `--root`.");
        }

        if (!context.Programs.IsMachine && !context.Root.RunsAsRoot && !context.Image.Decisions.IsAmazonLinux)
        {
            diagnostics.Report(DiagnosticCatalogue.ImageBuildImpossible, "apt and dpkg run with a folder as their root, which only root can give them.", "Run it with sudo.");
        }

        CheckDistribution(context);
        foreach (var resource in context.Image.Plan.Resources)
        {
            if (resource is BinaryResource { Sha256: null } binary)
            {
                diagnostics.Add(new Diagnostic(
                    DiagnosticCatalogue.ChecksumUnknown.Code,
                    Severity.Error,
                    $"The checksum of {binary.Name} is not known, and what was not verified is not installed.",
                    $"Write the one that its publisher names under `spec.components.{binary.Name}.sha256`.",
                    binary.Reasons[0].Origin,
                    $"spec.components.{binary.Name}.sha256"));
            }
            else if (resource is OwnProgramResource && !Runs(context))
            {
                var word = ImageWords.Architectures.WordOf(context.Image.Decisions.Architecture.Value);
                diagnostics.Report(
                    DiagnosticCatalogue.ImageBuildImpossible,
                    $"The image is for {word}, and this eksnode, which would be copied into it, is not.",
                    $"Name the executable for {word} under `spec.files[\"{resource.Path}\"].source`, with `mode: \"0755\"`.",
                    context.Image.Decisions.Architecture.Origin,
                    "spec.architecture");
            }
        }

        CheckDrivers.Before(context);
        MakeInitialRamDisks.Check(context);
        return !diagnostics.HasErrors;
    }

    // The packages of one distribution in the root of another would install, and be wrong. A root that does not say what it is has none yet.
    private static void CheckDistribution(ImageApplyContext context)
    {
        var release = Host.Inventory.OsRelease.Of(context.Root);
        var distribution = context.Image.Decisions.Distribution;
        var wanted = context.Image.Decisions.IsAmazonLinux ? "amzn" : distribution.Value;
        if (release.TryGetValue("ID", out var id) && id != wanted)
        {
            context.Run.Diagnostics.Report(
                DiagnosticCatalogue.ImageBuildImpossible,
                $"The image is of {distribution.Value}, and the root is of {release.GetValueOrDefault("PRETTY_NAME", id)}.",
                "Correct `spec.base.distribution`, or take another root.",
                distribution.Origin,
                "spec.base.distribution");
        }
    }
}
